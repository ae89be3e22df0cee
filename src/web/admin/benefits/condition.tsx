import {
  Button,
  Checkbox,
  Group,
  MultiSelect,
  NativeSelect,
  NumberInput,
  Stack,
  TextInput,
} from '@mantine/core'
import type { ReactNode } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { lastDay } from '../parts/days.ts'
import { Glyph } from '../parts/glyph.tsx'
import { type Compare, type Condition, conditionOn, type Fact, type Segment } from './rule.ts'
import { rules } from './words.ts'

const signs: Readonly<Record<Compare, string>> = {
  eq: '=',
  ne: '≠',
  ge: '≥',
  gt: '>',
  le: '≤',
  lt: '<',
}

interface Changing {
  readonly condition: Condition
  readonly change: (condition: Condition) => void
}

/** One condition: what it is about, how it compares, negated or not. */
export function ConditionFields({
  facts,
  segments,
  condition,
  change,
  remove,
  children,
}: Changing & {
  readonly facts: readonly Fact[]
  readonly segments: readonly Segment[]
  readonly remove: () => void
  readonly children?: ReactNode
}) {
  const { say } = useLanguage()
  const chosen = condition.kind === 'fact' ? `fact:${condition.fact.key}` : condition.kind
  const others = [
    { value: 'age', label: say(rules.age) },
    { value: 'tenure', label: say(rules.tenure) },
    { value: 'region', label: say(rules.region) },
    { value: 'org', label: say(rules.org) },
    ...(segments.length > 0 ? [{ value: 'segment', label: say(rules.segment) }] : []),
  ]
  const named = facts.map(({ key, label }) => ({ value: `fact:${key}`, label: say(label) }))
  return (
    <Stack gap={4} role="group" aria-label={say(rules.one)}>
      <Group align="end" gap="xs">
        {condition.kind !== 'group' && (
          <NativeSelect
            label={say(rules.kind)}
            value={chosen}
            data={[...named, ...others]}
            onChange={({ currentTarget }) =>
              change(begun(currentTarget.value, condition, facts, segments))
            }
          />
        )}
        <Comparison condition={condition} change={change} segments={segments} />
        <Checkbox
          label={say(rules.not)}
          checked={condition.not}
          onChange={({ currentTarget }) => change({ ...condition, not: currentTarget.checked })}
        />
        <Button variant="subtle" color="red" onClick={remove} aria-label={say(rules.remove)}>
          <Glyph name="remove" />
        </Button>
      </Group>
      {children}
    </Stack>
  )
}

function begun(
  kind: string,
  { key }: Condition,
  facts: readonly Fact[],
  [first]: readonly Segment[],
): Condition {
  if (kind === 'segment') return { key, not: false, kind, segment: first?.id ?? '' }
  const fact = facts.find((one) => `fact:${one.key}` === kind)
  if (fact) return conditionOn(fact, key)
  if (kind === 'age') return { key, not: false, kind, op: 'ge', number: 18 }
  if (kind === 'tenure') return { key, not: false, kind, op: 'ge', number: 365 }
  return { key, not: false, kind: kind === 'org' ? 'org' : 'region', codes: '' }
}

function Comparison({
  condition,
  change,
  segments,
}: Changing & { readonly segments: readonly Segment[] }) {
  const { say } = useLanguage()
  if (condition.kind === 'group') return null
  if (condition.kind === 'fact') return <FactComparison condition={condition} change={change} />
  if (condition.kind === 'segment') {
    return (
      <NativeSelect
        label={say(rules.segment_name)}
        value={condition.segment}
        data={segments.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={({ currentTarget }) => change({ ...condition, segment: currentTarget.value })}
      />
    )
  }
  if ('number' in condition) {
    return (
      <>
        <Sign op={condition.op} change={(op) => change({ ...condition, op })} />
        <NumberInput
          label={say(rules.value)}
          value={condition.number}
          min={0}
          max={36_600}
          allowDecimal={false}
          onChange={(number) => change({ ...condition, number: Number(number) || 0 })}
        />
      </>
    )
  }
  return (
    <TextInput
      label={say(rules.codes)}
      value={condition.codes}
      onChange={({ currentTarget }) => change({ ...condition, codes: currentTarget.value })}
    />
  )
}

function FactComparison({
  condition,
  change,
}: Changing & { readonly condition: Condition & { readonly kind: 'fact' } }) {
  const { say } = useLanguage()
  const { fact, values } = condition
  const set = (...given: string[]) => change({ ...condition, values: given })
  if (fact.codes) {
    return (
      <MultiSelect
        label={say(rules.values)}
        value={[...values]}
        onChange={(given) => set(...given)}
        data={Object.entries(fact.codes).map(([value, label]) => ({ value, label: say(label) }))}
      />
    )
  }
  if (fact.type === 'bool') {
    return (
      <NativeSelect
        label={say(rules.value)}
        value={values[0] ?? 'true'}
        onChange={({ currentTarget }) => set(currentTarget.value)}
        data={[
          { value: 'true', label: say(rules.yes) },
          { value: 'false', label: say(rules.no) },
        ]}
      />
    )
  }
  return (
    <>
      <Sign op={condition.op} change={(op) => change({ ...condition, op })} />
      <TextInput
        label={say(rules.value)}
        {...(fact.type === 'date' ? { type: 'date', max: lastDay } : { type: 'number' })}
        value={values[0] ?? ''}
        onChange={({ currentTarget }) => set(currentTarget.value)}
      />
    </>
  )
}

function Sign({ op, change }: { readonly op: Compare; readonly change: (op: Compare) => void }) {
  const { say } = useLanguage()
  return (
    <NativeSelect
      label={say(rules.op)}
      value={op}
      data={Object.entries(signs).map(([value, label]) => ({ value, label }))}
      onChange={({ currentTarget }) => change(currentTarget.value as Compare)}
    />
  )
}
