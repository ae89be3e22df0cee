import type { IsoDate } from './civil-date.ts'
import type { Criteria, FactLeaf, Leaf } from './criteria.ts'
import { evaluate, type Judged, type Truth } from './evaluate.ts'
import {
  askUnion,
  type Disclosure,
  type Fact,
  type FactKey,
  factKeys,
  factOf,
  rigidity,
  type Words,
} from './facts.ts'
import type { PersonFacts } from './person-facts.ts'
import { complement, rangeOf } from './range.ts'
import { daysToWait, outlook } from './waiting.ts'
import { type Names, wordsOf } from './words.ts'

/** `other` is anybody who is neither the member nor staff of the member's union. */
export type Audience = 'member' | 'steward' | 'other'

export type Explanation = {
  /** `not_yet`: false today, and by waiting alone it will be true, or hang on missing facts. */
  readonly status: 'eligible' | 'not_yet' | 'ineligible' | 'need_info'
  /** What speaks for the member, at most three, the weightiest first. */
  readonly because: readonly Words[]
  /** What stands in the way on the cheapest path, in the order of the criteria. */
  readonly blockedBy: readonly Blocker[]
  readonly howToFix: readonly Words[]
  /** The first day on which waiting alone makes it true; only with `not_yet`. */
  readonly eligibleFrom: IsoDate | undefined
  /** What to complete; facts whose names may not be told are left out. */
  readonly missing: readonly (FactKey | 'region')[]
}
/** `known` is false when the fact is missing; of a hidden fact it says nothing and is true. */
export type Blocker = Words & { readonly known: boolean }

const mostReasons = 3
const another: Words = { zh: '另一项条件', en: 'another condition' }

/**
 * Says why a member is or is not entitled on `today`, with whole sentences left to the screen: each
 * item is a phrase. Takes checked criteria; time grows with the number of leaves and, when
 * something is false, with that times the number of days on which a leaf changes. Throws TypeError
 * as `evaluate` does.
 *
 * A fact that is hidden from `audience` is never named here, by word, key or way to fix it.
 */
export function explain(
  criteria: Criteria,
  person: PersonFacts,
  today: IsoDate,
  names: Names,
  audience: Audience = 'member',
): Explanation {
  const judged = evaluate(criteria, person, today)
  const ahead = judged.truth === 'false' ? outlook(judged, person, today) : undefined
  const later = ahead?.trueFrom ?? ahead?.openFrom
  const viewer = { person, today, names, audience }
  const guide = judged.truth === 'unknown' ? judged : later
  const blocks = path(judged, guide, true, viewer).blocks
  const open = judged.truth === 'unknown' ? judged : ahead?.trueFrom ? undefined : ahead?.openFrom
  return {
    status: statusOf(judged.truth, later !== undefined),
    because: reasons(judged, viewer),
    blockedBy: distinct(
      blocks.map(({ leaf, wanted, truth }) => ({
        ...(disclosed(leaf, wanted, viewer) ?? another),
        known: truth !== 'unknown' || disclosureOf(leaf, audience) === 'hide',
      })),
    ),
    howToFix: distinct(blocks.flatMap((block) => fixOf(block, viewer))),
    eligibleFrom: ahead?.trueFromDate,
    missing: open === undefined ? [] : missingFacts(open, audience),
  }
}

type Viewer = {
  readonly person: PersonFacts
  readonly today: IsoDate
  readonly names: Names
  readonly audience: Audience
}

function statusOf(truth: Truth, opensLater: boolean): Explanation['status'] {
  if (truth === 'true') return 'eligible'
  if (truth === 'unknown') return 'need_info'
  return opensLater ? 'not_yet' : 'ineligible'
}

type Block = { readonly leaf: Leaf; readonly wanted: boolean; readonly truth: Truth }
/** `key` is the hardest single block and decides; `sum` of all of them breaks ties. */
type Path = { readonly key: number; readonly sum: number; readonly blocks: readonly Block[] }

const free: Path = { key: 0, sum: 0, blocks: [] }

/**
 * The cheapest way to make a node `wanted`: as many children as it needs, the cheapest first. To
 * make one false that needs k of n, n − k + 1 children must be false. With `later`, the same node
 * on the day that is promised, only children that will not have failed by then are counted on; a
 * node that is unknown today is its own promise, so that only missing facts are asked for.
 */
function path(node: Judged, later: Judged | undefined, wanted: boolean, viewer: Viewer): Path {
  const satisfied = String(wanted)
  if (node.truth === satisfied && (later === undefined || later.truth === satisfied)) return free
  if (node.children.length === 0) {
    const leaf = node.criteria as Leaf
    const cost = costOf(leaf, wanted, node.truth, viewer)
    return { key: cost, sum: cost, blocks: [{ leaf, wanted, truth: node.truth }] }
  }
  const wantedBelow = 'not' in node.criteria ? !wanted : wanted
  const need = wanted || 'not' in node.criteria ? node.need : node.children.length - node.need + 1
  const paths: (Path & { at: number })[] = []
  for (const [at, child] of node.children.entries()) {
    const then = later?.children[at]
    if (then?.truth === String(!wantedBelow)) continue
    paths.push({ ...path(child, then, wantedBelow, viewer), at })
  }
  const picked = paths
    .sort((a, b) => a.key - b.key || a.sum - b.sum || a.at - b.at)
    .slice(0, need)
    .sort((a, b) => a.at - b.at)
  return {
    key: Math.max(0, ...picked.map(({ key }) => key)),
    sum: picked.reduce((total, { sum }) => total + sum, 0),
    blocks: picked.flatMap(({ blocks }) => blocks),
  }
}

/** Rigidity and distance. The distance of a wait is its years, at most 9: bands never mix. */
function costOf(leaf: Leaf, wanted: boolean, truth: Truth, viewer: Viewer): number {
  const weight = weightOf(leaf, wanted)
  if (truth === 'unknown') return Math.min(weight, rigidity.profile)
  const days = daysToWait(leaf, wanted, viewer.person, viewer.today)
  return days === undefined ? weight : rigidity.time + Math.min(9, days / 365)
}

function weightOf(leaf: Leaf, wanted: boolean): number {
  if ('fact' in leaf) {
    return completing(leaf, wanted) ? rigidity.profile : factOf(leaf.fact).weight
  }
  if ('org' in leaf || 'list' in leaf) return rigidity.occupation
  return 'history' in leaf && growing(leaf, wanted) ? rigidity.action : rigidity.age
}

/** Whether the leaf asks that a fact be on record, whatever it is. */
function completing({ op }: FactLeaf, wanted: boolean): boolean {
  return op === (wanted ? 'exists' : 'missing')
}

/** Whether one more voucher event brings a history leaf nearer, rather than only time. */
function growing(leaf: Extract<Leaf, { history: unknown }>, wanted: boolean): boolean {
  const range = rangeOf(leaf.history.op, leaf.history.count)
  const { min, outside } = wanted ? range : complement(range)
  return min !== undefined || outside
}

/** The fact a leaf reads, with its key; undefined for the leaves that read none. */
function factBehind(leaf: Leaf): (Fact & { readonly key: FactKey }) | undefined {
  const key =
    'fact' in leaf
      ? leaf.fact
      : 'age' in leaf
        ? 'birth_date'
        : 'tenure' in leaf
          ? 'joined_on'
          : undefined
  return key === undefined ? undefined : { ...factOf(key), key }
}

/** Hardship is a category to the member's union and to the member, and nothing to others. */
function disclosureOf(leaf: Leaf, audience: Audience): Disclosure {
  const fact = factBehind(leaf)
  if (fact === undefined) return 'show'
  return fact.sensitivity === 'hardship' && audience === 'other' ? 'hide' : fact.disclosure
}

function disclosed(leaf: Leaf, wanted: boolean, viewer: Viewer): Words | undefined {
  const rule = disclosureOf(leaf, viewer.audience)
  if (rule === 'show') return wordsOf(leaf, viewer.names, !wanted)
  return rule === 'hide' ? undefined : factBehind(leaf)?.category
}

function reasons(root: Judged, viewer: Viewer): readonly Words[] {
  const held: (Words & { weight: number })[] = []
  const visit = (node: Judged, wanted: boolean): void => {
    if (node.children.length > 0) {
      const below = 'not' in node.criteria ? !wanted : wanted
      for (const child of node.children) visit(child, below)
    } else if (node.truth === String(wanted)) {
      const leaf = node.criteria as Leaf
      const words = disclosed(leaf, wanted, viewer)
      if (words !== undefined) held.push({ ...words, weight: weightOf(leaf, wanted) })
    }
  }
  visit(root, true)
  held.sort((a, b) => b.weight - a.weight)
  return distinct(held.map(({ zh, en }) => ({ zh, en }))).slice(0, mostReasons)
}

/** What a member can do about a block: complete what is unknown, change what is theirs. */
function fixOf({ leaf, wanted, truth }: Block, viewer: Viewer): readonly Words[] {
  const fact = factBehind(leaf)
  if (disclosureOf(leaf, viewer.audience) === 'hide') return []
  if (truth === 'unknown') {
    return [fact?.fix ?? { zh: '请完善所在地区', en: 'Complete your region.' }]
  }
  if ('fact' in leaf && weightOf(leaf, wanted) <= rigidity.profile) return [factOf(leaf.fact).fix]
  if ('list' in leaf && wanted) return [askUnion]
  if ('org' in leaf && wanted) {
    return [{ zh: '如工作单位已变动，请办理会员转会', en: 'If you moved, ask for a transfer.' }]
  }
  if (!('history' in leaf) || !growing(leaf, wanted)) return []
  const waits = daysToWait(leaf, wanted, viewer.person, viewer.today) !== undefined
  return waits ? [] : [wordsOf(leaf, viewer.names, !wanted)]
}

function missingFacts(root: Judged, audience: Audience): readonly (FactKey | 'region')[] {
  const found = new Set<FactKey | 'region'>()
  const open = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.truth !== 'unknown') continue
    open.push(...node.children)
    if (node.children.length > 0) continue
    const leaf = node.criteria as Leaf
    if (disclosureOf(leaf, audience) !== 'show') continue
    const fact = factBehind(leaf)
    found.add((fact?.derivedFrom as FactKey | undefined) ?? fact?.key ?? 'region')
  }
  return [...factKeys, 'region' as const].filter((key) => found.has(key))
}

function distinct<T extends Words>(all: readonly T[]): readonly T[] {
  return all.filter((one, i) => all.findIndex(({ zh }) => zh === one.zh) === i)
}
