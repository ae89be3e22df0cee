import type { Words } from '../../parts/language.tsx'

/** A fact that criteria may name, as the API lists them. */
export interface Fact {
  readonly key: string
  readonly type: 'bool' | 'int' | 'date' | 'code' | 'code_set' | 'money'
  readonly label: Words
  readonly codes?: Readonly<Record<string, Words>>
}

export type Compare = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

/** One condition as it is being written; `key` names it on the page. */
export type Condition = { readonly key: string; readonly not: boolean } & (
  | {
      readonly kind: 'fact'
      readonly fact: Fact
      readonly op: Compare
      readonly values: readonly string[]
    }
  | { readonly kind: 'age' | 'tenure'; readonly op: Compare; readonly number: number }
  | { readonly kind: 'region' | 'org'; readonly codes: string }
  | { readonly kind: 'segment'; readonly segment: string }
  | { readonly kind: 'group'; readonly group: Rule }
)

/** Criteria saved under a name, in their latest version. */
export interface Segment {
  readonly id: string
  readonly version: number
  readonly name: string
  readonly org_code: string
  readonly criteria: unknown
}

/** Conditions that hold together or one for another. */
export interface Rule {
  readonly join: 'all' | 'any'
  readonly conditions: readonly Condition[]
}

export const everybody: Rule = { join: 'all', conditions: [] }

/** Whether every condition says something; until then nothing is asked of the API. */
export function isComplete({ conditions }: Rule): boolean {
  return conditions.every((one) => {
    if (one.kind === 'group') return one.group.conditions.length > 0 && isComplete(one.group)
    if (one.kind === 'fact') return one.values.length > 0 && one.values.every((v) => v !== '')
    if (one.kind === 'segment') return one.segment !== ''
    return 'number' in one || codesIn(one.codes).length > 0
  })
}

/** The rule as the API takes criteria (docs/benefits.md); without conditions, everybody active. */
export function criteriaOf({ join, conditions }: Rule): object {
  if (conditions.length === 0) return { fact: 'standing', op: 'eq', value: 'active' }
  const parts = conditions.map(criterionOf)
  return join === 'all' ? { all: parts } : { any: parts }
}

function criterionOf(condition: Condition): object {
  const plain = plainOf(condition)
  return condition.not ? { not: plain } : plain
}

function plainOf(condition: Condition): object {
  switch (condition.kind) {
    case 'group':
      return criteriaOf(condition.group)
    case 'age':
      return { age: { op: condition.op, years: condition.number } }
    case 'tenure':
      return { tenure: { op: condition.op, days: condition.number } }
    case 'segment':
      return { segment: condition.segment }
    case 'region':
    case 'org':
      return { [condition.kind]: { within: codesIn(condition.codes) } }
    case 'fact':
      return factOf(condition)
  }
}

function factOf({
  fact,
  op,
  values,
}: {
  readonly fact: Fact
  readonly op: Compare
  readonly values: readonly string[]
}): object {
  const [first = ''] = values
  switch (fact.type) {
    case 'bool':
      return { fact: fact.key, op: 'eq', value: first === 'true' }
    case 'code':
      return { fact: fact.key, op: 'in', value: values }
    case 'code_set':
      return { fact: fact.key, op: 'hasAny', value: values }
    case 'int':
    case 'money':
      return { fact: fact.key, op, value: Number(first) }
    case 'date':
      return { fact: fact.key, op, value: first }
  }
}

/** What somebody typed, as single codes. */
export function codesIn(typed: string): string[] {
  return typed.split(/[\s,，、;；]+/).filter((code) => code !== '')
}

/** A fresh condition on a fact, with a value that is always a good one. */
export function conditionOn(fact: Fact, key: string): Condition {
  const first = fact.codes ? (Object.keys(fact.codes)[0] ?? '') : ''
  const value = {
    bool: 'true',
    date: '2026-01-01',
    int: '0',
    money: '0',
    code: first,
    code_set: first,
  }
  return { key, not: false, kind: 'fact', fact, op: 'eq', values: [value[fact.type]] }
}
