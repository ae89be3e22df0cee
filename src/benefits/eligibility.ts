import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { IsoDate } from './criteria/civil-date.ts'
import type { Criteria } from './criteria/criteria.ts'
import { evaluate, type Truth } from './criteria/evaluate.ts'
import { type Audience, type Explanation, explain } from './criteria/explain.ts'
import type { PersonFacts } from './criteria/person-facts.ts'
import type { Names } from './criteria/words.ts'
import { dayIn } from './criteria/zone.ts'
import type { Definition } from './definition.ts'
import { factsIn, loadPerson, type Person } from './person.ts'
import type { BenefitVersion } from './versions.ts'

/**
 * Everything a member must fulfil: active standing, the rule as written, and what the kind itself
 * asks (a checkup's ages and gender). Deeper than what `checkCriteria` lets in, and ours: it is not
 * checked again.
 */
export function effectiveCriteria(definition: Definition): Criteria {
  const all: Criteria[] = [
    { fact: 'standing', op: 'eq', value: 'active' },
    definition.criteria as Criteria,
  ]
  const { details } = definition
  if (details.kind === 'checkup') {
    const { min_age, max_age, gender } = details
    if (min_age !== undefined) all.push({ age: { op: 'ge', years: min_age } })
    if (max_age !== undefined) all.push({ age: { op: 'le', years: max_age } })
    if (gender !== undefined) all.push({ fact: 'gender', op: 'eq', value: gender })
  }
  return { all }
}

/**
 * One member's facts for `criteria`, events counted by the days of `timeZone`. For many benefits
 * at once see `loadPerson`. Refusal NOT_FOUND when there is no such member.
 */
export async function personFactsOf(
  reader: Reader,
  memberId: string,
  criteria: Criteria,
  timeZone: string,
): Promise<PersonFacts> {
  const person = await loadPerson(reader, memberId, [criteria])
  if (!person) throw new Refusal('NOT_FOUND', { what: 'member' })
  return factsIn(person, timeZone)
}

/** Says why a member is or is not entitled now. Refusal NOT_FOUND when there is no such member. */
export async function explainFor(
  reader: Reader,
  memberId: string,
  benefit: BenefitVersion,
  now: Instant,
  names: Names,
  audience: Audience = 'member',
): Promise<Explanation> {
  const [explanation] = await explainAll(reader, memberId, [benefit], now, names, audience)
  if (!explanation) throw new TypeError('one benefit has one explanation')
  return explanation
}

/**
 * The same for many benefits, in their order, from one reading of the member: what a member's page
 * of rights shows. Refusal NOT_FOUND.
 */
export async function explainAll(
  reader: Reader,
  memberId: string,
  benefits: readonly BenefitVersion[],
  now: Instant,
  names: Names,
  audience: Audience = 'member',
): Promise<Explanation[]> {
  const rules = benefits.map(({ definition }) => effectiveCriteria(definition))
  const person = await loadPerson(reader, memberId, rules)
  if (!person) throw new Refusal('NOT_FOUND', { what: 'member' })
  return benefits.map((benefit) => explainPerson(person, benefit, now, names, audience))
}

/** What was found when a member asked for something, and on what it rests. */
export interface Decision {
  readonly memberId: string
  readonly benefit: BenefitVersion
  readonly criteria: Criteria
  readonly person: Person
  /** The day of the programme's time zone on which the rule was asked. */
  readonly today: IsoDate
  readonly truth: Truth
  /**
   * Unless entitled: NOT_ELIGIBLE {entitlement: not_yet | ineligible, eligible_from? (a day)} or
   * FACT_UNKNOWN {missing: keys of facts that may be named}.
   */
  readonly refusal: Refusal | undefined
}

/** Decides whether a member is entitled at `now`. Refusal NOT_FOUND without such a member. */
export async function decideEligibility(
  reader: Reader,
  memberId: string,
  benefit: BenefitVersion,
  now: Instant,
): Promise<Decision> {
  const criteria = effectiveCriteria(benefit.definition)
  const { timeZone } = benefit.programme
  const person = await loadPerson(reader, memberId, [criteria])
  if (!person) throw new Refusal('NOT_FOUND', { what: 'member' })
  const today = dayIn(timeZone, now)
  const { truth } = evaluate(criteria, factsIn(person, timeZone), today)
  const refusal = truth === 'true' ? undefined : refusalOf(person, benefit, now)
  return { memberId, benefit, criteria, person, today, truth, refusal }
}

/** Refuses a member who is not entitled at `now`, as `decideEligibility` says. */
export async function requireEligible(
  tx: Tx,
  memberId: string,
  benefit: BenefitVersion,
  now: Instant,
): Promise<void> {
  const { refusal } = await decideEligibility(tx, memberId, benefit, now)
  if (refusal) throw refusal
}

function refusalOf(person: Person, benefit: BenefitVersion, now: Instant): Refusal {
  const { status, eligibleFrom, missing } = explainPerson(person, benefit, now, nameless)
  if (status === 'need_info') return new Refusal('FACT_UNKNOWN', { missing })
  return new Refusal('NOT_ELIGIBLE', {
    entitlement: status,
    ...(eligibleFrom !== undefined && { eligible_from: eligibleFrom }),
  })
}

function explainPerson(
  person: Person,
  { definition, programme }: BenefitVersion,
  now: Instant,
  names: Names,
  audience: Audience = 'member',
): Explanation {
  const { timeZone } = programme
  const today = dayIn(timeZone, now)
  return explain(effectiveCriteria(definition), factsIn(person, timeZone), today, names, audience)
}

const id = (text: string) => ({ zh: text, en: text })
/** For where only the status of an explanation is used. */
const nameless: Names = { organisation: id, benefit: id, category: id, region: id }
