import { type Bytes, fromBase64url, toBase64url } from '../base/bytes.ts'
import { FormatError } from './error.ts'
import { isObject, type Json, type JsonObject, member } from './json.ts'
import type { PublicJwk } from './jwk.ts'
import { type JwsHeader, maxTokenLength, parseJws, type VerifyEs256, verifyJws } from './jws.ts'
import { type Clock, checkTimes, numericDate } from './token-times.ts'

/**
 * Inflates ZLIB data (RFC 1950), handed in. It must stop as soon as more than `maxBytes` come out,
 * and throw then, as for octets that are no ZLIB data. (Node: `maxOutputLength`.)
 */
export type Inflate = (bytes: Bytes, maxBytes: number) => Uint8Array | Promise<Uint8Array>

/** Deflates into ZLIB data, at the highest level; handed in. */
export type Deflate = (bytes: Bytes) => Uint8Array | Promise<Uint8Array>

export type StatusBits = 1 | 2 | 4 | 8

/** The statuses of many credentials, unpacked from ZLIB but still packed in bits. */
export type StatusList = Readonly<{ bits: StatusBits; octets: Bytes }>

/** Where a credential's status stands (Token Status List draft-20 section 6.2). */
export type StatusReference = Readonly<{ uri: string; index: number }>

/** What a list's token says beside the list. */
export type StatusListToken = Readonly<{
  /** The list's address, which is also the `sub`. */
  uri: string
  issuedSeconds: number
  /** The list says nothing from then on. */
  expiresSeconds: number | undefined
  /** For how many seconds it may be used before a fresh one should be fetched. */
  ttlSeconds: number | undefined
  aggregationUri: string | undefined
  list: StatusList
}>

/** Token Status List draft-20 section 7.1. */
export const statusValue = { valid: 0, revoked: 1, suspended: 2 } as const

/** `typ` of the token (draft-20 section 5.1). */
export const statusListType = 'statuslist+jwt'

/** The most octets that a list may have once inflated: 2^20 statuses of 8 bits. */
const maxListLength = 2 ** 20

/** A list of `size` statuses, all of them 0. `size` is a multiple of 8. TypeError otherwise. */
export function newStatusList(bits: StatusBits, size: number): StatusList {
  const length = (size * bits) / 8
  if (!Number.isInteger(size / 8) || length < 1 || length > maxListLength) {
    throw new TypeError('no such list')
  }
  return { bits, octets: new Uint8Array(length) }
}

/** How many statuses the list has. */
export function statusListSize({ bits, octets }: StatusList): number {
  return (octets.length * 8) / bits
}

/**
 * The status at an index from 0 (draft-20 section 4.1: the lowest bits of an octet come first).
 * Throws FormatError STATUS_INDEX_OUT_OF_RANGE.
 */
export function readStatus({ bits, octets }: StatusList, index: number): number {
  const octet = Number.isSafeInteger(index) ? octets[Math.floor((index * bits) / 8)] : undefined
  if (octet === undefined) {
    throw new FormatError('STATUS_INDEX_OUT_OF_RANGE', 'status list has no such index')
  }
  return (octet >> ((index * bits) % 8)) & (2 ** bits - 1)
}

/** Sets the status at an index, in place. TypeError when index or value is out of range. */
export function writeStatus({ bits, octets }: StatusList, index: number, value: number): void {
  const at = Math.floor((index * bits) / 8)
  const octet = Number.isSafeInteger(index) ? octets[at] : undefined
  const mask = 2 ** bits - 1
  if (octet === undefined) throw new TypeError('no such index')
  if (!Number.isInteger(value) || value < 0 || value > mask) throw new TypeError('no such status')
  const shift = (index * bits) % 8
  octets[at] = (octet & ~(mask << shift)) | (value << shift)
}

/** The payload of a status list token (draft-20 section 5.1). Times in seconds. */
export async function makeStatusListPayload(
  deflate: Deflate,
  token: StatusListToken,
): Promise<JsonObject> {
  const { uri, issuedSeconds, expiresSeconds, ttlSeconds, aggregationUri, list } = token
  return {
    sub: uri,
    iat: issuedSeconds,
    ...(expiresSeconds !== undefined && { exp: expiresSeconds }),
    ...(ttlSeconds !== undefined && { ttl: ttlSeconds }),
    status_list: {
      bits: list.bits,
      lst: toBase64url(await deflate(list.octets)),
      ...(aggregationUri !== undefined && { aggregation_uri: aggregationUri }),
    },
  }
}

/** What a status list token is checked against. Nothing is optional. */
export type StatusListPolicy = Readonly<{
  /** The address that the credential names; `sub` must be equal to it. */
  uri: string
  clock: Clock
  /** Answers the key of the list's signer, or throws: it must be of the credential's issuer. */
  trust: (header: JwsHeader, payload: JsonObject) => PublicJwk | Promise<PublicJwk>
}>

/**
 * Verifies a status list token (draft-20 section 8.3, steps 3 to 5): header, signer, signature,
 * `sub`, times, and the list inflated to at most 1 MiB. Throws FormatError TOO_LARGE, JWS_*,
 * JSON_*, TOKEN_*, CLAIM_MALFORMED, STATUS_LIST_SUBJECT, STATUS_LIST_MALFORMED, or what `trust`
 * throws.
 */
export async function verifyStatusList(
  given: Readonly<{ verifyEs256: VerifyEs256; inflate: Inflate }>,
  compact: string,
  policy: StatusListPolicy,
): Promise<StatusListToken> {
  const shape = {
    types: [statusListType],
    algorithms: ['ES256'],
    maxLength: maxTokenLength,
  } as const
  const { header, payload, ...jws } = parseJws(compact, shape)
  const key = await policy.trust(header, payload)
  await verifyJws(given.verifyEs256, { header, payload, ...jws }, key)
  return readStatusListPayload(given.inflate, payload, policy)
}

/** Reads the payload of a status list token whose signature holds. See `verifyStatusList`. */
export async function readStatusListPayload(
  inflate: Inflate,
  payload: JsonObject,
  { uri, clock }: Readonly<{ uri: string; clock: Clock }>,
): Promise<StatusListToken> {
  if (member(payload, 'sub') !== uri) {
    throw new FormatError('STATUS_LIST_SUBJECT', 'status list is another one than was asked for')
  }
  checkTimes(payload, clock)
  const [issuedSeconds, expiresSeconds, ttlSeconds] = ['iat', 'exp', 'ttl'].map((name) =>
    numericDate(payload, name),
  )
  if (issuedSeconds === undefined || ttlSeconds === 0) {
    throw new FormatError('CLAIM_MALFORMED', 'status list has no iat, or a ttl of 0')
  }
  const value = member(payload, 'status_list')
  const aggregationUri = isObject(value) ? member(value, 'aggregation_uri') : undefined
  if (aggregationUri !== undefined && typeof aggregationUri !== 'string') {
    throw malformed('aggregation_uri is not a text')
  }
  const list = await readStatusList(inflate, value)
  return { uri, issuedSeconds, expiresSeconds, ttlSeconds, aggregationUri, list }
}

/** Reads `{bits, lst}` (draft-20 section 4.2). Throws FormatError STATUS_LIST_MALFORMED. */
export async function readStatusList(
  inflate: Inflate,
  value: Json | undefined,
): Promise<StatusList> {
  if (!isObject(value)) throw malformed('status_list is not an object')
  const bits = member(value, 'bits')
  const lst = member(value, 'lst')
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) throw malformed('no such bits')
  const deflated = typeof lst === 'string' ? fromBase64url(lst) : undefined
  if (deflated === undefined || deflated.length === 0) throw malformed('lst is not base64url')
  let octets: Bytes
  try {
    octets = new Uint8Array(await inflate(deflated, maxListLength))
  } catch {
    throw malformed('lst is not ZLIB data, or too much of it')
  }
  if (octets.length === 0 || octets.length > maxListLength) throw malformed('lst has no such size')
  return { bits, octets }
}

/**
 * Where the status of a credential stands: `status.status_list` (draft-20 section 6.2). Throws
 * FormatError STATUS_MISSING, or CLAIM_MALFORMED.
 */
export function readStatusReference(claims: JsonObject): StatusReference {
  const status = member(claims, 'status')
  if (status === undefined) throw new FormatError('STATUS_MISSING', 'credential has no status')
  const entry = isObject(status) ? member(status, 'status_list') : undefined
  const uri = isObject(entry) ? member(entry, 'uri') : undefined
  const index = isObject(entry) ? member(entry, 'idx') : undefined
  if (typeof uri !== 'string' || uri === '' || !isIndex(index)) {
    throw new FormatError('CLAIM_MALFORMED', 'status does not refer to a status list')
  }
  return { uri, index }
}

function isIndex(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function malformed(message: string): FormatError {
  return new FormatError('STATUS_LIST_MALFORMED', message)
}
