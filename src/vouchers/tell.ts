import { and, asc, eq, gt, lte, notExists, sql } from 'drizzle-orm'

import { day, type Instant } from '../base/clock.ts'
import { type BenefitVersion, benefitVersion } from '../benefits/versions.ts'
import { type Telling, tell } from '../identity/messages.ts'
import type { MessageKind } from '../store/schema/messages.ts'
import type { Reader, Tx } from '../store/store.ts'

/** Who is told of which voucher, redemption or delegation. */
export interface Told {
  readonly memberId: string
  readonly bucket: number
  /** Id of what the message is about. */
  readonly subject: string
}

/** Tells members of vouchers of one benefit, all at once, in the transaction of what happened. */
export async function tellOfBenefit(
  tx: Tx,
  kind: MessageKind,
  {
    benefit,
    to,
    now,
  }: {
    readonly benefit: Pick<BenefitVersion, 'definition'>
    readonly to: readonly Told[]
    readonly now: Instant
  },
): Promise<void> {
  const { zh, en } = benefit.definition.name
  const values = { benefit_zh: zh, benefit_en: en }
  await tell(
    tx,
    to.map((one) => ({ ...one, kind, values })),
    now,
  )
}

/** How long before its end a member is told of a voucher. */
const soonMs = 3 * day

/** Where a walk through the vouchers stands. */
export interface Place {
  readonly bucket: number
  readonly id: string
}

/**
 * Up to `limit` vouchers behind a place that end within three days and of whose end nobody was told
 * yet, as messages, and the place to go on from.
 */
export async function endingSoon(
  reader: Reader,
  { after, limit, now }: { readonly after: Place; readonly limit: number; readonly now: Instant },
): Promise<{ readonly tellings: Telling[]; readonly next: Place | undefined }> {
  const { vouchers: v, messages: g } = reader.tables
  const told = reader
    .select({ one: sql`1` })
    .from(g)
    .where(
      and(
        ...[eq(g.bucket, v.bucket), eq(g.memberId, v.memberId)],
        ...[eq(g.kind, 'voucher_expiring'), eq(g.subject, v.id)],
      ),
    )
  const rows = await reader
    .select({
      ...{ bucket: v.bucket, id: v.id, memberId: v.memberId, until: v.validTo },
      ...{ benefitId: v.benefitId, version: v.benefitVersion },
    })
    .from(v)
    .where(
      and(
        ...[eq(v.state, 'active'), gt(v.validTo, now), lte(v.validTo, now + soonMs)],
        sql`(${v.bucket}, ${v.id}) > (${after.bucket}, ${after.id})`,
        notExists(told),
      ),
    )
    .orderBy(asc(v.bucket), asc(v.id))
    .limit(limit)
  const names = new Map<string, { zh: string; en: string } | undefined>()
  for (const { benefitId, version } of rows) {
    const key = `${benefitId} ${version}`
    if (names.has(key)) continue
    names.set(key, (await benefitVersion(reader, benefitId, version))?.definition.name)
  }
  const tellings = rows.map(({ bucket, id, memberId, until, benefitId, version }) => {
    const name = names.get(`${benefitId} ${version}`)
    // `until` is the first instant at which it is no longer valid: its last day is the one before.
    const values = { benefit_zh: name?.zh ?? '', benefit_en: name?.en ?? '', until: until - 1 }
    return { bucket, memberId, kind: 'voucher_expiring' as const, subject: id, values }
  })
  return { tellings, next: rows.length === limit ? rows.at(-1) : undefined }
}
