import { parentPort, workerData } from 'node:worker_threads'

import { hashAndSeal, type NumberKeys, type Numbers } from './roster-prepare.ts'

/** What the thread answers: every row's octets in a row, and where each of them ends. */
export interface Packed {
  readonly octets: Uint8Array
  readonly ends: Uint32Array
}

/** The thread that `openPreparer` starts: rows' numbers in, hashed and sealed numbers out. */
const keys = workerData as NumberKeys

parentPort?.on('message', (rows: readonly Numbers[]) => {
  const packed = pack(rows.flatMap((row) => hashAndSeal(keys, row)))
  parentPort?.postMessage(packed, [packed.octets.buffer, packed.ends.buffer])
})

function pack(parts: readonly Uint8Array[]): {
  octets: Uint8Array<ArrayBuffer>
  ends: Uint32Array<ArrayBuffer>
} {
  const octets = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  const ends = new Uint32Array(parts.length)
  let end = 0
  parts.forEach((part, i) => {
    octets.set(part, end)
    end += part.length
    ends[i] = end
  })
  return { octets, ends }
}
