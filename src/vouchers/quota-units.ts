import { and, eq, inArray, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { dayIn } from '../benefits/criteria/zone.ts'
import type { Definition } from '../benefits/definition.ts'
import { type Level, levelFinder, levelsOf } from '../benefits/sub-quotas.ts'
import type { BenefitVersion } from '../benefits/versions.ts'
import type { Reader, Tx } from '../store/store.ts'

/** A voucher that is to hold units of sub-quotas, and whose it is. */
export interface Holder {
  readonly to: { readonly memberId: string; readonly bucket: number }
  readonly id: string
}

const atOnce = 1000

/**
 * Takes one unit of every sub-quota that counts the member, or of none. The limits are those of
 * this version of the benefit. Refusal QUOTA_EXHAUSTED {scope}.
 */
export async function takeUnits(
  tx: Tx,
  benefit: BenefitVersion,
  holder: Holder,
  now: Instant,
): Promise<void> {
  const levels = levelsAt(benefit, now)
  if (levels.length === 0) return
  const paths = await orgPathsOf(tx, [holder])
  const mine = levelFinder(levels)(paths.get(holder.to.memberId) ?? '')
  for (const level of mine) {
    if (!(await take(tx, benefit.benefitId, level, 1))) {
      throw new Refusal('QUOTA_EXHAUSTED', { scope: level.scope })
    }
  }
  await keepUnits(tx, benefit.benefitId, [{ holder, levels: mine }])
}

/** The sub-quotas of a chunk, held until it commits: what is left of them, and who gets it. */
export interface HeldUnits {
  /** Divides drafts, in their order, into those for whom there is a unit of every level and not. */
  choose<T extends Holder>(drafts: readonly T[]): { readonly fit: T[]; readonly rest: T[] }
  /** Gives back what was chosen for a draft that got no voucher after all. */
  release(holder: Holder): void
  /** Writes what these took: the counters move by their rows, on every level. */
  book(holders: readonly Holder[]): Promise<void>
}

/**
 * Locks the sub-quotas that count anybody of `holders`, by writing them, and reads what is left.
 * Nothing when the benefit has none.
 */
export async function holdUnits(
  tx: Tx,
  benefit: BenefitVersion,
  holders: readonly Holder[],
  now: Instant,
): Promise<HeldUnits | undefined> {
  const levels = levelsAt(benefit, now)
  if (levels.length === 0 || holders.length === 0) return undefined
  const { benefitId } = benefit
  const paths = await orgPathsOf(tx, holders)
  const find = levelFinder(levels)
  const levelsFor = ({ to }: Holder) => find(paths.get(to.memberId) ?? '')
  const asked = new Set(holders.flatMap((holder) => levelsFor(holder)))
  const left = new Map<Level, number>()
  for (const level of levels) {
    if (asked.has(level)) left.set(level, level.limit - (await hold(tx, benefitId, level)))
  }
  const move = (level: Level, by: number) => left.set(level, (left.get(level) ?? 0) + by)
  return {
    choose(drafts) {
      const fit: (typeof drafts)[number][] = []
      const rest: (typeof drafts)[number][] = []
      for (const draft of drafts) {
        const mine = levelsFor(draft)
        const free = mine.every((level) => (left.get(level) ?? 0) > 0)
        if (free) for (const level of mine) move(level, -1)
        ;(free ? fit : rest).push(draft)
      }
      return { fit, rest }
    },
    release(holder) {
      for (const level of levelsFor(holder)) move(level, 1)
    },
    async book(granted) {
      const rows = granted.map((holder) => ({ holder, levels: levelsFor(holder) }))
      for (const level of asked) {
        const units = rows.filter((row) => row.levels.includes(level)).length
        if (units > 0 && !(await take(tx, benefitId, level, units))) {
          throw new TypeError(`more of ${level.scope} was given than was held`)
        }
      }
      await keepUnits(tx, benefitId, rows)
    },
  }
}

/**
 * Gives back, on the levels and days where they were taken, the units of the vouchers that `which`
 * (a condition on `quota_units`) names; the counters move by the rows that were really there.
 * `definition` is that of the vouchers' version: without sub-quotas nothing is asked.
 */
export async function releaseUnits(
  tx: Tx,
  { sub_quotas }: Pick<Definition, 'sub_quotas'>,
  which: SQL | undefined,
): Promise<void> {
  if (!sub_quotas) return
  const { quotas, quotaUnits: u } = tx.tables
  const gone = await tx.delete(u).where(which).returning({ benefitId: u.benefitId, scope: u.scope })
  const counts = new Map<string, { benefitId: string; scope: string; units: number }>()
  for (const { benefitId, scope } of gone) {
    const key = `${scope}/${benefitId}`
    counts.set(key, { benefitId, scope, units: (counts.get(key)?.units ?? 0) + 1 })
  }
  for (const [, { benefitId, scope, units }] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    await tx
      .update(quotas)
      .set({ used: sql`${quotas.used} - ${units}` })
      .where(and(eq(quotas.benefitId, benefitId), eq(quotas.scope, scope)))
  }
}

/** A condition on `quota_units`: what one voucher holds. */
export function heldBy(
  { tables }: Reader,
  { bucket, id }: { readonly bucket: number; readonly id: string },
): SQL | undefined {
  const { quotaUnits: u } = tables
  return and(eq(u.bucket, bucket), eq(u.voucherId, id))
}

function levelsAt({ definition, programme }: BenefitVersion, now: Instant): readonly Level[] {
  return levelsOf(definition.sub_quotas, dayIn(programme.timeZone, now))
}

/** Takes `units` by one conditional update; the row is made with the first of them. */
async function take(tx: Tx, benefitId: string, level: Level, units: number): Promise<boolean> {
  const { quotas } = tx.tables
  const { scope, limit } = level
  const once = () =>
    tx
      .update(quotas)
      .set({ used: sql`${quotas.used} + ${units}`, total: limit })
      .where(
        and(
          eq(quotas.benefitId, benefitId),
          eq(quotas.scope, scope),
          sql`${quotas.used} + ${units} <= ${limit}`,
        ),
      )
      .returning({ used: quotas.used })
  if ((await once()).length > 0) return true
  // Also when somebody else made it meanwhile: then there is a row now, and it decides.
  await tx.insertMany(quotas, [{ benefitId, scope, total: limit, used: 0 }], { ignore: true })
  return (await once()).length > 0
}

/** Locks a level's row by writing it, and answers how much of it is used. */
async function hold(tx: Tx, benefitId: string, { scope, limit }: Level): Promise<number> {
  const { quotas } = tx.tables
  await tx.insertMany(quotas, [{ benefitId, scope, total: limit, used: 0 }], { ignore: true })
  const [held] = await tx
    .update(quotas)
    .set({ used: sql`${quotas.used}` })
    .where(and(eq(quotas.benefitId, benefitId), eq(quotas.scope, scope)))
    .returning({ used: quotas.used })
  if (!held) throw new TypeError(`there is no counter of ${scope}`)
  return held.used
}

async function keepUnits(
  tx: Tx,
  benefitId: string,
  held: readonly { readonly holder: Holder; readonly levels: readonly Level[] }[],
): Promise<void> {
  const rows = held.flatMap(({ holder: { to, id }, levels }) =>
    levels.map(({ scope }) => ({ bucket: to.bucket, voucherId: id, scope, benefitId })),
  )
  await tx.insertMany(tx.tables.quotaUnits, rows)
}

/** The paths of the members' organisations, by member id. */
async function orgPathsOf(
  reader: Reader,
  holders: readonly Holder[],
): Promise<ReadonlyMap<string, string>> {
  const { members: m, organisations: o } = reader.tables
  const paths = new Map<string, string>()
  for (let from = 0; from < holders.length; from += atOnce) {
    const ids = holders.slice(from, from + atOnce).map(({ to }) => to.memberId)
    const rows = await reader
      .select({ id: m.id, path: o.path })
      .from(m)
      .innerJoin(o, eq(o.code, m.orgCode))
      .where(inArray(m.id, ids))
    for (const { id, path } of rows) paths.set(id, path)
  }
  return paths
}
