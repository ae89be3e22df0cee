import { Worker } from 'node:worker_threads'

import { Weather } from '../base/refusal.ts'

/** One signature to verify, and who waits for the answer. */
interface Asked {
  readonly spki: Uint8Array
  readonly signed: Uint8Array
  readonly signature: Uint8Array
  readonly resolve: (good: boolean) => void
  readonly reject: (error: Error) => void
}

/** How many signatures this process was asked to verify. */
export const signatureChecks = { asked: 0 }

let collected: Asked[] = []
/** What the thread has been sent and not answered: it answers in order. */
const sent: Asked[][] = []
/** One that it works on and one that waits for it: it never stands idle, and messages are few. */
const sentAtMost = 2
let thread: Worker | undefined

/**
 * Verifies ES256 (ECDSA with P-256 and SHA-256; the signature is r || s, 64 octets) on a thread of
 * its own. `spki` is a SubjectPublicKeyInfo in DER that `readP256` has accepted. What is asked
 * while the thread is busy is sent together: a message costs more than its copy. Weather when the
 * thread has ended.
 */
export function verifyEs256(
  spki: Uint8Array,
  signed: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== 64) return Promise.resolve(false)
  signatureChecks.asked++
  return new Promise((resolve, reject) => {
    if (collected.push({ spki, signed, signature, resolve, reject }) === 1) setImmediate(send)
  })
}

function send(): void {
  if (collected.length === 0 || sent.length >= sentAtMost) return
  const batch = collected
  collected = []
  sent.push(batch)
  thread ??= start()
  thread.ref() // while something is asked, the process stays
  const packed = pack(batch)
  thread.postMessage(packed, [packed.buffer])
}

function start(): Worker {
  let cause: unknown
  const started = new Worker(new URL('./verify-thread.ts', import.meta.url))
    .on('message', (answers: Uint8Array) => {
      for (const [i, { resolve }] of (sent.shift() ?? []).entries()) resolve(answers[i] === 1)
      send()
      if (sent.length === 0) started.unref()
    })
    .on('error', (error) => {
      cause = error
    })
    .on('exit', () => {
      thread = undefined
      const ended = new Weather('the thread that verifies signatures has ended', cause)
      const lost = [...sent.splice(0).flat(), ...collected.splice(0)]
      for (const { reject } of lost) reject(ended)
    })
  return started
}

/** For each: the lengths of key and message, 4 octets both, then key, signature and message. */
function pack(batch: readonly Asked[]): Uint8Array<ArrayBuffer> {
  const size = batch.reduce((sum, { spki, signed }) => sum + 72 + spki.length + signed.length, 0)
  const packed = new Uint8Array(size)
  const lengths = new DataView(packed.buffer)
  let at = 0
  for (const { spki, signed, signature } of batch) {
    lengths.setUint32(at, spki.length)
    lengths.setUint32(at + 4, signed.length)
    packed.set(spki, at + 8)
    packed.set(signature, at + 8 + spki.length)
    packed.set(signed, at + 72 + spki.length)
    at += 72 + spki.length + signed.length
  }
  return packed
}
