import { Worker } from 'node:worker_threads'

import type { ParsedRow } from './roster/row.ts'
import {
  hashAndSeal,
  type NumberKeys,
  type PreparedRow,
  preparedRow,
  sealedParts,
} from './roster-prepare.ts'
import type { Packed } from './roster-thread.ts'

/** Hashes and seals the numbers of rows, while its caller writes those that came before. */
export interface Preparer {
  /** In the order of the rows. Rejects when the thread has ended. */
  prepare(rows: readonly ParsedRow[]): Promise<PreparedRow[]>
  /** Ends the thread; what it has not answered is rejected. */
  close(): Promise<void>
}

interface Waiting {
  readonly resolve: (packed: Packed) => void
  readonly reject: (error: Error) => void
}

/** Fewer rows than this are quicker done than sent, and start no thread. */
const worthSending = 500
/** Every number sealed leaves native memory to the collector: it must come often. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 }

/** Starts a thread with the first large chunk. The caller closes what it opened. */
export function openPreparer({ sealing, hashing }: NumberKeys): Preparer {
  const keys = { sealing, hashing }
  const waiting: Waiting[] = []
  let thread: Worker | undefined
  const fail = (error: Error) => {
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  const start = () =>
    new Worker(new URL('./roster-thread.ts', import.meta.url), { workerData: keys, resourceLimits })
      .on('message', (packed: Packed) => waiting.shift()?.resolve(packed))
      .on('error', fail)
      .on('exit', () => fail(new Error('the thread that seals numbers has ended')))

  async function prepare(rows: readonly ParsedRow[]): Promise<PreparedRow[]> {
    if (rows.length < worthSending)
      return rows.map((row) => preparedRow(row, hashAndSeal(keys, row)))
    thread ??= start()
    const numbers = rows.map(({ idType, idNumber, mobile, memberNo }) => {
      return { idType, idNumber, mobile, memberNo }
    })
    const answer = new Promise<Packed>((resolve, reject) => waiting.push({ resolve, reject }))
    thread.postMessage(numbers)
    const { octets, ends } = await answer
    return rows.map((row, i) => preparedRow(row, unpack(octets, ends, i * sealedParts)))
  }
  return {
    prepare,
    close: async () => void (await thread?.terminate()),
  }
}

/**
 * The parts of one row, which begin with part `first`. As Buffers: that is what both drivers bind.
 */
function unpack({ buffer }: Uint8Array, ends: Uint32Array, first: number): Buffer[] {
  const parts: Buffer[] = []
  for (let i = first; i < first + sealedParts; i++) {
    const begin = i === 0 ? 0 : (ends[i - 1] ?? 0)
    parts.push(Buffer.from(buffer, begin, (ends[i] ?? begin) - begin))
  }
  return parts
}
