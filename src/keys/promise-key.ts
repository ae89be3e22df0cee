import { sha256 } from '../base/sha256.ts'
import type { PromiseSigner } from '../formats/promise.ts'
import { formatVkey, makeVkey, noteType } from '../formats/tlog/note.ts'
import { ed25519FromSeed } from './ed25519.ts'
import type { ThisNode } from './this-node.ts'

/** The key that signs promises; its public half, as `receipt verify` takes it, is `vkey`. */
export interface PromiseKey extends PromiseSigner {
  readonly vkey: string
}

/**
 * The node's promise key: never that of the log, so that a promise cannot be taken for a
 * checkpoint. Its name is the log's host, and `promise`.
 */
export function promiseKeyOf(node: ThisNode, origin: string): PromiseKey {
  const { publicKey, signApart: sign } = ed25519FromSeed(node.promising)
  const vkey = makeVkey(sha256, `${origin.split('/', 1)[0]}/promise`, noteType, publicKey)
  return { name: vkey.name, keyId: vkey.keyId, sign, vkey: formatVkey(vkey) }
}
