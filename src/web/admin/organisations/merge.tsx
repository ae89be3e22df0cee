import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Sure } from '../parts/sure.tsx'
import { word } from '../words.ts'
import { mergeBlockNames, mergerNames, words } from './words.ts'

type Merger = Readonly<Record<string, number>> & { readonly blocked: readonly string[] }

/** Merges an organisation into another, after saying what would move and what is in the way. */
export function Merge({ code }: { readonly code: string }) {
  const { say } = useLanguage()
  const [typed, setTyped] = useState('')
  const [into, setInto] = useState<string>()
  const at = `/admin/organisations/${code}/merger`
  const plan = useRead<Merger>(into && `${at}?into=${into}`)
  const merging = useWrite(
    (to: string, key) => askDesk('POST', at, { into: to }, key),
    () => setInto(undefined),
  )
  const look = (event: FormEvent) => {
    event.preventDefault()
    setInto(typed)
  }
  const blocked = plan.data?.blocked ?? []
  return (
    <Card withBorder component="form" onSubmit={look}>
      <Stack gap="xs">
        <Title order={3} size="h5">
          {say(words.merge)}
        </Title>
        <Text size="sm">{say(words.merge_lead)}</Text>
        <OrgCode label={say(words.merge_into)} value={typed} change={setTyped} />
        <Group>
          <Button type="submit" variant="default" loading={plan.isFetching}>
            {say(words.merge_try)}
          </Button>
          {into && plan.data && blocked.length === 0 && (
            <Sure name={say(words.merge_do)} act={() => merging.mutate(into)} />
          )}
        </Group>
        <Refusal error={plan.error ?? merging.error} />
        {into && plan.data && (
          <Stack gap={4} role="status">
            {blocked.map((one) => (
              <Text key={one} c="red.9">
                {say(mergeBlockNames[one] ?? word(one, one))}
              </Text>
            ))}
            <Facts
              facts={Object.entries(mergerNames).map(([name, words]) => [
                say(words),
                String(plan.data?.[name] ?? 0),
              ])}
            />
          </Stack>
        )}
      </Stack>
    </Card>
  )
}
