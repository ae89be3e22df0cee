import { createPublicKey, type KeyObject, verify } from 'node:crypto'

import { fromBase64url } from '../base/bytes.ts'
import type { VerifyEs256 } from '../formats/jws.ts'
import type { PublicJwk } from './es256.ts'

/** One signature to verify, and who waits for the answer. */
interface Asked {
  readonly key: KeyObject
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  readonly resolve: (good: boolean) => void
  readonly reject: (error: Error) => void
}

let collected: Asked[] = []
let underWay = 0

/**
 * ES256 as the formats want it handed in, for tokens: their keys come as JSON Web Keys, most of
 * them once. Several at a time are verified by the threads of libuv, on all cores; one alone here
 * and now, because the way to a thread and back takes as long as the signature. What is no key
 * verifies nothing.
 */
export const verifyWithJwk: VerifyEs256 = async (jwk, signed, signature) => {
  const key = knownKey(jwk)
  if (key === undefined || signature.length !== 64) return false
  return new Promise((resolve, reject) => {
    if (collected.push({ key, signed, signature, resolve, reject }) === 1) setImmediate(begin)
  })
}

function begin(): void {
  const batch = collected
  collected = []
  const [one] = batch
  if (one && batch.length === 1 && underWay === 0) one.resolve(verifyNow(one))
  else for (const asked of batch) verifyElsewhere(asked)
}

function verifyNow({ key, signed, signature }: Asked): boolean {
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
}

function verifyElsewhere({ key, signed, signature, resolve, reject }: Asked): void {
  underWay++
  verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature, (error, good) => {
    underWay--
    if (error) reject(error)
    else resolve(good)
  })
}

const kept = 1000
const known = new Map<string, KeyObject>()

/** Reading a key costs half a signature, and the same few issuers come all day. */
function knownKey({ kty, crv, x, y }: PublicJwk): KeyObject | undefined {
  const name = `${kty} ${crv} ${x} ${y}`
  const before = known.get(name)
  if (before) {
    known.delete(name) // and in again behind the others: what is used stays
    known.set(name, before)
    return before
  }
  const point = [x, y].map((text) => fromBase64url(text)?.length)
  if (kty !== 'EC' || crv !== 'P-256' || point.some((length) => length !== 32)) return undefined
  try {
    const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' })
    if (known.size >= kept) known.delete(known.keys().next().value ?? '')
    known.set(name, key)
    return key
  } catch {
    return undefined // no point of the curve
  }
}
