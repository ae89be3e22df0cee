import { and, eq, inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { capPeriod } from '../benefits/cap.ts'
import { dayIn } from '../benefits/criteria/zone.ts'
import { takeAvailable } from '../benefits/programmes.ts'
import type { BenefitVersion } from '../benefits/versions.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, drawUp } from '../ledger/journal.ts'
import type { Tx } from '../store/store.ts'
import { chunkList, keepList } from './chunk-entry.ts'
import { newHandle } from './handle.ts'
import { holdUnits } from './quota-units.ts'
import type { Voucher } from './states.ts'
import { takeStock } from './stock.ts'
import { tellOfBenefit } from './tell.ts'
import { offerEnd, validityFrom } from './validity.ts'

/** A member who is to get a voucher. */
export interface Recipient {
  readonly memberId: string
  readonly personId: string
  readonly bucket: number
}

export interface Issue {
  readonly batchId: string
  /** Where the money comes from: the budget, or units of the benefit's open stock. */
  readonly source?: 'budget' | 'stock'
  readonly benefit: BenefitVersion
  /** Offered for claiming, or active at once. */
  readonly delivery: 'offer' | 'active'
  readonly recipients: readonly Recipient[]
  readonly now: Instant
  readonly random?: Random
}

/** What a chunk did. `dropped` had reached their cap, or nothing was left of a sub-quota. */
export interface Issued {
  readonly issued: number
  readonly dropped: number
  /** Those who were dropped. */
  readonly missed: readonly Recipient[]
  /** Fen committed. */
  readonly amount: number
  readonly entryId: string | undefined
}

/**
 * Issues vouchers to a chunk of members: caps by unique claims, sub-quotas and budget by
 * conditional updates over what was really issued, one leaf for them all. Where a sub-quota does
 * not last, the first in order have it. Refusals BUDGET_EXHAUSTED and, from stock, QUOTA_EXHAUSTED
 * issue nothing.
 */
export async function issueChunk(tx: Tx, node: ThisNode, issue: Issue): Promise<Issued> {
  const { benefit, now, batchId } = issue
  const random = issue.random ?? systemRandom
  const drafts = issue.recipients.map((to) => ({ to, id: newHandle(to.bucket, random) }))
  const granted = await grant(tx, benefit, drafts, now)
  const dropped = drafts.length - granted.length
  const got = new Set(granted)
  const missed = dropped === 0 ? [] : drafts.filter((one) => !got.has(one)).map((one) => one.to)
  if (granted.length === 0) return { issued: 0, dropped, missed, amount: 0, entryId: undefined }

  const { definition, programme } = benefit
  const amount = granted.length * definition.amount * definition.uses
  const stock = issue.source === 'stock'
  if (stock) await takeStock(tx, benefit.benefitId, granted.length)
  else await takeAvailable(tx, programme.id, amount)
  const { fields, handles } = chunkList(granted.map(({ id }) => id))
  const drawn = drawUp(node, {
    id: newId(now),
    kind: stock ? 'draw.issue' : 'batch.issue',
    bucket: programme.bucket,
    at: now,
    programme,
    amount,
    postings: [
      { account: stock ? 'stock_reserved' : 'budget_available', amount },
      { account: 'voucher_liability', amount: -amount },
    ],
    fields: { ...fields, ...(definition.uses > 1 && { uses: definition.uses }) },
    commits: { operator: `batch:${batchId}` },
  })
  const entryId = drawn.entry.id
  await book(tx, drawn)
  await keepList(tx, { bucket: programme.bucket, entryId, handles })
  const common = rowOf(issue, drawn.hash)
  await tx.insertMany(
    tx.tables.vouchers,
    granted.map(({ to, id }) => ({
      ...common,
      bucket: to.bucket,
      id,
      memberId: to.memberId,
      personId: to.personId,
    })),
  )
  const to = granted.map(({ to: { memberId, bucket }, id }) => ({ memberId, bucket, subject: id }))
  await tellOfBenefit(tx, stock ? 'draw_won' : 'offered', { benefit, to, now })
  return { issued: granted.length, dropped, missed, amount, entryId }
}

function rowOf({ batchId, benefit, delivery, now, source }: Issue, leaf: Uint8Array) {
  const { definition, programme, benefitId, version } = benefit
  const offered = delivery === 'offer'
  const offerTo = offered ? offerEnd(definition, now) : null
  const span = validityFrom(definition, now)
  const counts = offered && 'days_after_claim' in definition.validity
  const validity = counts ? { validFrom: now, validTo: offerTo ?? now } : span
  return {
    programmeId: programme.id,
    benefitId,
    benefitVersion: version,
    batchId,
    seq: 1,
    origin: source === 'stock' ? 'stock' : 'offer',
    state: offered ? 'offered' : 'active',
    version: 1,
    usesTotal: definition.uses,
    usesLeft: definition.uses,
    amount: definition.amount,
    offerTo,
    ...validity,
    issuedAt: now,
    claimedAt: offered ? null : now,
    reversals: 0,
    lastLeaf: leaf,
  } satisfies Partial<Voucher>
}

interface Draft {
  readonly to: Recipient
  readonly id: string
}

/**
 * The drafts that become vouchers. What a sub-quota had for somebody who had reached their cap goes
 * to the next who was left out.
 */
async function grant(
  tx: Tx,
  benefit: BenefitVersion,
  drafts: readonly Draft[],
  now: Instant,
): Promise<readonly Draft[]> {
  const units = await holdUnits(tx, benefit, drafts, now)
  if (!units) return claimCaps(tx, benefit, drafts, now)
  const granted: Draft[] = []
  for (let open = drafts; open.length > 0; ) {
    const { fit, rest } = units.choose(open)
    const got = new Set(await claimCaps(tx, benefit, fit, now))
    granted.push(...got)
    for (const draft of fit) if (!got.has(draft)) units.release(draft)
    open = got.size < fit.length ? rest : []
  }
  await units.book(granted)
  return granted
}

/**
 * Writes the claims that count against each person's cap, and answers the drafts whose claim is
 * really there. With caps above one, each person's next free number is tried.
 */
async function claimCaps(
  tx: Tx,
  { benefitId, definition, programme }: BenefitVersion,
  drafts: readonly Draft[],
  now: Instant,
): Promise<readonly Draft[]> {
  const { claims } = tx.tables
  const period = capPeriod(definition.cap, dayIn(programme.timeZone, now))
  let open = drafts
  const granted: Draft[] = []
  for (let seq = 1; seq <= definition.cap.count && open.length > 0; seq++) {
    const rows = open.map(({ to, id }) => ({
      bucket: to.bucket,
      personId: to.personId,
      benefitId,
      period,
      seq,
      voucherId: id,
      at: now,
    }))
    const written = await tx.insertMany(claims, rows, { ignore: true })
    if (written === rows.length) return [...granted, ...open]
    const ours = await claimsWritten(tx, benefitId, period, seq, open)
    granted.push(...open.filter(({ id }) => ours.has(id)))
    open = open.filter(({ id }) => !ours.has(id))
  }
  return granted
}

/** Which of the drafts' claims are in the table: asked only when some were not. */
async function claimsWritten(
  tx: Tx,
  benefitId: string,
  period: string,
  seq: number,
  drafts: readonly Draft[],
): Promise<Set<string>> {
  const { claims } = tx.tables
  const ours = new Set<string>()
  for (let i = 0; i < drafts.length; i += 1000) {
    const part = drafts.slice(i, i + 1000)
    const rows = await tx
      .select({ id: claims.voucherId })
      .from(claims)
      .where(
        and(
          inArray(claims.bucket, [...new Set(part.map(({ to }) => to.bucket))]),
          inArray(
            claims.personId,
            part.map(({ to }) => to.personId),
          ),
          eq(claims.benefitId, benefitId),
          eq(claims.period, period),
          eq(claims.seq, seq),
        ),
      )
    for (const { id } of rows) ours.add(id)
  }
  return ours
}
