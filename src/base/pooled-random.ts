import { randomFillSync } from 'node:crypto'

import type { Random } from './id.ts'

const pool = new Uint8Array(8192)
let used = pool.length

/**
 * The system's randomness, drawn 8 KiB at a time: asking for each of a million ids costs more than
 * writing them. Every octet is handed out once, and wiped where it was. At most 8192 octets a call.
 */
export const pooledRandom: Random = (size) => {
  if (used + size > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const drawn = pool.slice(used, used + size)
  pool.fill(0, used, used + size)
  used += size
  return drawn
}
