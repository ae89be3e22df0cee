import { concat, toBase64url, utf8 } from '../base/bytes.ts'
import type { PublicJwk } from '../formats/jwk.ts'
import type { Subtle } from './platform.ts'

/** Key lengths of the content encryptions that we write, in octets. */
const keyLengths = { A128GCM: 16, A256GCM: 32 } as const

export type ContentEncryption = keyof typeof keyLengths

const curve = { name: 'ECDH', namedCurve: 'P-256' } as const

/**
 * Encrypts for a P-256 key: a compact JWE (RFC 7516 section 7.1) with ECDH-ES straight to the
 * content key (RFC 7518 section 4.6) and AES-GCM. `kid` names the recipient's key, if it has one.
 */
export async function encryptFor(
  { subtle, random }: { readonly subtle: Subtle; readonly random: (octets: number) => Uint8Array },
  recipient: Readonly<{ jwk: PublicJwk; kid: string | undefined }>,
  plaintext: Uint8Array,
  enc: ContentEncryption,
): Promise<string> {
  const own = await subtle.generateKey(curve, true, ['deriveBits'])
  const { x = '', y = '' } = await subtle.exportKey('jwk', own.publicKey)
  const { jwk, kid } = recipient
  const their = await subtle.importKey('jwk', { ...jwk }, curve, false, [])
  const secret = await subtle.deriveBits({ name: 'ECDH', public: their }, own.privateKey, 256)
  const key = await deriveKey(subtle, new Uint8Array(secret), enc)
  const header = {
    ...{ alg: 'ECDH-ES', enc, epk: { kty: 'EC', crv: 'P-256', x, y } },
    ...(kid !== undefined && { kid }),
  }
  const encoded = toBase64url(utf8(JSON.stringify(header)))
  const iv = new Uint8Array(random(12))
  const aes = await subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt'])
  const sealing = { name: 'AES-GCM', iv, additionalData: utf8(encoded), tagLength: 128 }
  const sealed = new Uint8Array(await subtle.encrypt(sealing, aes, new Uint8Array(plaintext)))
  const [ciphertext, tag] = [sealed.subarray(0, -16), sealed.subarray(-16)]
  return [encoded, '', ...[iv, ciphertext, tag].map(toBase64url)].join('.')
}

/** Concat KDF (NIST SP 800-56A, RFC 7518 section 4.6.2), one round, no party information. */
async function deriveKey(subtle: Subtle, secret: Uint8Array, enc: ContentEncryption) {
  const length = keyLengths[enc]
  const name = utf8(enc)
  const info = [number(name.length), name, number(0), number(0), number(8 * length)]
  const digest = await subtle.digest('SHA-256', concat(number(1), secret, ...info))
  return new Uint8Array(digest).slice(0, length)
}

/** Four octets, the highest first. */
function number(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}
