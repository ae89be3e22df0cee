import { and, asc, eq, gt, sql } from 'drizzle-orm'

import { toBase64url, utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import type { RefusalCode } from '../base/refusal-codes.ts'
import { sha256 } from '../base/sha256.ts'
import { memberKeyOf } from '../identity/member-keys.ts'
import { subtreeRange } from '../identity/organisation-rules.ts'
import { keyedHash, seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { Criteria } from './criteria/criteria.ts'
import { evaluate, type Truth } from './criteria/evaluate.ts'
import { expand, mentionsOf } from './criteria/named.ts'
import { type Decision, effectiveCriteria } from './eligibility.ts'
import { factsIn, type Person } from './person.ts'
import { benefitVersion } from './versions.ts'

export type DecisionReceipt = Reader['tables']['decisionReceipts']['$inferSelect']
type Outcome = DecisionReceipt['outcome']

/** Counts up when a criterion comes to mean something else: an older receipt then says so. */
export const evaluatorVersion = 1

const outcomes: Readonly<Record<Truth, Outcome>> = {
  true: 'entitled',
  false: 'not_entitled',
  unknown: 'unknown',
}

/** What is kept of a decision under the member's key: erased with it. */
interface Kept {
  /** Hexadecimal, 32 octets: keys the hashes of the facts. */
  readonly key: string
  readonly used: Readonly<Record<string, unknown>>
  readonly segments: Readonly<Record<string, Criteria>>
}

/**
 * Keeps the receipt of a decision (section 15): the rule, hashes of the facts it used, what came
 * of it. `refused` is the code that was answered, also one that has nothing to do with the rule.
 */
export async function keepDecision(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly decision: Decision
    readonly bucket: number
    readonly refused: RefusalCode | undefined
    readonly now: Instant
    readonly random?: Random
  },
): Promise<string> {
  const { decision, bucket, refused, now, random = systemRandom } = given
  const { memberId, benefit, criteria, person, today, truth } = decision
  const id = newId(now)
  const key = random(32)
  const used = factsUsed(criteria, person)
  const segments = Object.fromEntries(person.segments)
  const kept: Kept = { key: Buffer.from(key).toString('hex'), used, segments }
  const memberKey = await memberKeyOf(tx, node, memberId)
  await tx.insertMany(tx.tables.decisionReceipts, [
    {
      ...{ bucket, id, memberId, today, at: now },
      ...{ benefitId: benefit.benefitId, benefitVersion: benefit.version },
      ...{ criteriaHash: hashOf(criteria, person.segments), evaluator: evaluatorVersion },
      ...{ outcome: outcomes[truth], refused: refused ?? null },
      factHashes: JSON.stringify(hashesOf(key, used)),
      sealedFacts: memberKey ? seal(memberKey, utf8(JSON.stringify(kept)), purpose(id)) : null,
    },
  ])
  return id
}

/** The receipts about members within these subtrees, in their order. */
export async function decisionsWithin(
  reader: Reader,
  orgPaths: readonly string[],
  { after, limit, id }: { after: string; limit: number; id?: string },
): Promise<DecisionReceipt[]> {
  const { decisionReceipts: d, members: m, organisations: o } = reader.tables
  const inside = orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return sql`(${o.path} >= ${from} and ${o.path} < ${to})`
  })
  const rows = await reader
    .select({ receipt: d })
    .from(d)
    .innerJoin(m, eq(m.id, d.memberId))
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(
      and(id === undefined ? gt(d.id, after) : eq(d.id, id), sql`(${sql.join(inside, sql` or `)})`),
    )
    .orderBy(asc(d.id))
    .limit(limit)
  return rows.map(({ receipt }) => receipt)
}

/** The facts that a decision looked at, as JSON text; none once they were erased. */
export function factsOfDecision(
  memberKey: Uint8Array,
  { id, sealedFacts }: Pick<DecisionReceipt, 'id' | 'sealedFacts'>,
): string | undefined {
  if (!sealedFacts) return undefined
  const text = new TextDecoder().decode(unseal(memberKey, sealedFacts, purpose(id)))
  return JSON.stringify((JSON.parse(text) as Kept).used)
}

/** What asking the same rule of the same facts once more comes to. */
export interface Replay {
  /** What the evaluator says now; none when the facts were erased, or never kept. */
  readonly outcome: Outcome | undefined
  /** The rule is still the one whose hash was kept. */
  readonly sameRule: boolean
  /** The kept facts are still those whose hashes were kept. */
  readonly sameFacts: boolean
  readonly sameEvaluator: boolean
  readonly agrees: boolean
}

/** Evaluates a kept decision again, from its own receipt alone; nothing is written. */
export async function replayDecision(
  tx: Tx,
  node: ThisNode,
  receipt: DecisionReceipt,
): Promise<Replay> {
  const { memberId, benefitId, today } = receipt
  const sameEvaluator = receipt.evaluator === evaluatorVersion
  const benefit = await benefitVersion(tx, benefitId, receipt.benefitVersion)
  const key = await memberKeyOf(tx, node, memberId)
  if (!benefit || !key || !receipt.sealedFacts) {
    const unknown = { outcome: undefined, sameRule: benefit !== undefined, sameFacts: false }
    return { ...unknown, sameEvaluator, agrees: false }
  }
  const text = new TextDecoder().decode(unseal(key, receipt.sealedFacts, purpose(receipt.id)))
  const { used, segments, key: hex } = JSON.parse(text) as Kept
  const criteria = effectiveCriteria(benefit.definition)
  const named = new Map(Object.entries(segments))
  const person = personOf(memberId, used, named)
  const hashes = hashesOf(Buffer.from(hex, 'hex'), used)
  const judged = evaluate(criteria, factsIn(person, benefit.programme.timeZone), today)
  const outcome = outcomes[judged.truth]
  const sameRule = Buffer.compare(hashOf(criteria, named), receipt.criteriaHash) === 0
  const sameFacts = JSON.stringify(hashes) === receipt.factHashes
  const agrees = sameRule && sameFacts && outcome === receipt.outcome
  return { outcome, sameRule, sameFacts, sameEvaluator, agrees }
}

/** The facts that a rule looks at, by name; null is unknown. Nothing else is kept. */
function factsUsed(rule: Criteria, person: Person): Record<string, unknown> {
  const used: Record<string, unknown> = {}
  const fact = (name: string) => {
    const key = (name === 'new_employment_form' ? 'occupation' : name) as keyof Person['facts']
    used[`fact:${key}`] = person.facts[key] ?? null
  }
  const open: Criteria[] = [expand(rule, person.segments)]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if ('all' in node) open.push(...node.all)
    if ('any' in node) open.push(...node.any)
    if ('of' in node) open.push(...node.of)
    if ('not' in node) open.push(node.not)
    if ('fact' in node) fact(node.fact)
    if ('age' in node) fact('birth_date')
    if ('tenure' in node) fact('joined_on')
    if ('org' in node) used.org_path = person.orgPath
    if ('region' in node) used.region = person.region
    if ('list' in node) used[`list:${node.list}`] = person.lists.has(node.list)
  }
  if (mentionsOf(expand(rule, person.segments)).history) used.events = person.events
  return Object.fromEntries(Object.entries(used).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The person as far as a receipt knows them: what it has not, its rule does not ask. */
function personOf(memberId: string, used: Kept['used'], segments: Person['segments']): Person {
  const under = (prefix: string) =>
    Object.entries(used).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    )
  return {
    ...{ memberId, segments },
    facts: Object.fromEntries(under('fact:').filter(([, value]) => value !== null)),
    orgPath: (used.org_path as string | undefined) ?? '',
    region: (used.region as number | undefined) ?? 0,
    lists: new Set(under('list:').flatMap(([id, on]) => (on ? [id] : []))),
    events: (used.events as Person['events'] | undefined) ?? [],
  }
}

function hashesOf(key: Uint8Array, used: Kept['used']): Record<string, string> {
  const hashed = Object.entries(used).map(
    ([name, value]) => [name, toBase64url(keyedHash(key, JSON.stringify([name, value])))] as const,
  )
  return Object.fromEntries(hashed)
}

function hashOf(criteria: Criteria, segments: Person['segments']): Uint8Array {
  return sha256(JSON.stringify(expand(criteria, segments)))
}

function purpose(id: string): string {
  return `decision:${id}`
}
