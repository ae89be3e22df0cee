import { and, eq, inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Reader } from '../store/store.ts'
import type { Criteria } from './criteria/criteria.ts'
import type { Explanation } from './criteria/explain.ts'
import type { Words } from './criteria/facts.ts'
import { mentionsOf, readSegments } from './criteria/named.ts'
import type { Names } from './criteria/words.ts'
import { dayIn } from './criteria/zone.ts'
import { effectiveCriteria, explainAll } from './eligibility.ts'
import { levelFinder, levelUses } from './sub-quotas.ts'
import { type BenefitVersion, benefitVersion } from './versions.ts'

/** What a member may hope for from one benefit. */
export interface Right {
  readonly benefit: BenefitVersion
  /** `exhausted`: entitled, but nothing is left of the open stock. */
  readonly status: Explanation['status'] | 'exhausted'
  readonly explanation: Explanation
  /** Units left of open stock; none for what is issued by batches. */
  readonly left: number | undefined
}

const mostBenefits = 500
const kinds: Readonly<Record<string, Words>> = {
  checkup: { zh: '健康体检', en: 'health checkup' },
  insurance: { zh: '互助保障', en: 'mutual insurance' },
  package: { zh: '关爱礼包', en: 'care package' },
  coupon: { zh: '消费券', en: 'coupon' },
}

/** The rights of a member, for every published benefit. Refusal NOT_FOUND without such a member. */
export async function rightsOf(
  reader: Reader,
  { memberId, now }: { memberId: string; now: Instant },
): Promise<Right[]> {
  const { benefits } = reader.tables
  const rows = await reader
    .select({ id: benefits.id, version: benefits.version })
    .from(benefits)
    .where(eq(benefits.state, 'published'))
    .limit(mostBenefits)
  const found = await Promise.all(rows.map((row) => benefitVersion(reader, row.id, row.version)))
  return explained(
    reader,
    memberId,
    found.filter((benefit) => benefit !== undefined),
    now,
  )
}

/** The same for one benefit. Refusals: NOT_FOUND, BENEFIT_STATE when it is not published. */
export async function rightTo(
  reader: Reader,
  { memberId, benefitId, now }: { memberId: string; benefitId: string; now: Instant },
): Promise<Right> {
  const benefit = await publishedBenefit(reader, benefitId)
  const [right] = await explained(reader, memberId, [benefit], now)
  if (!right) throw new TypeError('one benefit has one right')
  return right
}

/** The version of a benefit in force. Refusals: NOT_FOUND, BENEFIT_STATE when not published. */
export async function publishedBenefit(reader: Reader, benefitId: string): Promise<BenefitVersion> {
  const { benefits } = reader.tables
  const [row] = await reader.select().from(benefits).where(eq(benefits.id, benefitId))
  const benefit = row && (await benefitVersion(reader, benefitId, row.version))
  if (!row || row.state === 'draft') throw new Refusal('NOT_FOUND', { what: 'benefit' })
  if (row.state !== 'published' || !benefit) {
    throw new Refusal('BENEFIT_STATE', { state: row.state })
  }
  return benefit
}

/** The names of whatever these criteria mention, for `explain`. */
export async function namesFor(reader: Reader, criteria: readonly Criteria[]): Promise<Names> {
  const segments = await readSegments(reader, criteria)
  const mentions = mentionsOf(...criteria, ...segments.values())
  const { organisations } = reader.tables
  const codes = [...mentions.organisations]
  const rows = codes.length
    ? await reader
        .select({ code: organisations.code, name: organisations.nameZh })
        .from(organisations)
        .where(inArray(organisations.code, codes))
    : []
  const named = new Map(rows.map(({ code, name }) => [code, name]))
  const as = (text: string): Words => ({ zh: text, en: text })
  const titles = await titlesOf(reader, [...mentions.benefits])
  return {
    organisation: (code) => as(named.get(code) ?? code),
    region: (code) => as(named.get(code) ?? code),
    benefit: (id) => titles.get(id) ?? as(id),
    category: (slug) => kinds[slug] ?? as(slug),
  }
}

async function explained(
  reader: Reader,
  memberId: string,
  benefits: readonly BenefitVersion[],
  now: Instant,
): Promise<Right[]> {
  const rules = benefits.map(({ definition }) => effectiveCriteria(definition))
  const names = await namesFor(reader, rules)
  const explanations = await explainAll(reader, memberId, benefits, now, names)
  const stock = await stockOf(reader, benefits, memberId, now)
  return benefits.map((benefit, i) => {
    const explanation = explanations[i]
    if (!explanation) throw new TypeError('every benefit has an explanation')
    const left = stock.get(benefit.benefitId)
    const gone = explanation.status === 'eligible' && left === 0
    return { benefit, explanation, left, status: gone ? 'exhausted' : explanation.status }
  })
}

/** What is left of open stock for the member: no more than of any sub-quota that counts them. */
async function stockOf(
  reader: Reader,
  benefits: readonly BenefitVersion[],
  memberId: string,
  now: Instant,
): Promise<Map<string, number>> {
  const { quotas } = reader.tables
  const ids = benefits.map(({ benefitId }) => benefitId)
  if (ids.length === 0) return new Map()
  const totals = await reader
    .select()
    .from(quotas)
    .where(and(inArray(quotas.benefitId, ids), eq(quotas.scope, 'total')))
  const left = new Map(totals.map(({ benefitId, total, used }) => [benefitId, total - used]))
  const parted = benefits.filter(({ benefitId, definition }) => {
    return definition.sub_quotas && left.has(benefitId)
  })
  if (parted.length === 0) return left
  const { members: m, organisations: o } = reader.tables
  const [at] = await reader
    .select({ path: o.path })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(eq(m.id, memberId))
  for (const { benefitId, definition, programme } of parted) {
    const today = dayIn(programme.timeZone, now)
    const uses = await levelUses(reader, benefitId, definition.sub_quotas, today)
    const mine = levelFinder(uses)(at?.path ?? '').map(({ limit, used }) => limit - used)
    left.set(benefitId, Math.max(Math.min(left.get(benefitId) ?? 0, ...mine), 0))
  }
  return left
}

async function titlesOf(reader: Reader, ids: readonly string[]): Promise<Map<string, Words>> {
  const { benefits } = reader.tables
  if (ids.length === 0) return new Map()
  const rows = await reader
    .select({ id: benefits.id, version: benefits.version })
    .from(benefits)
    .where(inArray(benefits.id, [...ids]))
  const found = await Promise.all(rows.map((row) => benefitVersion(reader, row.id, row.version)))
  return new Map(found.flatMap((b) => (b ? [[b.benefitId, b.definition.name]] : [])))
}
