import { and, desc, eq, gt, isNull, lte } from 'drizzle-orm'

import { utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { makeNumericCode } from '../formats/numeric-code.ts'
import { keyedHash, seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { stateRefusal } from './states.ts'
import { tellOfBenefit } from './tell.ts'
import { voucherOf } from './wallet.ts'

export type Delegation = Tx['tables']['delegations']['$inferSelect']

/** Who picks it up: what a clerk compares with the person at the counter. */
export interface Collector {
  readonly name: string
  /** The last four digits of their phone number. */
  readonly mobileLast4: string
}

/**
 * Names who picks a package up for its member, one at a time, and makes the twelve digits that they
 * are given; told once and stored as a keyed hash. Refusals: VOUCHER_NOT_FOUND, those of
 * `stateRefusal` unless it is active, DELEGATE_MISMATCH (the benefit is collected in person),
 * VALIDATION_FAILED (dates outside the voucher's), ALREADY_EXISTS (somebody is named).
 */
export async function nameCollector(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly memberId: string
    readonly bucket: number
    readonly voucherId: string
    readonly collector: Collector
    readonly validFrom: Instant | undefined
    readonly validTo: Instant | undefined
    /** SHA-256 of the proof of the member's device. */
    readonly evidence: Uint8Array
    readonly now: Instant
    readonly random?: Random
  },
): Promise<{ delegation: Delegation; digits: string }> {
  const { memberId, bucket, voucherId, collector, evidence, now } = given
  const held = await voucherOf(tx, { memberId, bucket, voucherId, now })
  if (held.state !== 'active') throw stateRefusal(held.voucher, now)
  const { details } = held.benefit.definition
  if (details.kind !== 'package' || !details.collector_allowed) {
    throw new Refusal('DELEGATE_MISMATCH')
  }
  const validFrom = given.validFrom ?? now
  const validTo = given.validTo ?? held.voucher.validTo
  if (validTo <= Math.max(validFrom, now) || validTo > held.voucher.validTo) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['valid_to: not within the voucher’s time'] })
  }
  const digits = makeNumericCode(given.random ?? systemRandom)
  const id = newId(now)
  const [delegation] = await tx
    .insert(tx.tables.delegations)
    .values({
      ...{ bucket, id, voucherId, memberId, evidence, validFrom, validTo, createdAt: now },
      sealed: seal(node.sealing, utf8(JSON.stringify(collector)), purpose(id)),
      codeHash: hashOf(node, digits),
    })
    .onConflictDoNothing()
    .returning()
  if (!delegation) throw new Refusal('ALREADY_EXISTS', { what: 'collector' })
  const to = [{ memberId, bucket, subject: id }]
  await tellOfBenefit(tx, 'collector_named', { benefit: held.benefit, to, now })
  return { delegation, digits }
}

/** Takes a name back. Refusal NOT_FOUND, also for another's and for one that is over. */
export async function revokeCollector(
  tx: Tx,
  given: { memberId: string; bucket: number; voucherId: string; id: string; now: Instant },
): Promise<Delegation> {
  const { delegations: d } = tx.tables
  const { memberId, bucket, voucherId, id, now } = given
  const [revoked] = await tx
    .update(d)
    .set({ revokedAt: now })
    .where(
      and(
        ...[eq(d.bucket, bucket), eq(d.id, id), eq(d.voucherId, voucherId)],
        ...[eq(d.memberId, memberId), isNull(d.revokedAt), isNull(d.usedAt)],
      ),
    )
    .returning()
  if (!revoked) throw new Refusal('NOT_FOUND', { what: 'collector' })
  return revoked
}

/** Whom the member has named for a voucher, the latest first. */
export function delegationsOf(reader: Reader, bucket: number, voucherId: string) {
  const { delegations: d } = reader.tables
  return reader
    .select()
    .from(d)
    .where(and(eq(d.bucket, bucket), eq(d.voucherId, voucherId)))
    .orderBy(desc(d.id))
    .limit(20)
}

/** The delegation whose pick-up code these digits are; whether it is good is decided later. */
export async function delegationByDigits(
  reader: Reader,
  node: ThisNode,
  digits: string,
): Promise<Delegation | undefined> {
  const { delegations: d } = reader.tables
  const [found] = await reader
    .select()
    .from(d)
    .where(eq(d.codeHash, hashOf(node, digits)))
  return found
}

/** Refusal DELEGATE_MISMATCH unless a package may be handed to its collector now. */
export async function requireCollector(
  tx: Tx,
  { bucket, id }: { readonly bucket: number; readonly id: string },
  now: Instant,
): Promise<Delegation> {
  const { delegations: d } = tx.tables
  const [good] = await tx
    .select()
    .from(d)
    .where(and(eq(d.bucket, bucket), eq(d.id, id), ...open(tx, now)))
  if (!good) throw new Refusal('DELEGATE_MISMATCH')
  return good
}

/**
 * Uses a pick-up code up, once. A name that the clerk gives must be the one the member gave.
 * Refusal DELEGATE_MISMATCH.
 */
export async function spendCollector(
  tx: Tx,
  node: ThisNode,
  given: { bucket: number; id: string; named: string | undefined; now: Instant },
): Promise<void> {
  const { delegations: d } = tx.tables
  const { bucket, id, named, now } = given
  const [spent] = await tx
    .update(d)
    .set({ usedAt: now })
    .where(and(eq(d.bucket, bucket), eq(d.id, id), ...open(tx, now)))
    .returning()
  const same = spent && (named === undefined || openCollector(node, spent)?.name === named)
  if (!same) throw new Refusal('DELEGATE_MISMATCH')
}

/** Who it is; none once the member was erased. */
export function openCollector(
  { sealing }: ThisNode,
  { id, sealed }: Pick<Delegation, 'id' | 'sealed'>,
): Collector | undefined {
  if (sealed === null || sealed.length === 0) return undefined
  const plain = new TextDecoder().decode(unseal(sealing, sealed, purpose(id)))
  return JSON.parse(plain) as Collector
}

/** Who picked up what was redeemed, if it was not the member. */
export async function collectorOf(
  reader: Reader,
  node: ThisNode,
  made: { bucket: number; collector: string | null; collectedBy: string | null },
): Promise<Pick<Collector, 'name'> | undefined> {
  if (made.collectedBy === null)
    return made.collector === null ? undefined : { name: made.collector }
  const { delegations: d } = reader.tables
  const [found] = await reader
    .select()
    .from(d)
    .where(and(eq(d.bucket, made.bucket), eq(d.id, made.collectedBy)))
  return found && openCollector(node, found)
}

/** Not taken back, not used, and within its dates. */
function open({ tables: { delegations: d } }: Tx, now: Instant) {
  return [isNull(d.revokedAt), isNull(d.usedAt), lte(d.validFrom, now), gt(d.validTo, now)]
}

function purpose(id: string): string {
  return `collector:${id}`
}

function hashOf(node: ThisNode, digits: string): Uint8Array {
  return keyedHash(node.hashing, `pick-up:${digits}`)
}
