import { type Bytes, concat, fromBase64url, fromHex, toBase64url, toHex } from '../base/bytes.ts'
import type { PublicJwk } from './jwk.ts'

// The curve y² = x³ - 3x + b over the field of p (SEC 2 section 2.4.2). p = 3 modulo 4.
const p = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn

/** 33 octets: 2 or 3 for the parity of y, then x (SEC 1 section 2.3.3). TypeError for no point. */
export function compressPoint(key: PublicJwk): Bytes {
  const x = fromBase64url(key.x)
  const y = fromBase64url(key.y)
  if (x?.length !== 32 || y?.length !== 32 || !isOnCurve(key)) throw new TypeError('not a point')
  return concat(Uint8Array.of(2 + ((y[31] ?? 0) & 1)), x)
}

/** Reads a compressed point (SEC 1 section 2.3.4). What is no point of the curve is `undefined`. */
export function decompressPoint(bytes: Uint8Array): PublicJwk | undefined {
  const parity = (bytes[0] ?? 0) - 2
  if (bytes.length !== 33 || (parity !== 0 && parity !== 1)) return undefined
  const x = toNumber(bytes.subarray(1))
  if (x >= p) return undefined
  const square = rightSide(x)
  const root = power(square, (p + 1n) / 4n)
  if ((root * root) % p !== square || root === 0n) return undefined
  const y = (root & 1n) === BigInt(parity) ? root : p - root
  const yBytes = fromHex(y.toString(16).padStart(64, '0')) ?? new Uint8Array()
  return { kty: 'EC', crv: 'P-256', x: toBase64url(bytes.subarray(1)), y: toBase64url(yBytes) }
}

/** True when x and y are coordinates of a point of P-256 (SEC 1 section 3.2.2.1). */
export function isOnCurve(key: Readonly<{ x: string; y: string }>): boolean {
  const xBytes = fromBase64url(key.x)
  const yBytes = fromBase64url(key.y)
  if (xBytes?.length !== 32 || yBytes?.length !== 32) return false
  const x = toNumber(xBytes)
  const y = toNumber(yBytes)
  return x < p && y < p && (y * y) % p === rightSide(x)
}

function rightSide(x: bigint): bigint {
  return ((((x * x - 3n) * x + b) % p) + p) % p
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % p
    square = (square * square) % p
  }
  return result
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}
