import { day, type Instant } from '../base/clock.ts'
import { statusValue } from '../formats/status-list.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'

/** An index of a list that no credential has, and what the list says of it, from when on. */
export interface Decoy {
  readonly status: number
  readonly from: Instant
}

/** Statuses of one list: what a capsule's 17 bits can name. */
export const listSize = 2 ** 17

const decoyCount = 512

/** As long as the credentials of a list live: a quarter and a year. */
const lifeDays = 457

const kept = new WeakMap<ThisNode, Map<number, ReadonlyMap<number, Decoy>>>()

/**
 * The decoys of a list (Token Status List draft-20 section 13.5): 512 random indexes of which half
 * are revoked and some suspended as time goes by, so that counting the list's statuses, or watching
 * them change, does not tell how many members have lost a credential. They are derived from a key
 * of the node's and stored nowhere; no credential is ever given one.
 */
export function decoysOf(node: ThisNode, list: number): ReadonlyMap<number, Decoy> {
  const lists = kept.get(node) ?? new Map<number, ReadonlyMap<number, Decoy>>()
  kept.set(node, lists)
  const known = lists.get(list)
  if (known) return known
  const decoys = new Map<number, Decoy>()
  for (let i = 0; decoys.size < decoyCount; i++) {
    const octets = Buffer.from(keyedHash(node.hashing, `status-decoy:${list}:${i}`))
    const from = (octets.readUInt32BE(4) / 2 ** 32) * lifeDays * day
    const kind = octets[8] ?? 0
    const status = kind < 128 ? statusValue.revoked : statusValue.suspended
    decoys.set(octets.readUInt32BE(0) % listSize, {
      status: kind < 144 ? status : statusValue.valid,
      from,
    })
  }
  lists.set(list, decoys)
  return decoys
}
