import { and, eq, sql } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { type Instant, minute } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { readLeaf } from '../formats/leaf.ts'
import { TlogError } from '../formats/tlog/error.ts'
import type { Policy } from '../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { Reader } from '../store/store.ts'
import type { LogSource } from './log-source.ts'
import { type PeerLeaf, peerLeaf, readPeerLeaves } from './peer-leaves.ts'
import { peerLedger } from './peer-ledger.ts'
import { verifyLogs } from './verify.ts'
import { bookings } from './verify-peers.ts'

/** How long a node may take to book what the other has booked. */
export const graceMs = 10 * minute

/** Two logs joined. `JSON.stringify` is its machine-readable form; fen. */
export interface PeerReconciliation {
  readonly peer: number
  readonly at: Instant
  readonly good: boolean
  /** Leaves of either that the other has booked. */
  readonly joined: number
  /** What the other owes us: by our books, by its log; and what it has logged and we not yet. */
  readonly dueFrom: { readonly ours: number; readonly theirs: number; readonly pending: number }
  /** What we owe it, in the same way. */
  readonly dueTo: { readonly ours: number; readonly theirs: number; readonly pending: number }
  /** Each names a leaf by its hash. */
  readonly findings: readonly string[]
}

/**
 * Joins our books with another node's log: every leaf of one that owes the other is booked there
 * once, with `ref` and the same amount, the balances mirror, and our receipts are its own. Its logs
 * (oldest first, all of them) are audited before, under `policy`. What is younger than `graceMs`
 * may be missing. Reads only. Weather when there is no log to look at.
 */
export async function reconcilePeer(
  reader: Reader,
  given: {
    readonly peer: number
    readonly sources: readonly LogSource[]
    readonly policy: Policy
    readonly now: Instant
  },
): Promise<PeerReconciliation> {
  const { peer, sources, policy, now } = given
  const { node } = reader.tables
  const [self] = await reader.select({ number: node.number }).from(node)
  if (!self) throw new Weather('the database has no node', undefined)
  const report = await verifyLogs(sources, policy)
  if (report.logs.length === 0) throw new Weather('there is no log of the other node', undefined)
  const findings = report.findings.map(({ message }) => `its log: ${message}`)
  const theirs = await readPeerLeaves(sources, policy, self.number)
  const ours = { owing: await owing(reader, peer), booked: await booked(reader, peer) }
  const add = (message: string) => findings.push(message)
  await verifyReceipts(reader, { peer, policy }, add)
  const from = join({ owing: theirs.owing, booked: ours.booked, where: 'here', now }, add)
  const to = join({ owing: ours.owing, booked: theirs.booked, where: 'there', now }, add)
  const dueFrom = { ours: sum(ours.booked), theirs: sum(theirs.owing), pending: from.pending }
  const dueTo = { ours: sum(ours.owing), theirs: sum(theirs.booked), pending: to.pending }
  if (dueFrom.ours + dueFrom.pending !== dueFrom.theirs) add('what it owes us does not mirror')
  if (dueTo.theirs + dueTo.pending !== dueTo.ours) add('what we owe it does not mirror')
  const balance = await balanceOf(reader, peer)
  if (balance.node_due_from !== dueFrom.ours) add('node_due_from is not what our leaves say')
  if (-balance.node_due_to !== dueTo.ours) add('node_due_to is not what our leaves say')
  const joined = from.joined + to.joined
  return { peer, at: now, good: findings.length === 0, joined, dueFrom, dueTo, findings }
}

/** What we hold against that node is signed by keys of its logs, whoever cosigned it. */
async function verifyReceipts(
  reader: Reader,
  { peer, policy }: { readonly peer: number; readonly policy: Policy },
  add: (finding: string) => void,
): Promise<void> {
  const signed: Policy = { ...policy, witnesses: [], quorum: { kind: 'none' } }
  for await (const booking of bookings(reader)) {
    if (booking.peer !== peer) continue
    try {
      await verifyReceipt(sha256, verifyEd25519, signed, parseReceipt(booking.receipt))
    } catch (error) {
      if (!(error instanceof TlogError)) throw error
      add(`the receipt of leaf ${toBase64url(booking.ref)} is not of its log: ${error.code}`)
    }
  }
}

/** Every leaf that owes is booked once, for as much. */
function join(
  given: {
    readonly owing: readonly PeerLeaf[]
    readonly booked: readonly PeerLeaf[]
    readonly where: string
    readonly now: Instant
  },
  add: (finding: string) => void,
): { joined: number; pending: number } {
  const { owing, where, now } = given
  const waiting = new Map(owing.map((leaf) => [leaf.hash, leaf]))
  const seen = new Set<string>()
  for (const one of given.booked) {
    const of = waiting.get(one.ref ?? '')
    if (seen.has(one.ref ?? '')) add(`leaf ${one.ref} is booked ${where} twice`)
    else if (!of) add(`leaf ${one.ref} is booked ${where} and is in no log`)
    else if (of.signed !== one.signed) {
      add(`leaf ${one.ref} is of ${of.signed} fen and is booked ${where} with ${one.signed}`)
    }
    seen.add(one.ref ?? '')
  }
  const missing = owing.filter(({ hash }) => !seen.has(hash))
  for (const { hash } of missing.filter(({ at }) => at < now - graceMs)) {
    add(`leaf ${hash} is not booked ${where}`)
  }
  return { joined: owing.length - missing.length, pending: sum(missing) }
}

function sum(leaves: readonly PeerLeaf[]): number {
  return leaves.reduce((total, { signed }) => total + signed, 0)
}

/** Our leaves of vouchers of ours that were redeemed or undone at that node. */
async function owing(reader: Reader, peer: number): Promise<PeerLeaf[]> {
  const { redemptions: r, journalEntries: j } = reader.tables
  const rows = await reader
    .select({ leaf: j.leaf, hash: j.leafHash })
    .from(r)
    .innerJoin(j, and(eq(j.bucket, r.bucket), sql`${j.id} in (${r.entryId}, ${r.reversalEntryId})`))
    .where(eq(r.merchantId, peerLedger(peer)))
  return rows.map(({ leaf, hash }) => peerLeaf(readLeaf(leaf), hash))
}

/** Our leaves about that node's vouchers. */
async function booked(reader: Reader, peer: number): Promise<PeerLeaf[]> {
  const { peerBookings: b, journalEntries: j } = reader.tables
  const rows = await reader
    .select({ leaf: j.leaf, hash: j.leafHash })
    .from(b)
    .innerJoin(j, and(eq(j.bucket, b.bucket), eq(j.id, b.entryId)))
    .where(eq(b.peer, peer))
  return rows.map(({ leaf, hash }) => peerLeaf(readLeaf(leaf), hash))
}

/** Fen by account of that node's sub-ledger, debits less credits. */
export async function balanceOf(
  reader: Reader,
  peer: number,
): Promise<{ node_due_from: number; node_due_to: number }> {
  const { postings: p } = reader.tables
  const rows = await reader
    .select({ account: p.account, sum: sql<number>`cast(sum(${p.amount}) as bigint)` })
    .from(p)
    .where(eq(p.merchantId, peerLedger(peer)))
    .groupBy(p.account)
  const of = (account: string) => rows.find((row) => row.account === account)?.sum ?? 0
  return { node_due_from: of('node_due_from'), node_due_to: of('node_due_to') }
}
