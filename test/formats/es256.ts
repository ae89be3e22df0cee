import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  randomBytes,
  sign,
  verify,
} from 'node:crypto'
import { deflateSync, inflateSync } from 'node:zlib'

import { FormatError } from '../../src/formats/error.ts'
import type { PublicJwk, Sha256 } from '../../src/formats/jwk.ts'
import type { SignEs256, VerifyEs256 } from '../../src/formats/jws.ts'
import type { Deflate, Inflate } from '../../src/formats/status-list.ts'

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest()

export const random = (octets: number): Uint8Array => new Uint8Array(randomBytes(octets))

export const verifyEs256: VerifyEs256 = async (jwk, signed, signature) => {
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' })
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

export const inflate: Inflate = (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength })
export const deflate: Deflate = (bytes) => deflateSync(bytes, { level: 9 })

/** Everything that the formats want handed in. */
export const crypto = { sha256, verifyEs256, inflate, random }

export type TestKey = { jwk: PublicJwk; privateJwk: JsonWebKey; sign: SignEs256 }

export function newKey(): TestKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return keyOf(privateKey.export({ format: 'jwk' }))
}

function keyOf(privateJwk: JsonWebKey): TestKey {
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' })
  const { x = '', y = '' } = privateJwk
  return {
    jwk: { kty: 'EC', crv: 'P-256', x, y },
    privateJwk,
    sign: (signed) => sign('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }),
  }
}

/** The code that `work` was refused with; 'accepted' if it was not. Other errors are thrown. */
export async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    if (error instanceof FormatError) return error.code
    throw error
  }
}
