import { type Bytes, fromBase64, fromBase64url, toBase64url, utf8 } from '../base/bytes.ts'
import { FormatError } from './error.ts'
import { isArray, type Json, type JsonObject, member, parseJsonObject } from './json.ts'
import type { PublicJwk } from './jwk.ts'

/** ECDSA with P-256 and SHA-256, handed in. The signature is r || s. False when bad. */
export type VerifyEs256 = (key: PublicJwk, signed: Bytes, signature: Bytes) => Promise<boolean>

/** Signs with a private key that somebody else holds: 64 octets, r || s. */
export type SignEs256 = (signed: Bytes) => Uint8Array | Promise<Uint8Array>

/** Every algorithm that we speak. One entry, so that another can join it (SM2). */
const algorithms = { ES256: { signatureLength: 64 } } as const

export type Algorithm = keyof typeof algorithms

/** The protected header, as far as anybody here looks at it. */
export type JwsHeader = Readonly<{
  alg: Algorithm
  typ: string
  kid: string | undefined
  /** The signer's certificate first, in DER (RFC 7515 section 4.1.6). Not checked here. */
  x5c: readonly Bytes[] | undefined
  /** Every member, those above too. */
  members: JsonObject
}>

/** A compact JWS taken apart; its signature is not checked yet. */
export type Jws = Readonly<{
  header: JwsHeader
  payload: JsonObject
  payloadBytes: Bytes
  signature: Bytes
  /** The octets that the signature covers. */
  signed: Bytes
}>

/** What may come: the exact `typ`s, the algorithms, and how long it may be. */
export type JwsShape = Readonly<{
  types: readonly string[]
  algorithms: readonly Algorithm[]
  /** Letters of the whole; 65 536 for everything but a trust list. */
  maxLength: number
}>

/** The most letters that a token may have, key binding and disclosures included. */
export const maxTokenLength = 65_536

const maxCertificates = 5
const maxCertificateLength = 8192

/**
 * Takes a compact JWS with a JSON object in it apart (RFC 7515 section 7.1; RFC 8725 sections 3.1
 * and 3.11): `alg` and `typ` must be among those of `shape`, and there must be no `crit`, because
 * we know no extension (RFC 7515 section 4.1.11). Throws FormatError TOO_LARGE, JWS_* or JSON_*.
 */
export function parseJws(compact: string, shape: JwsShape): Jws {
  if (compact.length > shape.maxLength) throw new FormatError('TOO_LARGE', 'token is too long')
  const [first, second, third, ...rest] = compact.split('.', 4)
  if (first === undefined || second === undefined || third === undefined || rest.length > 0) {
    throw new FormatError('JWS_MALFORMED', 'token does not have three parts')
  }
  const header = readHeader(parseJsonObject(part(first)), shape)
  const payloadBytes = part(second)
  const signature = part(third)
  if (signature.length !== algorithms[header.alg].signatureLength) {
    throw new FormatError('JWS_MALFORMED', 'signature does not have 64 octets')
  }
  const signed = utf8(`${first}.${second}`)
  return { header, payload: parseJsonObject(payloadBytes), payloadBytes, signature, signed }
}

/** Checks the signature with the key. Throws FormatError JWS_SIGNATURE_INVALID. */
export async function verifyJws(verify: VerifyEs256, jws: Jws, key: PublicJwk): Promise<void> {
  if (!(await verify(key, jws.signed, jws.signature))) {
    throw new FormatError('JWS_SIGNATURE_INVALID', 'signature does not verify')
  }
}

/**
 * Makes a compact JWS with ES256 of a JSON object (RFC 7515 section 7.1). `header` must not name an
 * algorithm. TypeError when the signer answers something other than 64 octets.
 */
export async function signJws(
  sign: SignEs256,
  header: JsonObject & { readonly typ: string },
  payload: JsonObject,
): Promise<string> {
  if (Object.hasOwn(header, 'alg')) throw new TypeError('the algorithm is not the caller’s')
  const encode = (value: JsonObject) => toBase64url(utf8(JSON.stringify(value)))
  const signed = `${encode({ alg: 'ES256', ...header })}.${encode(payload)}`
  const signature = await sign(utf8(signed))
  if (signature.length !== algorithms.ES256.signatureLength) {
    throw new TypeError('an ES256 signature has 64 octets')
  }
  return `${signed}.${toBase64url(signature)}`
}

function part(text: string): Bytes {
  const bytes = fromBase64url(text)
  if (bytes === undefined) throw new FormatError('JWS_MALFORMED', 'token is not base64url')
  return bytes
}

function readHeader(members: JsonObject, shape: JwsShape): JwsHeader {
  const [alg, typ, kid] = ['alg', 'typ', 'kid'].map((name) => member(members, name))
  if (!shape.algorithms.some((each) => each === alg && Object.hasOwn(algorithms, each))) {
    throw new FormatError('JWS_ALG_REFUSED', 'algorithm is not allowed')
  }
  if (Object.hasOwn(members, 'crit')) {
    throw new FormatError('JWS_CRIT_REFUSED', 'header has a critical extension')
  }
  if (typeof typ !== 'string' || !shape.types.includes(typ)) {
    throw new FormatError('JWS_TYP_UNEXPECTED', `unexpected typ, expected ${shape.types.join()}`)
  }
  if (kid !== undefined && typeof kid !== 'string') {
    throw new FormatError('JWS_MALFORMED', 'key id is not a text')
  }
  return { alg: alg as Algorithm, typ, kid, x5c: readX5c(member(members, 'x5c')), members }
}

function readX5c(value: Json | undefined): readonly Bytes[] | undefined {
  if (value === undefined) return undefined
  if (!isArray(value) || value.length === 0 || value.length > maxCertificates) {
    throw new FormatError('JWS_X5C_MALFORMED', 'x5c is not one to five certificates')
  }
  return value.map((each) => {
    const fits = typeof each === 'string' && each !== '' && each.length <= maxCertificateLength
    const der = fits ? fromBase64(each) : undefined
    if (der === undefined) throw new FormatError('JWS_X5C_MALFORMED', 'x5c is not base64')
    return der
  })
}
