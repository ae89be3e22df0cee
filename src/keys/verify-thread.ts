import { parentPort } from 'node:worker_threads'

import { isEs256 } from './es256.ts'

/** The thread that `verifyEs256` starts: packed signatures in, an octet for each out, 1 is good. */
parentPort?.on('message', (packed: Uint8Array<ArrayBuffer>) => {
  const answers = new Uint8Array(verifyAll(packed))
  parentPort?.postMessage(answers, [answers.buffer])
})

function verifyAll(packed: Uint8Array<ArrayBuffer>): number[] {
  const lengths = new DataView(packed.buffer)
  const answers: number[] = []
  let at = 0
  while (at < packed.length) {
    const afterKey = at + 8 + lengths.getUint32(at)
    const end = afterKey + 64 + lengths.getUint32(at + 4)
    const spki = packed.subarray(at + 8, afterKey)
    const signature = packed.subarray(afterKey, afterKey + 64)
    const good = isEs256(spki, packed.subarray(afterKey + 64, end), signature)
    answers.push(good ? 1 : 0)
    at = end
  }
  return answers
}
