import type { Bytes } from '../base/bytes.ts'
import { concat } from '../base/bytes.ts'

/** SHA-512, 64 octets, handed in. */
export type Sha512 = (octets: Uint8Array) => Uint8Array

/** A point in extended coordinates (RFC 8032 section 5.1.4): X, Y, Z, T with XY = ZT. */
type Point = readonly [x: bigint, y: bigint, z: bigint, t: bigint]

// RFC 8032 section 5.1.
const zero: bigint = 0n
const one: bigint = 1n
const two: bigint = 2n
const eight: bigint = 8n
const p = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn
const order = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn
const d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n
const rootOfMinusOne = 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n
const baseY = 0x6666666666666666666666666666666666666666666666666666666666666658n
const baseX = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an
const base: Point = [baseX, baseY, one, modulo(baseX * baseY)]

/**
 * Verifies an Ed25519 signature (RFC 8032 section 5.1.7) where the platform has none: browsers
 * before 2025. For public data only, since its time depends on its input. False for a key or a
 * point that is not canonical, and for an S that is not below the order.
 */
export function verifyEd25519Plainly(
  sha512: Sha512,
  publicKey: Bytes,
  message: Bytes,
  signature: Bytes,
): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const key = decode(publicKey)
  const first = decode(signature.subarray(0, 32))
  const s = number(signature.subarray(32))
  if (!key || !first || s >= order) return false
  const k = number(sha512(concat(signature.subarray(0, 32), publicKey, message))) % order
  return same(times(s, base), add(first, times(k, key)))
}

/** RFC 8032 section 5.1.3. */
function decode(octets: Uint8Array): Point | undefined {
  const whole = number(octets)
  const sign = whole >> 255n
  const y = whole - (sign << 255n)
  if (y >= p) return undefined
  const yy = modulo(y * y)
  const [u, v] = [modulo(yy - one), modulo(d * yy + one)]
  const v3 = modulo(v * v * v)
  let x = modulo(u * v3 * power(modulo(u * v3 * v3 * v), (p - 5n) / eight))
  const check = modulo(v * x * x)
  if (check !== u) {
    if (check !== modulo(-u)) return undefined
    x = modulo(x * rootOfMinusOne)
  }
  if (x === zero && sign === one) return undefined
  if (x % two !== sign) x = p - x
  return [x, y, one, modulo(x * y)]
}

/** RFC 8032 section 5.1.4; complete, so that it doubles too. */
function add([x1, y1, z1, t1]: Point, [x2, y2, z2, t2]: Point): Point {
  const a = modulo((y1 - x1) * (y2 - x2))
  const b = modulo((y1 + x1) * (y2 + x2))
  const c = modulo(two * d * t1 * t2)
  const e = modulo(two * z1 * z2)
  const [h, f, g, i] = [b - a, e - c, e + c, b + a]
  return [modulo(h * f), modulo(g * i), modulo(f * g), modulo(h * i)]
}

function times(scalar: bigint, point: Point): Point {
  let result: Point = [zero, one, one, zero]
  let doubled = point
  for (let rest = scalar; rest > zero; rest >>= one) {
    if (rest % two === one) result = add(result, doubled)
    doubled = add(doubled, doubled)
  }
  return result
}

function same([x1, y1, z1]: Point, [x2, y2, z2]: Point): boolean {
  return modulo(x1 * z2 - x2 * z1) === zero && modulo(y1 * z2 - y2 * z1) === zero
}

function power(value: bigint, exponent: bigint): bigint {
  let result = one
  let square = value
  for (let rest = exponent; rest > zero; rest >>= one) {
    if (rest % two === one) result = modulo(result * square)
    square = modulo(square * square)
  }
  return result
}

function modulo(value: bigint): bigint {
  const rest = value % p
  return rest < zero ? rest + p : rest
}

/** Little-endian. */
function number(octets: Uint8Array): bigint {
  let digits = ''
  for (const octet of octets) digits = octet.toString(16).padStart(2, '0') + digits
  return BigInt(`0x${digits}`)
}
