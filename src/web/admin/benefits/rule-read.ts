import { randomId } from '../../parts/ask.ts'
import { type Compare, type Condition, everybody, type Fact, type Rule } from './rule.ts'

type Node = Readonly<Record<string, unknown>>

/** Criteria as the builder shows them; undefined for what it has no fields for. */
export function ruleFrom(criteria: unknown, facts: readonly Fact[]): Rule | undefined {
  const node = criteria as Node
  const join = 'all' in node ? 'all' : 'any' in node ? 'any' : undefined
  if (join === undefined) {
    if (node.fact === 'standing') return everybody
    const only = conditionFrom(node, facts)
    return only && { join: 'all', conditions: [only] }
  }
  const read = (node[join] as Node[]).map((one) => conditionFrom(one, facts))
  const conditions = read.filter((one) => one !== undefined)
  return conditions.length === read.length ? { join, conditions } : undefined
}

function conditionFrom(node: Node, facts: readonly Fact[]): Condition | undefined {
  if (!('not' in node)) return plainFrom(node, facts)
  const plain = plainFrom(node.not as Node, facts)
  return plain && { ...plain, not: true }
}

function plainFrom(node: Node, facts: readonly Fact[]): Condition | undefined {
  const own = { key: randomId(), not: false }
  if ('segment' in node) return { ...own, kind: 'segment', segment: String(node.segment) }
  for (const kind of ['region', 'org'] as const) {
    const within = (node[kind] as { within: string[] } | undefined)?.within
    if (within) return { ...own, kind, codes: within.join(', ') }
  }
  for (const [kind, unit] of [
    ['age', 'years'],
    ['tenure', 'days'],
  ] as const) {
    const { op, [unit]: number } = (node[kind] ?? {}) as Node
    if (typeof number === 'number') return { ...own, kind, op: op as Compare, number }
  }
  if ('all' in node || 'any' in node) {
    const group = ruleFrom(node, facts)
    return group && { ...own, kind: 'group', group }
  }
  const fact = facts.find(({ key }) => key === node.fact)
  if (!fact || node.value === undefined) return undefined
  const values = [node.value].flat().map(String)
  const op = (['in', 'hasAny'].includes(String(node.op)) ? 'eq' : node.op) as Compare
  return { ...own, kind: 'fact', fact, op, values }
}
