import { type Bytes, utf8 } from '../base/bytes.ts'
import { readUsual } from './usual-leaf.ts'

/** What a leaf may be made of: JSON without null, fractions or escapes. */
export type LeafValue = string | number | boolean | readonly LeafValue[] | LeafObject
export type LeafObject = { readonly [key: string]: LeafValue }

/** An account of the journal and what it gains (positive, debit) or loses, in fen. */
export type LeafPosting = readonly [account: string, amountFen: number]

/**
 * The fields of a leaf, version 1. Never personal text. Kinds may carry fields of their own beside
 * these (a chunk its count and root, a rotation its key), which `readLeaf` hands through.
 */
export interface Leaf extends LeafFacts {
  /** journal entry, a UUID in lower case */
  readonly id: string
  /** digests of the disclosures and decoys, sorted, each 43 characters */
  readonly d: readonly string[]
}

/** What an audit adds up and follows: a leaf without what only names it and what it hides. */
export interface LeafFacts extends LeafObject {
  /** version of this schema */
  readonly v: 1
  /** kind, such as `voucher.redeem` */
  readonly k: string
  /** node */
  readonly n: string
  /** when it was recorded, milliseconds since 1970 */
  readonly t: number
  /** when an offline redemption is said to have happened, milliseconds since 1970 */
  readonly occ?: number
  /** public id of the programme */
  readonly pg?: string
  readonly ccy?: string
  /** amount in fen, not negative */
  readonly amt?: number
  /** postings; balanced entries sum to 0, which the auditor checks */
  readonly p?: readonly LeafPosting[]
  /** first 16 octets of SHA-256 of the voucher's handle, base64url */
  readonly vh?: string
  /** version of the voucher, from 1 */
  readonly sv?: number
  /** leaf hash of this voucher's previous leaf, base64url */
  readonly prev?: string
  /** leaf hash that is referred to (a reversal, another node), base64url */
  readonly ref?: string
}

export type LeafErrorCode =
  | 'LEAF_TOO_LONG'
  | 'LEAF_TOO_DEEP'
  | 'LEAF_NOT_UTF8'
  | 'LEAF_NOT_JSON'
  | 'LEAF_VALUE_NOT_ALLOWED'
  | 'LEAF_NOT_CANONICAL'
  | 'LEAF_FIELD_MALFORMED'

/** Octets that are no leaf, or a value that cannot be one. */
export class LeafError extends Error {
  readonly code: LeafErrorCode
  constructor(code: LeafErrorCode, message: string) {
    super(message)
    this.name = 'LeafError'
    this.code = code
  }
}

const maxLength = 65_535
const maxDepth = 8
const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The one encoding of a leaf: JCS (RFC 8785) restricted by section 4.1 of the ledger's design, so
 * that every JCS library agrees. Produced once, stored, hashed; never produced again for hashing.
 * Throws LeafError LEAF_VALUE_NOT_ALLOWED, LEAF_TOO_DEEP (8 levels), LEAF_TOO_LONG (65 535 octets).
 */
export function encodeLeaf(value: LeafObject): Bytes {
  if (!isObject(value)) throw new LeafError('LEAF_VALUE_NOT_ALLOWED', 'a leaf is an object')
  const bytes = utf8(canonical(value))
  if (bytes.length > maxLength) throw new LeafError('LEAF_TOO_LONG', 'leaf exceeds 65535 octets')
  return bytes
}

/**
 * Reads a leaf if and only if encoding it again gives the same octets. Throws LeafError, with
 * LEAF_NOT_CANONICAL for JSON that is spelled in another way than `encodeLeaf` does.
 */
export function parseLeaf(bytes: Uint8Array): LeafObject {
  if (bytes.length > maxLength) throw new LeafError('LEAF_TOO_LONG', 'leaf exceeds 65535 octets')
  const text = decode(bytes)
  const value = parseJson(text)
  if (!isObject(value)) throw new LeafError('LEAF_VALUE_NOT_ALLOWED', 'a leaf is an object')
  if (canonical(value) !== text) throw new LeafError('LEAF_NOT_CANONICAL', 'leaf is respelled')
  return value as LeafObject
}

/**
 * Reads a leaf of version 1 and checks the form of the fields of section 4.2: their presence,
 * types and ranges, and that the digests are sorted. Whether it balances, and what its kind
 * demands, is the auditor's to say. Throws LeafError as `parseLeaf`, and LEAF_FIELD_MALFORMED.
 */
export function readLeaf(bytes: Uint8Array): Leaf {
  const text = bytes.length > maxLength ? '' : decode(bytes)
  return readUsual(bytes, text) ? JSON.parse(text) : readAny(bytes)
}

/** As `readLeaf`, and as strict; answers most leaves without `id` and `d`, in half the time. */
export function readFacts(bytes: Uint8Array): LeafFacts {
  const usual = bytes.length > maxLength ? undefined : readUsual(bytes, decode(bytes))
  return usual ?? readAny(bytes)
}

function readAny(bytes: Uint8Array): Leaf {
  const value = parseLeaf(bytes)
  for (const [field, fits] of required) {
    if (!fits(value[field])) throw fieldError(field)
  }
  for (const [field, fits] of optional) {
    if (value[field] !== undefined && !fits(value[field])) throw fieldError(field)
  }
  return value as Leaf
}

/**
 * JSON.stringify agrees with JCS on plain values with ordered keys. Whatever would need an escape,
 * or is not printable ASCII, shows in the text itself: section 4.1 excludes both.
 */
function canonical(value: Readonly<Record<string, unknown>>): string {
  const text = JSON.stringify(isOrdered(value, 0) ? value : ordered(value))
  if (!/^[ -[\]-~]*$/.test(text)) throw notAllowed('string is not plain ASCII')
  return text
}

/** True if all keys are in ASCII order. Throws at the first thing that section 4.1 excludes. */
function isOrdered(value: unknown, depth: number): boolean {
  if (typeof value === 'boolean' || typeof value === 'string') return true
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw notAllowed('not an integer')
    return true
  }
  if (depth === maxDepth) throw new LeafError('LEAF_TOO_DEEP', 'leaf is nested too deeply')
  let inOrder = true
  if (Array.isArray(value)) {
    for (const item of value) inOrder = isOrdered(item, depth + 1) && inOrder
    return inOrder
  }
  if (!isObject(value)) throw notAllowed('neither string, number, boolean, array nor object')
  let last = ''
  for (const key of Object.keys(value)) {
    if (!/^[a-z][a-z0-9_]*$/.test(key)) throw notAllowed('malformed key')
    inOrder = isOrdered(value[key], depth + 1) && inOrder && last < key
    last = key
  }
  return inOrder
}

/** A copy with its keys in ASCII order, of a value that was found to be allowed. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, ordered(value[key])]))
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8Strict.decode(bytes)
  } catch {
    throw new LeafError('LEAF_NOT_UTF8', 'leaf is not UTF-8')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new LeafError('LEAF_NOT_JSON', 'leaf is not JSON')
  }
}

type Fits = (value: LeafValue | undefined) => boolean

const required: readonly (readonly [string, Fits])[] = Object.entries({
  v: (value) => value === 1,
  k: matches(/^[a-z]+(\.[a-z_]+)+$/),
  id: matches(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
  n: isName,
  t: isNatural,
  d: (value) => Array.isArray(value) && value.every(isDigest) && isSorted(value),
} satisfies Record<string, Fits>)

const optional: readonly (readonly [string, Fits])[] = Object.entries({
  occ: isNatural,
  pg: isName,
  ccy: matches(/^[A-Z]{3}$/),
  amt: isNatural,
  p: (value) => Array.isArray(value) && value.every(isPosting),
  vh: matches(/^[A-Za-z0-9_-]{21}[AQgw]$/),
  sv: (value) => isNatural(value) && value !== 0,
  prev: isDigest,
  ref: isDigest,
} satisfies Record<string, Fits>)

function matches(pattern: RegExp): Fits {
  return (value) => typeof value === 'string' && pattern.test(value)
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isNatural(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}

/** 32 octets in canonical base64url: the last of 43 characters carries four bits. */
function isDigest(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/.test(value)
}

function isSorted(values: readonly unknown[]): boolean {
  return values.every((value, i) => i === 0 || String(values[i - 1]) < String(value))
}

function isPosting(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false
  return isName(value[0]) && typeof value[1] === 'number' && value[1] !== 0
}

/** A plain object: one of a class could bring a `toJSON` of its own. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  return Object.getPrototypeOf(value) === Object.prototype
}

function notAllowed(message: string): LeafError {
  return new LeafError('LEAF_VALUE_NOT_ALLOWED', message)
}

function fieldError(field: string): LeafError {
  return new LeafError('LEAF_FIELD_MALFORMED', `field "${field}" is missing or malformed`)
}
