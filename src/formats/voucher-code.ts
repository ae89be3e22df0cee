import { type Bytes, concat, fromHex, toHex, utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { fromBase45, toBase45 } from './base45.ts'

/** How long one code is the current one. */
export const stepSeconds = 30

const codeType = 1
const headLength = 25
const signatureLength = 64
const prefix = 'SY1:'
const context = utf8('symbolon/code/1\0')

/** What a voucher code says; the signature is the device's. */
export interface VoucherCode {
  /** Where the voucher lives: 0 to 65535. */
  readonly node: number
  /** The voucher's handle: 32 hexadecimal digits. */
  readonly voucher: string
  /** Which of the member's keys signed: the first two octets of its thumbprint. */
  readonly keyTag: number
  /** Thirty-second step of server-corrected time. */
  readonly step: number
}

export interface SignedVoucherCode extends VoucherCode {
  /** ES256, r || s. */
  readonly signature: Bytes
  /** The octets that it covers. */
  readonly signed: Bytes
}

/** Why octets are no code. */
export type CodeFault = 'malformed' | 'unsupported'

/** The step that `now` falls in. */
export function stepAt(now: Instant): number {
  return Math.floor(now / (stepSeconds * 1000))
}

/** The octets that a device signs for a code. */
export function signedOctets(code: VoucherCode): Bytes {
  return concat(context, head(code))
}

/** 89 octets: 25 of content and the signature (64 octets, r || s). */
export function encodeVoucherCode(code: VoucherCode, signature: Uint8Array): Bytes {
  if (signature.length !== signatureLength) throw new TypeError('a signature has 64 octets')
  return concat(head(code), signature)
}

/** Reads the 89 octets. The signature is not checked here. */
export function decodeVoucherCode(bytes: Uint8Array): SignedVoucherCode | CodeFault {
  if (bytes.length === 0) return 'malformed'
  if (bytes[0] !== codeType) return 'unsupported'
  if (bytes.length !== headLength + signatureLength) return 'malformed'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return {
    node: view.getUint16(1),
    voucher: toHex(bytes.subarray(3, 19)),
    keyTag: view.getUint16(19),
    step: view.getUint32(21),
    signature: new Uint8Array(bytes.subarray(headLength)),
    signed: concat(context, bytes.subarray(0, headLength)),
  }
}

/** The text in the QR code: `SY1:` and Base45, all of it in QR's alphanumeric alphabet. */
export function codeText(bytes: Uint8Array): string {
  return prefix + toBase45(bytes)
}

/** Reads what a scanner returned. Surrounding white space is not part of a code. */
export function readCodeText(text: string): SignedVoucherCode | CodeFault {
  const trimmed = text.replaceAll(/^[\t\r\n]+|[\t\r\n]+$/g, '')
  if (/^SY[02-9]/.test(trimmed)) return 'unsupported'
  if (!trimmed.startsWith(prefix) || trimmed.length > 200) return 'malformed'
  const bytes = fromBase45(trimmed.slice(prefix.length))
  return bytes ? decodeVoucherCode(bytes) : 'malformed'
}

function head({ node, voucher, keyTag, step }: VoucherCode): Bytes {
  const handle = fromHex(voucher)
  if (handle?.length !== 16) throw new TypeError('a voucher handle has 32 hexadecimal digits')
  const bytes = new Uint8Array(headLength)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, codeType)
  view.setUint16(1, node)
  bytes.set(handle, 3)
  view.setUint16(19, keyTag)
  view.setUint32(21, step)
  return bytes
}
