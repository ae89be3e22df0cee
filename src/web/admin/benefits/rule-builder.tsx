import { Button, Card, Group, SegmentedControl, Stack, Text } from '@mantine/core'

import { randomId } from '../../parts/ask.ts'
import { useLanguage } from '../../parts/language.tsx'
import { ConditionFields } from './condition.tsx'
import {
  type Condition,
  conditionOn,
  everybody,
  type Fact,
  type Rule,
  type Segment,
} from './rule.ts'
import { rules } from './words.ts'

/** Writes a rule: conditions, groups of them, how they combine. No text to get wrong. */
export function RuleBuilder({
  facts,
  segments = [],
  rule,
  change,
  depth = 1,
}: {
  readonly facts: readonly Fact[]
  /** What the rule may name; none inside a segment. */
  readonly segments?: readonly Segment[]
  readonly rule: Rule
  readonly change: (rule: Rule) => void
  readonly depth?: number
}) {
  const { say } = useLanguage()
  const [first] = facts
  const add = (condition: Condition) =>
    change({ ...rule, conditions: [...rule.conditions, condition] })
  const replace = (key: string, condition?: Condition) =>
    change({
      ...rule,
      conditions: rule.conditions.flatMap((one) =>
        one.key === key ? (condition ? [condition] : []) : [one],
      ),
    })
  return (
    <Card withBorder>
      <Stack gap="sm" role="group" aria-label={say(rules.title)} tabIndex={-1}>
        {rule.conditions.length === 0 && <Text c="dimmed">{say(rules.everybody)}</Text>}
        {rule.conditions.length > 1 && (
          <SegmentedControl
            aria-label={say(rules.join)}
            value={rule.join}
            onChange={(join) => change({ ...rule, join: join as Rule['join'] })}
            data={[
              { value: 'all', label: say(rules.all) },
              { value: 'any', label: say(rules.any) },
            ]}
          />
        )}
        {rule.conditions.map((condition) => (
          <ConditionFields
            key={condition.key}
            facts={facts}
            segments={segments}
            condition={condition}
            change={(changed) => replace(condition.key, changed)}
            remove={() => replace(condition.key)}
          >
            {condition.kind === 'group' && (
              <RuleBuilder
                facts={facts}
                segments={segments}
                rule={condition.group}
                depth={depth + 1}
                change={(group) => replace(condition.key, { ...condition, group })}
              />
            )}
          </ConditionFields>
        ))}
        <Group gap="xs">
          {first && (
            <Button variant="light" onClick={() => add(conditionOn(first, randomId()))}>
              {say(rules.add)}
            </Button>
          )}
          {depth < 4 && (
            <Button
              variant="subtle"
              onClick={() =>
                add({
                  key: randomId(),
                  not: false,
                  kind: 'group',
                  group: { ...everybody, join: 'any' },
                })
              }
            >
              {say(rules.add_group)}
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  )
}
