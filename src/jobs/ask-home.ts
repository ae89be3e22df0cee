import { setTimeout as sleep } from 'node:timers/promises'

import { utf8 } from '../base/bytes.ts'
import { Refusal, Weather } from '../base/refusal.ts'
import { DisclosureError } from '../formats/disclosure.ts'
import { FormatError } from '../formats/error.ts'
import { LeafError } from '../formats/leaf.ts'
import { TlogError } from '../formats/tlog/error.ts'
import type { Policy } from '../formats/tlog/policy.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { askPeer, type PeerAnswer } from '../trust/ask-peer.ts'
import {
  type HomePreparation,
  type HomeRedemption,
  type HomeReversal,
  homeLearned,
  homePreparation,
  homeRedemption,
  homeReversal,
  readAnswer,
} from '../trust/home-answers.ts'
import { type Peer, peerByNumber } from '../trust/peers.ts'
import type { TrustGround } from '../trust/trusted-signers.ts'
import { bookingOf, type Proven } from '../vouchers/book-elsewhere.ts'
import { bucketOfHandle } from '../vouchers/handle.ts'
import { type ExpectedLeaf, verifyHomeReceipt } from '../vouchers/home-leaf.ts'
import { bodyOf, type PeerAsk } from '../vouchers/peer-asks.ts'

/** What asking other nodes needs. The http context is one. */
export interface PeerGround extends TrustGround {
  readonly node: ThisNode
  /** Witnesses that others' receipts must have, and how many; none: the log's word is enough. */
  readonly peerWitnesses: Policy | undefined
}

/** The other node answered what its receipt does not prove. Nothing is booked from it. */
export class Disproved extends Error {
  constructor(cause: unknown) {
    super('another node’s receipt does not prove its answer', { cause })
    this.name = 'Disproved'
  }
}

/** How long a counter is kept waiting for a receipt. */
const receiptMs = 3000
const againMs = 150

/**
 * Asks the voucher's node to hold it. Refusals: what that node refuses, VOUCHER_NOT_FOUND where the
 * trust list no longer has it. Weather when its answer is not known.
 */
export async function prepareAtHome(
  ground: PeerGround,
  ask: PeerAsk,
): Promise<HomePreparation | Refusal> {
  const peer = await requirePeer(ground, ask)
  const told = readAnswer(await post(ground, peer, ask), homePreparation)
  const same = told instanceof Refusal || told.voucher_id === ask.voucherId
  if (!same) throw new Disproved('another voucher')
  return told
}

/**
 * Asks the voucher's node to redeem it and waits for the receipt. As `prepareAtHome`; Weather also
 * when the receipt does not come in time, Disproved when it proves something else.
 */
export async function redeemAtHome(
  ground: PeerGround,
  ask: PeerAsk,
): Promise<Proven<HomeRedemption> | Refusal> {
  const peer = await requirePeer(ground, ask)
  const told = readAnswer(await post(ground, peer, ask), homeRedemption)
  return told instanceof Refusal ? told : proveRedemption(ground, { peer, ask, told })
}

/** The same for undoing one. */
export async function reverseAtHome(
  ground: PeerGround,
  ask: PeerAsk,
): Promise<Proven<HomeReversal> | Refusal> {
  const peer = await requirePeer(ground, ask)
  const told = readAnswer(await post(ground, peer, ask), homeReversal)
  return told instanceof Refusal ? told : proveReversal(ground, { peer, ask, told })
}

/** What became of what was asked, without asking for it again. */
export type Learned =
  | Refusal
  | { readonly kind: 'redeem'; readonly proven: Proven<HomeRedemption> }
  | { readonly kind: 'reverse'; readonly proven: Proven<HomeReversal> }
  /** The other node has never heard of it. */
  | undefined

/** Learns by its key what became of an ask. Weather and Disproved as `redeemAtHome`. */
export async function learnAtHome(ground: PeerGround, ask: PeerAsk): Promise<Learned> {
  const peer = await requirePeer(ground, ask)
  const known = await learn(ground, peer, ask)
  if (!known) return undefined
  if (ask.kind === 'reverse') {
    const told = readAnswer(known, homeReversal)
    if (told instanceof Refusal) return told
    return { kind: 'reverse', proven: await proveReversal(ground, { peer, ask, told }) }
  }
  const told = readAnswer(known, homeRedemption)
  if (told instanceof Refusal) return told
  return { kind: 'redeem', proven: await proveRedemption(ground, { peer, ask, told }) }
}

async function requirePeer(ground: PeerGround, ask: PeerAsk): Promise<Peer> {
  const peer = await peerByNumber(ground, ask.peer)
  if (!peer) throw new Weather('the trust list no longer has the node that was asked', undefined)
  return peer
}

function post(ground: PeerGround, peer: Peer, ask: PeerAsk): Promise<PeerAnswer> {
  const path = {
    prepare: '/redemptions/prepare',
    redeem: '/redemptions',
    reverse: `/redemptions/${ask.homeId}/reverse`,
  }[ask.kind]
  return askPeer(ground, peer, { path, key: ask.id, body: bodyOf(ground.node, ask) })
}

async function learn(
  ground: PeerGround,
  peer: Peer,
  ask: PeerAsk,
): Promise<PeerAnswer | undefined> {
  const asked = await askPeer(ground, peer, { path: `/redemptions/by-key/${ask.id}` })
  if (asked.status === 404) return undefined
  const read = readAnswer(asked, homeLearned)
  if (read instanceof Refusal) throw new Weather('another node would not say', read.code)
  return { status: read.status, body: read.answer }
}

async function proveRedemption(
  ground: PeerGround,
  { peer, ask, told }: { peer: Peer; ask: PeerAsk; told: HomeRedemption },
): Promise<Proven<HomeRedemption>> {
  const { evidence, requestDigest } = ask
  const opens = { evidence: told.evidence, merchant: told.merchant }
  const step = { kind: 'redeem', evidence, requestDigest, opens } as const
  if (told.voucher_id !== ask.voucherId) throw new Disproved('another voucher')
  return prove(ground, { peer, ask, step, told, schema: homeRedemption })
}

async function proveReversal(
  ground: PeerGround,
  { peer, ask, told }: { peer: Peer; ask: PeerAsk; told: HomeReversal },
): Promise<Proven<HomeReversal>> {
  const id = ask.redemptionId ?? ''
  const made = await bookingOf(ground.store.read, { bucket: bucketOfHandle(ask.voucherId), id })
  if (!made) throw new TypeError('a reversal of what was not booked')
  if (told.amount !== made.amount) throw new Disproved('another amount')
  const step = { kind: 'reverse', ref: made.ref } as const
  return prove(ground, { peer, ask, step, told, schema: homeReversal })
}

/** Verifies the receipt, asking again until it is there and witnesses enough have signed. */
async function prove<Home extends HomeRedemption | HomeReversal>(
  ground: PeerGround,
  given: {
    readonly peer: Peer
    readonly ask: PeerAsk
    readonly step: ExpectedLeaf['step']
    readonly told: Home
    readonly schema: Parameters<typeof readAnswer<Home>>[1]
  },
): Promise<Proven<Home>> {
  const { peer, ask, step, schema } = given
  let told = given.told
  const until = performance.now() + receiptMs
  const believed = { vkeys: peer.vkeys, witnesses: ground.peerWitnesses }
  for (;;) {
    const { amount, leaf_hash: leafHash } = told
    const expected = { own: ground.node.number, voucherId: ask.voucherId, amount, leafHash, step }
    const { receipt } = told
    const ref = receipt === undefined ? undefined : await proved(receipt, believed, expected)
    if (ref && receipt !== undefined) return { home: told, ref, receipt: utf8(receipt) }
    if (performance.now() > until) throw new Weather('no receipt yet', undefined)
    await sleep(againMs)
    const known = await learn(ground, peer, ask)
    const again = known && readAnswer(known, schema)
    if (!again || again instanceof Refusal) throw new Disproved('took its answer back')
    told = again
  }
}

/** The leaf's hash; `undefined` while witnesses are missing. Throws Disproved. */
async function proved(
  receipt: string,
  believed: Parameters<typeof verifyHomeReceipt>[1],
  expected: ExpectedLeaf,
): Promise<Uint8Array | undefined> {
  try {
    return await verifyHomeReceipt(receipt, believed, expected)
  } catch (error) {
    if (error instanceof TlogError && error.code === 'QUORUM_NOT_MET') return undefined
    const faults = [TlogError, LeafError, DisclosureError, FormatError]
    throw faults.some((fault) => error instanceof fault) ? new Disproved(error) : error
  }
}
