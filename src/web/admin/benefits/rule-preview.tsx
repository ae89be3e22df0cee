import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { organisationCode } from '../../../formats/organisation-code.ts'

import { useLanguage, type Words } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { Refusal } from '../parts/refusal.tsx'
import { criteriaOf, isComplete, type Rule } from './rule.ts'
import { entitledNames, wizard } from './words.ts'

interface Preview {
  readonly considered: number
  readonly eligible: number
  readonly fact_unknown: number
}
interface Explanation {
  readonly status: string
  readonly because: readonly Words[]
  readonly blocked_by: readonly Words[]
  readonly how_to_fix: readonly Words[]
  readonly eligible_from?: string
}

/**
 * How many a rule finds, counted again as it is written, and what it says of one member: in the
 * very words that the member will read.
 */
export function RulePreview({
  rule,
  org,
  benefitId,
}: {
  readonly rule: Rule
  readonly org: string
  readonly benefitId?: string
}) {
  const { say } = useLanguage()
  const sketch = JSON.stringify({
    criteria: criteriaOf(rule),
    ...(benefitId && { benefit_id: benefitId }),
  })
  const [settled] = useDebouncedValue(sketch, 400)
  const { data, error } = useQuery({
    queryKey: ['preview', settled, org],
    enabled: isComplete(rule) && organisationCode.test(org),
    placeholderData: (before) => before,
    queryFn: () =>
      askDesk<Preview>('POST', '/admin/criteria/preview', {
        ...JSON.parse(settled),
        org_code: org,
      }),
  })
  return (
    <Stack gap="xs">
      <Refusal error={error} />
      {data && (
        <Text size="lg" fw={700} aria-live="polite" data-eligible={data.eligible}>
          {say(wizard.count, {
            eligible: data.eligible.toLocaleString(),
            considered: data.considered.toLocaleString(),
          })}
          {data.fact_unknown > 0 && (
            <Text size="sm" c="dimmed" component="span" ms="sm">
              {say(wizard.count_unknown, { count: data.fact_unknown.toLocaleString() })}
            </Text>
          )}
        </Text>
      )}
      <TestMember sketch={sketch} />
    </Stack>
  )
}

function TestMember({ sketch }: { readonly sketch: string }) {
  const { say } = useLanguage()
  const [number, setNumber] = useState('')
  const [told, setTold] = useState<Explanation>()
  const [error, setError] = useState<unknown>()
  const test = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    try {
      const search = { member_no: number }
      const { id } = await askDesk<{ id: string }>('POST', '/admin/members/search', search)
      const asked = { ...JSON.parse(sketch), member_id: id }
      setTold(await askDesk<Explanation>('POST', '/admin/criteria/explain', asked))
    } catch (refused) {
      setTold(undefined)
      setError(refused)
    }
  }
  const status = told && entitledNames[told.status]
  return (
    <>
      <Group component="form" align="end" onSubmit={(event: FormEvent) => void test(event)}>
        <TextInput
          required
          label={say(wizard.test_member)}
          value={number}
          onChange={({ currentTarget }) => setNumber(currentTarget.value.trim())}
        />
        <Button type="submit" variant="default">
          {say(wizard.test_do)}
        </Button>
      </Group>
      <Refusal error={error} />
      {told && status && (
        <Alert
          role="status"
          title={say(status)}
          color={told.status === 'eligible' ? 'green' : 'gray'}
        >
          {told.because.map((words) => (
            <Text key={words.en}>✓ {say(words)}</Text>
          ))}
          {told.blocked_by.map((words) => (
            <Text key={words.en}>✗ {say(words)}</Text>
          ))}
          {told.how_to_fix.map((words) => (
            <Text key={words.en} fs="italic">
              {say(words)}
            </Text>
          ))}
          {told.eligible_from && <Text>{told.eligible_from}</Text>}
        </Alert>
      )}
    </>
  )
}
