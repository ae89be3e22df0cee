import { type Bytes, concat, fromHex, toHex, utf8 } from '../base/bytes.ts'
import { fromBase45, toBase45 } from './base45.ts'
import type { PublicJwk, Sha256 } from './jwk.ts'
import { compressPoint, decompressPoint } from './p256.ts'
import type { CodeFault } from './voucher-code.ts'

/*
 * The offline capsule (section 6 of the credentials' design), big-endian throughout.
 *
 *   the pass, 126 octets, by the issuer      the showing, 71, 81 or 97 octets, by the device
 *     0  1  type, 2                            126  1  purpose; 0x10 is added with a challenge
 *     1  1  version (high 4 bits), tier        127  4  time, seconds
 *     2  2  node                               131  2  counter
 *     4  1  tag of the issuer's key            133  4  merchant, and
 *     5  4  status: list (15 bits), index (17) 137  6  challenge: with a challenge only
 *     9  4  valid until, seconds               143 16  voucher handle: for value only
 *    13 33  holder key, compressed                 64  signature
 *    46  8  masked name, UTF-8, zero-padded
 *    54  8  photo hash
 *    62 64  signature
 *
 * 197 octets for identity or a discount, 207 with a challenge, 223 for value.
 */

export type Pass = Readonly<{
  /** Of the trust list: 0 to 65535. */
  node: number
  /** The first octet of the issuer key's thumbprint: it picks among the node's keys. */
  keyTag: number
  /** Number of the node's status list, 0 to 32767, and index in it, below 2^17. */
  statusList: number
  statusIndex: number
  /** Seconds since 1970; 72 hours ahead at most. */
  validUntilSeconds: number
  /** 0 to 15, as the union's programmes number them. */
  tier: number
  holderKey: PublicJwk
  /** Of `capsuleName`: at most 8 octets. */
  maskedName: string
  /** The first 8 octets of `photo_digest`, 16 hexadecimal digits; zeros without a portrait. */
  photoHash: string
}>

/** What a merchant's terminal shows for the holder to sign. */
export type Challenge = Readonly<{
  /** Of `merchantTag`: 8 hexadecimal digits. */
  merchant: string
  /** Random, for one showing: 12 hexadecimal digits. */
  nonce: string
}>

export type Purpose = 'identity' | 'discount' | 'value'

/** What the device says as it shows the pass. For value there is always a challenge. */
export type Showing = Readonly<
  {
    /** Of the holder's corrected clock. Seconds since 1970. */
    timeSeconds: number
    /** One more each time, 0 to 65535 and round again. */
    counter: number
  } & (
    | { purpose: 'identity' | 'discount'; challenge: Challenge | undefined; voucher: undefined }
    /** `voucher`: the handle, 32 hexadecimal digits */
    | { purpose: 'value'; challenge: Challenge; voucher: string }
  )
>

/** A capsule as it was read; neither signature is checked. */
export type Capsule = Readonly<{
  pass: Pass
  showing: Showing
  passSignature: Bytes
  /** The octets that the issuer signed. */
  passSigned: Bytes
  showingSignature: Bytes
  /** The octets that the device signed: the whole pass is among them. */
  showingSigned: Bytes
}>

const capsuleType = 2
const version = 1
const passLength = 62
const signatureLength = 64
const showingAt = passLength + signatureLength
const nameLength = 8
const indexBits = 17
const prefix = 'SY1:'
const passContext = utf8('symbolon/pass/1\0')
const showingContext = utf8('symbolon/capsule/1\0')
const purposes = { identity: 1, discount: 2, value: 3 } as const
const challenged = 0x10

/** The octets that an issuer signs for a pass. TypeError when a field is out of range. */
export function passOctets(pass: Pass): Bytes {
  return concat(passContext, passHead(pass))
}

/** The issuer's half: 126 octets, for the wallet to keep. */
export function encodePass(pass: Pass, signature: Uint8Array): Bytes {
  return concat(passHead(pass), checkSignature(signature))
}

/** The octets that a device signs to show a pass (its 126 octets). TypeError as above. */
export function showingOctets(pass: Uint8Array, showing: Showing): Bytes {
  if (pass.length !== showingAt) throw new TypeError('a pass has 126 octets')
  return concat(showingContext, pass, showingHead(showing))
}

/** The whole capsule: 197, 207 or 223 octets. */
export function encodeCapsule(pass: Uint8Array, showing: Showing, signature: Uint8Array): Bytes {
  if (pass.length !== showingAt) throw new TypeError('a pass has 126 octets')
  return concat(pass, showingHead(showing), checkSignature(signature))
}

/** Reads the octets of a capsule strictly: there is one spelling of each. */
export function decodeCapsule(bytes: Uint8Array): Capsule | CodeFault {
  if (bytes.length < 2) return 'malformed'
  if (bytes[0] !== capsuleType || (bytes[1] ?? 0) >> 4 !== version) return 'unsupported'
  const end = bytes.length - signatureLength
  if (end <= showingAt) return 'malformed'
  const pass = decodePass(bytes.subarray(0, passLength))
  const showing = decodeShowing(bytes.subarray(showingAt, end))
  if (pass === undefined || showing === undefined) return 'malformed'
  return {
    pass,
    showing,
    passSignature: new Uint8Array(bytes.subarray(passLength, showingAt)),
    passSigned: concat(passContext, bytes.subarray(0, passLength)),
    showingSignature: new Uint8Array(bytes.subarray(end)),
    showingSigned: concat(showingContext, bytes.subarray(0, end)),
  }
}

/** The text in the QR code: `SY1:` and Base45; 300 to 339 letters, version 10 or 11. */
export function capsuleText(bytes: Uint8Array): string {
  return prefix + toBase45(bytes)
}

/** Reads what a scanner returned. Surrounding white space is not part of a capsule. */
export function readCapsuleText(text: string): Capsule | CodeFault {
  const trimmed = text.replaceAll(/^[\t\r\n]+|[\t\r\n]+$/g, '')
  if (/^SY[02-9]/.test(trimmed)) return 'unsupported'
  if (!trimmed.startsWith(prefix) || trimmed.length > 400) return 'malformed'
  const bytes = fromBase45(trimmed.slice(prefix.length))
  return bytes ? decodeCapsule(bytes) : 'malformed'
}

/** Cuts a masked name to 8 octets, at a letter, and keeps the asterisks that it ends with. */
export function capsuleName(maskedName: string): string {
  const [, name = '', stars = ''] = /^(.*?)(\*{0,2})$/su.exec(maskedName) ?? []
  let cut = ''
  for (const letter of name) {
    if (utf8(cut + letter + stars).length > nameLength) break
    cut += letter
  }
  return cut + stars
}

/** Stands for a merchant or store in a challenge: 8 hexadecimal digits of SHA-256 of its id. */
export function merchantTag(sha256: Sha256, id: string): string {
  return toHex(sha256(utf8(id)).subarray(0, 4))
}

function passHead(pass: Pass): Bytes {
  const bytes = new Uint8Array(passLength)
  const view = new DataView(bytes.buffer)
  const name = utf8(pass.maskedName)
  if (name.length > nameLength || !isName(pass.maskedName)) throw new TypeError('no such name')
  view.setUint8(0, capsuleType)
  view.setUint8(1, (version << 4) | within(pass.tier, 4))
  view.setUint16(2, within(pass.node, 16))
  view.setUint8(4, within(pass.keyTag, 8))
  const index = within(pass.statusIndex, indexBits)
  view.setUint32(5, within(pass.statusList, 32 - indexBits) * 2 ** indexBits + index)
  view.setUint32(9, within(pass.validUntilSeconds, 32))
  bytes.set(compressPoint(pass.holderKey), 13)
  bytes.set(name, 46)
  bytes.set(octets(pass.photoHash, 8), 54)
  return bytes
}

function decodePass(bytes: Uint8Array): Pass | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const holderKey = decompressPoint(bytes.subarray(13, 46))
  const maskedName = decodeName(bytes.subarray(46, 54))
  if (holderKey === undefined || maskedName === undefined) return undefined
  const status = view.getUint32(5)
  return {
    node: view.getUint16(2),
    keyTag: view.getUint8(4),
    statusList: Math.floor(status / 2 ** indexBits),
    statusIndex: status % 2 ** indexBits,
    validUntilSeconds: view.getUint32(9),
    tier: view.getUint8(1) & 0x0f,
    holderKey,
    maskedName,
    photoHash: toHex(bytes.subarray(54)),
  }
}

function showingHead({ purpose, timeSeconds, counter, challenge, voucher }: Showing): Bytes {
  const head = new Uint8Array(7)
  const view = new DataView(head.buffer)
  view.setUint8(0, purposes[purpose] + (challenge ? challenged : 0))
  view.setUint32(1, within(timeSeconds, 32))
  view.setUint16(5, within(counter, 16))
  if (purpose === 'value' && challenge === undefined) throw new TypeError('no challenge')
  return concat(
    head,
    challenge
      ? concat(octets(challenge.merchant, 4), octets(challenge.nonce, 6))
      : new Uint8Array(),
    voucher === undefined ? new Uint8Array() : octets(voucher, 16),
  )
}

function decodeShowing(bytes: Uint8Array): Showing | undefined {
  const kind = bytes[0] ?? 0
  const length = kind === 0x13 ? 33 : kind >= challenged ? 17 : 7
  if (![0x01, 0x02, 0x11, 0x12, 0x13].includes(kind) || bytes.length !== length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const said = { timeSeconds: view.getUint32(1), counter: view.getUint16(5) }
  const hex = (from: number, to: number) => toHex(bytes.subarray(from, to))
  const challenge = { merchant: hex(7, 11), nonce: hex(11, 17) }
  if (kind === 0x13) return { ...said, purpose: 'value', challenge, voucher: hex(17, 33) }
  const purpose = (kind & 0x0f) === purposes.identity ? 'identity' : 'discount'
  const given = kind >= challenged ? challenge : undefined
  return { ...said, purpose, challenge: given, voucher: undefined }
}

function decodeName(bytes: Uint8Array): string | undefined {
  const end = bytes.indexOf(0)
  const used = end < 0 ? bytes : bytes.subarray(0, end)
  if (bytes.subarray(used.length).some((octet) => octet !== 0)) return undefined
  try {
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(used)
    return isName(name) ? name : undefined
  } catch {
    return undefined
  }
}

/** Nothing that could play tricks on a screen: no controls, no marks of direction. */
function isName(name: string): boolean {
  return name.isWellFormed() && !/[\p{Cc}\p{Cf}]/u.test(name)
}

function octets(hex: string, length: number): Bytes {
  const bytes = fromHex(hex)
  if (bytes?.length !== length) throw new TypeError(`not ${2 * length} hexadecimal digits`)
  return bytes
}

function within(value: number, bits: number): number {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new TypeError(`not a number of ${bits} bits`)
  }
  return value
}

function checkSignature(signature: Uint8Array): Uint8Array {
  if (signature.length !== signatureLength) throw new TypeError('a signature has 64 octets')
  return signature
}
