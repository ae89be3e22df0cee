import { toBase64url } from '../base/bytes.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { peerLedger } from '../ledger/peer-ledger.ts'
import type { Standing } from '../merchants/standing.ts'

/**
 * What a node tells another of its terminal: the facts that the benefit's rules need, and names
 * that mean something between these two alone.
 */
export interface PlaceElsewhere {
  readonly merchant: string
  readonly store: string
  readonly terminal: string
  readonly shift: string
  /** GB/T 2260, six digits. */
  readonly region: number
  readonly category: string
}

/** Our terminal as that node gets to know it: pairwise names, 22 characters each. */
export function placeFor(node: ThisNode, peer: number, standing: Standing): PlaceElsewhere {
  const name = (kind: string, id: string) =>
    toBase64url(keyedHash(node.hashing, `peer ${peer} ${kind} ${id}`).subarray(0, 16))
  const { merchantId, storeId, terminalId, shiftId, region, category } = standing
  return {
    merchant: name('merchant', merchantId),
    store: name('store', storeId),
    terminal: name('terminal', terminalId),
    shift: name('shift', shiftId),
    ...{ region, category },
  }
}

/** A terminal of another node, standing as that node says. The merchant owed is the node itself. */
export function standingElsewhere(peer: number, place: PlaceElsewhere): Standing {
  const merchantId = peerLedger(peer)
  const named = (id: string) => `${merchantId}/${id}`
  const { region, category } = place
  return {
    ...{ merchantId, region, category, peer, cashierId: named(place.merchant) },
    storeId: named(place.store),
    terminalId: named(place.terminal),
    shiftId: named(place.shift),
  }
}
