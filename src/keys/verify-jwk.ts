import type { VerifyEs256 } from '../formats/jws.ts'
import { type PublicJwk, spkiOf } from './es256.ts'
import { verifyEs256 } from './verify-es256.ts'

const kept = 1000
const known = new Map<string, Uint8Array>()

/** ES256 as the formats want it handed in, off the main thread. No key verifies nothing. */
export const verifyWithJwk: VerifyEs256 = async (jwk, signed, signature) => {
  const spki = knownSpki(jwk)
  return spki !== undefined && verifyEs256(spki, signed, signature)
}

/** Reading a key costs as much as a signature, and the same few issuers come all day. */
function knownSpki(jwk: PublicJwk): Uint8Array | undefined {
  const name = `${jwk.kty} ${jwk.crv} ${jwk.x} ${jwk.y}`
  const spki = known.get(name) ?? spkiOf(jwk)
  if (spki && known.size >= kept) known.delete(known.keys().next().value ?? '')
  if (spki) known.set(name, spki)
  return spki
}
