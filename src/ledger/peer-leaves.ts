import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { type Leaf, readLeaf } from '../formats/leaf.ts'
import { leafHash } from '../formats/tlog/merkle.ts'
import { openUnderPolicy, type Policy } from '../formats/tlog/policy.ts'
import { decodeBundle, tileWidth } from '../formats/tlog/tiles.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { LogSource } from './log-source.ts'

/** A leaf by which one node owes another, or the other's leaf that was booked from it. */
export interface PeerLeaf {
  /** base64url */
  readonly hash: string
  /** Of a booking: the other node's leaf, base64url. */
  readonly ref?: string
  readonly at: Instant
  /** Fen; below nought where it undoes. */
  readonly signed: number
}

/**
 * What logs say about the node `number`, in their order. They were verified before; `policy` names
 * the keys of all of them. Throws TlogError, and Weather for entries that are not there.
 */
export async function readPeerLeaves(
  sources: readonly LogSource[],
  policy: Policy,
  number: number,
): Promise<{ readonly owing: readonly PeerLeaf[]; readonly booked: readonly PeerLeaf[] }> {
  const owing: PeerLeaf[] = []
  const booked: PeerLeaf[] = []
  for (const source of sources) {
    for await (const [leaf, bytes] of leavesOf(source, policy)) {
      if (leaf.peer !== number) continue
      const one = peerLeaf(leaf, leafHash(sha256, bytes))
      if (leaf.k.startsWith('node.')) booked.push(one)
      else owing.push(one)
    }
  }
  return { owing, booked }
}

/** The same of a leaf that is at hand. */
export function peerLeaf({ k, t: at, amt = 0, ref }: Leaf, hash: Uint8Array): PeerLeaf {
  const signed = k.endsWith('.redeem') ? amt : -amt
  return { hash: toBase64url(hash), at, signed, ...(ref !== undefined && { ref }) }
}

async function* leavesOf(
  source: LogSource,
  policy: Policy,
): AsyncGenerator<readonly [Leaf, Uint8Array]> {
  const note = await source.checkpoint()
  if (!note) return
  const { size } = (await openUnderPolicy(policy, note, verifyEd25519)).checkpoint
  for (let index = 0; index * tileWidth < size; index++) {
    const width = Math.min(tileWidth, size - index * tileWidth)
    const bundle = await source.bundle(index, width)
    if (!bundle) throw new Weather(`entries of bundle ${index} are missing`, undefined)
    for (const bytes of decodeBundle(bundle, width)) yield [readLeaf(bytes), bytes]
  }
}
