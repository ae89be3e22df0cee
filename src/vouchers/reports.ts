import { and, asc, desc, eq, gt, gte, lt, or, sql } from 'drizzle-orm'

import { utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { subtreeRange } from '../identity/organisation-rules.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { reportReasons } from '../store/schema/reports.ts'
import type { Reader, Tx } from '../store/store.ts'
import { benefitOf, requireVoucher } from './lookup.ts'
import { requireRedemption } from './redemption.ts'
import { type ReversalRequest, reverse } from './reverse.ts'

/** What a member says against a redemption, and what the union made of it. */
export type Report = Tx['tables']['redemptionReports']['$inferSelect']

/** What undoing a redemption for the member's reason is called in the books. */
const reversals: Record<Report['reason'], ReversalRequest['reason']> = {
  not_me: 'wrong_voucher',
  not_received: 'goods_unavailable',
  wrong_amount: 'wrong_amount',
  wrong_goods: 'goods_unavailable',
}

/**
 * Opens a case about a redemption, one at the most. Another's and an unknown one are one answer.
 * Refusals: NOT_FOUND, ALREADY_REVERSED, ALREADY_EXISTS.
 */
export async function reportRedemption(
  tx: Tx,
  given: {
    readonly redemption: { readonly bucket: number; readonly id: string }
    readonly memberId: string
    readonly reason: (typeof reportReasons)[number]
    readonly now: Instant
  },
): Promise<Report> {
  const { redemption, memberId, reason, now } = given
  const made = await requireRedemption(tx, redemption)
  if (made.memberId !== memberId) throw new Refusal('NOT_FOUND', { what: 'redemption' })
  if (made.state === 'reversed') throw new Refusal('ALREADY_REVERSED')
  const { bucket, voucherId } = made
  const { programme } = await benefitOf(tx, await requireVoucher(tx, bucket, voucherId))
  const [opened] = await tx
    .insert(tx.tables.redemptionReports)
    .values({
      ...{ bucket, id: newId(now), redemptionId: made.id, voucherId, memberId, reason },
      ...{ orgCode: programme.orgCode, state: 'open', createdAt: now },
    })
    .onConflictDoNothing()
    .returning()
  if (!opened) throw new Refusal('ALREADY_EXISTS', { what: 'report' })
  return opened
}

/**
 * Decides an open case, once: undoes the redemption, or leaves it as it is; either way the member
 * is told why. Nobody decides their own. Refusals: NOT_FOUND (also out of sight: `inSight` throws
 * it), SELF_APPROVAL, VERSION_CONFLICT {state} for one that is decided, those of `reverse`.
 */
export async function decideReport(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly report: { readonly bucket: number; readonly id: string }
    readonly decision: 'reverse' | 'no_fault'
    /** What the member is told. */
    readonly answer: string
    readonly by: { readonly principalId: string; readonly personId: string }
    readonly inSight: (report: Report) => Promise<unknown>
    readonly now: Instant
  },
): Promise<Report> {
  const { report, decision, answer, by, inSight, now } = given
  const { redemptionReports: r, members } = tx.tables
  const key = and(eq(r.bucket, report.bucket), eq(r.id, report.id))
  const [opened] = await tx.select().from(r).where(key)
  if (!opened) throw new Refusal('NOT_FOUND', { what: 'case' })
  await inSight(opened)
  const [member] = await tx.select().from(members).where(eq(members.id, opened.memberId))
  if (member?.personId === by.personId) throw new Refusal('SELF_APPROVAL')
  const [decided] = await tx
    .update(r)
    .set({
      state: decision === 'reverse' ? 'reversed' : 'no_fault',
      ...{ decidedAt: now, decidedBy: by.principalId },
      sealedAnswer: seal(node.sealing, utf8(answer), `report:${opened.id}`),
    })
    .where(and(key, eq(r.state, 'open')))
    .returning()
  if (!decided) throw new Refusal('VERSION_CONFLICT', { state: opened.state })
  if (decision === 'reverse') {
    const redemption = { bucket: opened.bucket, id: opened.redemptionId }
    const reason = reversals[opened.reason]
    await reverse(tx, node, { redemption, reason, by: { staff: by.principalId }, now })
  }
  return decided
}

/** What the union told the member; none while the case is open. */
export function answerOf({ sealing }: ThisNode, report: Report): string | undefined {
  const { id, sealedAnswer } = report
  if (sealedAnswer === null || sealedAnswer.length === 0) return undefined
  return new TextDecoder().decode(unseal(sealing, sealedAnswer, `report:${id}`))
}

/**
 * Cases of programmes below these paths, oldest first, behind `after`. Of a redemption at another
 * node the store has no name here.
 */
export async function reportsBelow(
  reader: Reader,
  given: {
    readonly orgPaths: readonly string[]
    readonly state: Report['state'] | undefined
    readonly after: string
    readonly limit: number
  },
) {
  const { redemptionReports: r, organisations: o, redemptions: m, stores: s } = reader.tables
  const inside = given.orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to))
  })
  return reader
    .select({ report: r, redemption: m, store: sql<string>`coalesce(${s.name}, '')` })
    .from(r)
    .innerJoin(o, eq(o.code, r.orgCode))
    .innerJoin(m, and(eq(m.bucket, r.bucket), eq(m.id, r.redemptionId)))
    .leftJoin(s, eq(s.id, m.storeId))
    .where(and(or(...inside), gt(r.id, given.after), given.state && eq(r.state, given.state)))
    .orderBy(asc(r.id))
    .limit(given.limit)
}

/**
 * A member's redemptions, the latest first, each with its place, its leaf and its case. Of one at
 * another node the place is that node alone, `node:` and its number.
 */
export async function redemptionsOfMember(
  reader: Reader,
  given: { readonly bucket: number; readonly memberId: string; readonly limit: number },
) {
  const { redemptions: m, stores: s, merchants, vouchers: v } = reader.tables
  const { redemptionReports: r, journalEntries: j } = reader.tables
  return reader
    .select({
      ...{ redemption: m, voucher: v, report: r, leafHash: j.leafHash },
      store: { id: m.storeId, name: sql<string>`coalesce(${s.name}, '')` },
      merchant: sql<string>`coalesce(${merchants.name}, ${m.merchantId})`,
    })
    .from(m)
    .innerJoin(v, and(eq(v.bucket, m.bucket), eq(v.id, m.voucherId)))
    .leftJoin(s, eq(s.id, m.storeId))
    .leftJoin(merchants, eq(merchants.id, m.merchantId))
    .innerJoin(j, and(eq(j.bucket, m.bucket), eq(j.id, m.entryId)))
    .leftJoin(r, and(eq(r.bucket, m.bucket), eq(r.redemptionId, m.id)))
    .where(and(eq(m.bucket, given.bucket), eq(v.memberId, given.memberId)))
    .orderBy(desc(m.redeemedAt), desc(m.id))
    .limit(given.limit)
}
