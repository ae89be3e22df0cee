import { randomBytes } from 'node:crypto'

import type { Instant } from './clock.ts'
import { pooledRandom } from './pooled-random.ts'

/** Random octets. An argument wherever a test must fix it. */
export type Random = (size: number) => Uint8Array

/** The system's randomness. */
export const systemRandom: Random = (size) => randomBytes(size)

let lastMs = 0
let counter = 0

/**
 * A UUID of version 7 (RFC 9562 section 5.7) for `now`: later ids of one process sort after earlier
 * ones, also within a millisecond and when the clock steps back.
 */
export function newId(now: Instant, random: Random = pooledRandom): string {
  if (now > lastMs) {
    lastMs = now
    counter = 0
  } else if (++counter > 0xfff) {
    lastMs++
    counter = 0
  }
  const time = lastMs.toString(16).padStart(12, '0')
  const tail = Buffer.from(random(8))
  tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80
  return uuid(`${time}7${counter.toString(16).padStart(3, '0')}${tail.toString('hex')}`)
}

/** A random UUID (version 4): for persons, programmes and merchants, who spread over buckets. */
export function newRandomId(random: Random = pooledRandom): string {
  const bytes = Buffer.from(random(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return uuid(bytes.toString('hex'))
}

/** When a `newId` was made: milliseconds since 1970. */
export function timeOfId(id: string): Instant {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** The distribution key of what belongs to `id`: its first 12 bits, 0 to 4095. */
export function bucketOf(id: string): number {
  return Number.parseInt(id.slice(0, 3), 16)
}

function uuid(hex: string): string {
  const [a, b, c, d] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return `${a}-${b}-${c}-${d}-${hex.slice(20)}`
}
