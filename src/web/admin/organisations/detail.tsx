import { Button, Card, Group, Loader, NativeSelect, Stack, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useLocation } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { usePermission } from '../session/session.ts'
import { levelNames } from '../words.ts'
import { Merge } from './merge.tsx'
import { levelsBelow, type Organisation } from './organisation.ts'
import { words } from './words.ts'

/** One organisation, and what can be done with it. */
export function OrganisationDetail({ code }: { readonly code: string }) {
  const { say } = useLanguage()
  const [, go] = useLocation()
  const may = usePermission()
  const { data, error } = useRead<Organisation>(`/admin/organisations/${code}`)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader />
  const open = may('organisations.write') && !data.merged_into
  return (
    <Stack gap="md">
      <Title order={2} size="h3">
        {data.name_zh}
      </Title>
      <Facts
        facts={[
          [say(words.code), <span key="code">{data.code}</span>],
          [say(words.level), say(levelNames[data.level] ?? { zh: '', en: '' })],
          [say(words.region), String(data.region)],
          ...(data.merged_into ? [[say(words.closed), data.merged_into] as const] : []),
        ]}
      />
      <Group>
        {may('members.read') && (
          <Button variant="light" onClick={() => go(`/members/of/${code}`)}>
            {say(words.members)}
          </Button>
        )}
      </Group>
      {open && levelsBelow(data.level).length > 0 && <Add parent={data} />}
      {open && data.parent_code && <Move code={code} />}
      {open && data.parent_code && <Merge code={code} key={code} />}
    </Stack>
  )
}

function Add({ parent }: { readonly parent: Organisation }) {
  const { say } = useLanguage()
  const [name, setName] = useState('')
  const [code, setCode] = useState('')
  const levels = levelsBelow(parent.level)
  const [level, setLevel] = useState<string>(levels.at(-1) ?? 'grassroots')
  const adding = useWrite(
    (given: object, key) => askDesk('POST', '/admin/organisations', given, key),
    () => {
      setName('')
      setCode('')
    },
  )
  const add = (event: FormEvent) => {
    event.preventDefault()
    adding.mutate({ code, parent_code: parent.code, level, name_zh: name })
  }
  return (
    <Card withBorder component="form" onSubmit={add}>
      <Stack gap="xs">
        <Title order={3} size="h5">
          {say(words.add)}
        </Title>
        <TextInput
          required
          label={say(words.name)}
          value={name}
          maxLength={100}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <OrgCode label={say(words.code)} value={code} change={setCode} />
        <NativeSelect
          label={say(words.level)}
          value={level}
          data={levels.map((one) => ({
            value: one,
            label: say(levelNames[one] ?? { zh: one, en: one }),
          }))}
          onChange={({ currentTarget }) => setLevel(currentTarget.value)}
        />
        <Refusal error={adding.error} />
        <Button type="submit" loading={adding.isPending}>
          {say(words.add_do)}
        </Button>
      </Stack>
    </Card>
  )
}

function Move({ code }: { readonly code: string }) {
  const { say } = useLanguage()
  const [parent, setParent] = useState('')
  const moving = useWrite(
    (to: string, key) =>
      askDesk('POST', `/admin/organisations/${code}/move`, { parent_code: to }, key),
    () => setParent(''),
  )
  return (
    <Card
      withBorder
      component="form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        moving.mutate(parent)
      }}
    >
      <Stack gap="xs">
        <Title order={3} size="h5">
          {say(words.move)}
        </Title>
        <OrgCode label={say(words.move_to)} value={parent} change={setParent} />
        <Refusal error={moving.error} />
        <Button type="submit" variant="default" loading={moving.isPending}>
          {say(words.move_do)}
        </Button>
      </Stack>
    </Card>
  )
}
