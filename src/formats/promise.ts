import { type Bytes, fromBase64url, toBase64url, utf8 } from '../base/bytes.ts'
import { type Instant, second } from '../base/clock.ts'
import { FormatError } from './error.ts'
import { type JsonObject, member, parseJsonObject } from './json.ts'
import { keyOf, type VerifyEd25519, type Vkey } from './tlog/note.ts'

/**
 * A receipt of level 1: a node's signed word that a leaf will be in its log. Evidence against the
 * node if the leaf is not there `withinSeconds` after `at`.
 */
export type LeafPromise = Readonly<{
  /** The log's name. */
  origin: string
  /** 32 octets; the leaf holds the entry's id, so the hash names the entry. */
  leafHash: Uint8Array
  /** When the entry was booked, in whole seconds. */
  at: Instant
  withinSeconds: number
}>

/** A private key for promises, and its name. */
export type PromiseSigner = Readonly<{
  name: string
  keyId: string
  sign: (signed: Bytes) => Promise<Uint8Array>
}>

/** The longest that a leaf may wait for its index (maximum merge delay). */
export const maxMergeSeconds = 60

const type = 'symbolon-promise+jwt'
const maxLength = 2048

/**
 * Writes a promise: a compact JWS (RFC 7515) with EdDSA (RFC 8037), `typ` symbolon-promise+jwt,
 * `kid` the name and id of the key, and the claims `iss` `lh` `iat` `mmd`. Ed25519 is
 * deterministic: the same entry has one promise, however often it is asked for.
 */
export async function signPromise(
  signer: PromiseSigner,
  origin: string,
  leaf: string,
  at: Instant,
): Promise<string> {
  const encode = (value: JsonObject) => toBase64url(utf8(JSON.stringify(value)))
  const header = encode({ alg: 'EdDSA', typ: type, kid: keyOf(signer) })
  const iat = Math.floor(at / second)
  const signed = `${header}.${encode({ iss: origin, lh: leaf, iat, mmd: maxMergeSeconds })}`
  return `${signed}.${toBase64url(await signer.sign(utf8(signed)))}`
}

/**
 * Reads a promise and checks it with the key of the node that made it. Throws FormatError
 * TOO_LARGE, JWS_*, JSON_* or CLAIM_MALFORMED.
 */
export async function verifyPromise(
  text: string,
  key: Vkey,
  verifyEd25519: VerifyEd25519,
): Promise<LeafPromise> {
  if (text.length > maxLength) throw new FormatError('TOO_LARGE', 'promise is too long')
  const [first = '', claims = '', third = '', ...rest] = text.split('.', 4)
  if (third === '' || rest.length > 0) {
    throw new FormatError('JWS_MALFORMED', 'promise does not have three parts')
  }
  const header = parseJsonObject(part(first))
  if (member(header, 'alg') !== 'EdDSA') {
    throw new FormatError('JWS_ALG_REFUSED', 'algorithm is not allowed')
  }
  if (member(header, 'typ') !== type) {
    throw new FormatError('JWS_TYP_UNEXPECTED', `unexpected typ, expected ${type}`)
  }
  if (Object.hasOwn(header, 'crit')) {
    throw new FormatError('JWS_CRIT_REFUSED', 'header has a critical extension')
  }
  const signed = utf8(`${first}.${claims}`)
  const known = member(header, 'kid') === keyOf(key)
  if (!known || !(await verifyEd25519(key.publicKey, signed, part(third)))) {
    throw new FormatError('JWS_SIGNATURE_INVALID', 'signature does not verify')
  }
  return readClaims(parseJsonObject(part(claims)))
}

function readClaims(claims: JsonObject): LeafPromise {
  const [origin, leaf, iat, mmd] = ['iss', 'lh', 'iat', 'mmd'].map((name) => member(claims, name))
  const leafHash = typeof leaf === 'string' ? fromBase64url(leaf) : undefined
  const whole = (value: unknown): value is number => Number.isSafeInteger(value)
  if (typeof origin !== 'string' || leafHash?.length !== 32 || !whole(iat) || !whole(mmd)) {
    throw new FormatError('CLAIM_MALFORMED', 'promise lacks what it promises')
  }
  return { origin, leafHash, at: iat * second, withinSeconds: mmd }
}

function part(text: string): Bytes {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new FormatError('JWS_MALFORMED', 'promise is not base64url')
  return bytes
}
