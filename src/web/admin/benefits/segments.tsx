import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useList, useRead, useWrite } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import { criteriaOf, everybody, type Fact, isComplete, type Rule, type Segment } from './rule.ts'
import { RuleBuilder } from './rule-builder.tsx'
import { RulePreview } from './rule-preview.tsx'
import { ruleFrom } from './rule-read.ts'
import { words } from './segment-words.ts'

/** Rules saved under a name: whom each finds now, changed as a new version, retired. */
export default function Segments() {
  const { say } = useLanguage()
  const may = usePermission()('benefits.write')
  const facts = useRead<{ items: Fact[] }>('/admin/criteria/facts').data?.items
  const list = useList<Segment>('/admin/segments')
  const [open, setOpen] = useState<Segment>()
  const retiring = useWrite((id: string, key) =>
    askDesk('DELETE', `/admin/segments/${id}`, undefined, key),
  )
  return (
    <Screen title={say(common.segments)}>
      <Text>{say(words.lead)}</Text>
      <Refusal error={retiring.error} />
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(words.list)}
        columns={[
          { head: say(words.name), cell: ({ name }) => name },
          { head: say(words.version), cell: ({ version }) => version, number: true },
          {
            head: say(words.organisation),
            cell: (one) => <span className="code">{one.org_code}</span>,
          },
          {
            head: say(words.edit),
            cell: (one) =>
              may && (
                <Group gap="xs">
                  <Button size="compact-sm" variant="default" onClick={() => setOpen(one)}>
                    {say(words.edit)}
                  </Button>
                  <Sure name={say(words.retire)} act={() => retiring.mutate(one.id)} />
                </Group>
              ),
          },
        ]}
      />
      {may && facts && (
        <Write
          key={open ? `${open.id}@${open.version}` : 'new'}
          facts={facts}
          before={open}
          done={() => setOpen(undefined)}
        />
      )}
    </Screen>
  )
}

function Write({
  facts,
  before,
  done,
}: {
  readonly facts: readonly Fact[]
  readonly before: Segment | undefined
  readonly done: () => void
}) {
  const { say } = useLanguage()
  const [name, setName] = useState(before?.name ?? '')
  const [org, setOrg] = useState(before?.org_code ?? '')
  const [rule, setRule] = useState<Rule | undefined>(() =>
    before ? ruleFrom(before.criteria, facts) : everybody,
  )
  const saving = useWrite(
    (given: Rule, key) => {
      const content = { name, criteria: criteriaOf(given) }
      return before
        ? askDesk(
            'PUT',
            `/admin/segments/${before.id}`,
            { ...content, expected_version: before.version },
            key,
          )
        : askDesk('POST', '/admin/segments', { ...content, org_code: org }, key)
    },
    () => {
      setName('')
      setRule(everybody)
      done()
    },
  )
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (rule) saving.mutate(rule)
  }
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {before ? `${say(words.edit)}: ${before.name}` : say(words.create)}
        </Title>
        {rule ? (
          <>
            <RuleBuilder facts={facts} rule={rule} change={setRule} />
            <RulePreview rule={rule} org={org} />
          </>
        ) : (
          <Text>{say(words.by_hand)}</Text>
        )}
        <Stack component="form" gap="sm" onSubmit={save}>
          <TextInput
            required
            label={say(words.name)}
            value={name}
            maxLength={100}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          {!before && <OrgCode label={say(words.organisation)} value={org} change={setOrg} />}
          <Refusal error={saving.error} />
          <Group>
            <Button type="submit" loading={saving.isPending} disabled={!rule || !isComplete(rule)}>
              {say(words.save)}
            </Button>
            {before && (
              <Button variant="default" onClick={done}>
                {say(common.cancel)}
              </Button>
            )}
          </Group>
        </Stack>
      </Stack>
    </Card>
  )
}
