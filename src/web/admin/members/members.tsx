import {
  Anchor,
  Button,
  Card,
  Group,
  NativeSelect,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useLocation, useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useList } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { words as common, occupationNames, standingNames } from '../words.ts'
import type { ListedMember, MemberRecord } from './member-record.ts'
import { words } from './words.ts'

/** Members: one found by number, or those of an organisation by pages. */
export default function Members() {
  const { say } = useLanguage()
  return (
    <Screen title={say(common.members)}>
      <Find />
      <OfOrganisation />
    </Screen>
  )
}

type By = 'member_no' | 'id_number' | 'mobile'

function Find() {
  const { say } = useLanguage()
  const [, go] = useLocation()
  const [by, setBy] = useState<By>('member_no')
  const [number, setNumber] = useState('')
  const [error, setError] = useState<unknown>()
  const names: Readonly<Record<By, string>> = {
    member_no: say(words.by_member_no),
    id_number: say(words.by_id),
    mobile: say(words.by_mobile),
  }
  const find = async (event: FormEvent) => {
    event.preventDefault()
    setError(undefined)
    const asked =
      by === 'id_number' ? { id_type: 'resident_id', id_number: number } : { [by]: number }
    try {
      const found = await askDesk<MemberRecord>('POST', '/admin/members/search', asked)
      go(`/members/${found.id}`)
    } catch (refused) {
      setError(refused)
    }
  }
  return (
    <Card withBorder component="form" onSubmit={(event: FormEvent) => void find(event)}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.find)}
        </Title>
        <SegmentedControl
          aria-label={say(words.find_by)}
          value={by}
          onChange={(chosen) => setBy(chosen as By)}
          data={Object.entries(names).map(([value, label]) => ({ value, label }))}
        />
        <Group align="end">
          <TextInput
            required
            flex={1}
            label={names[by]}
            value={number}
            autoComplete="off"
            onChange={({ currentTarget }) => setNumber(currentTarget.value.trim())}
          />
          <Button type="submit">{say(words.find_do)}</Button>
        </Group>
        <Text size="sm" c="dimmed">
          {say(words.number_kept)}
        </Text>
        <Refusal error={error} />
      </Stack>
    </Card>
  )
}

function OfOrganisation() {
  const { say } = useLanguage()
  const { code: chosen = '' } = useParams<{ code?: string }>()
  const [, go] = useLocation()
  const [standing, setStanding] = useState('')
  const [code, setCode] = useState(chosen)
  const path = chosen && `/admin/members?org_code=${chosen}${standing && `&standing=${standing}`}`
  const list = useList<ListedMember>(path || undefined)
  const show = (event: FormEvent) => {
    event.preventDefault()
    go(`/members/of/${code}`)
  }
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.list)}
      </Title>
      <Group component="form" align="end" onSubmit={show}>
        <OrgCode value={code} change={setCode} />
        <NativeSelect
          label={say(common.state)}
          value={standing}
          onChange={({ currentTarget }) => setStanding(currentTarget.value)}
          data={[
            { value: '', label: '—' },
            ...Object.entries(standingNames).map(([value, name]) => ({ value, label: say(name) })),
          ]}
        />
        <Button type="submit" variant="default">
          {say(words.show)}
        </Button>
      </Group>
      {path && (
        <Listing
          list={list}
          keyOf={({ id }) => id}
          caption={say(words.list)}
          columns={[
            { head: say(words.member_no), cell: ({ member_no }) => member_no },
            {
              head: say(words.name),
              cell: (one) => <Anchor href={`#/members/${one.id}`}>{one.name_masked}</Anchor>,
            },
            { head: say(common.organisation_code), cell: ({ org_code }) => org_code },
            {
              head: say(common.state),
              cell: ({ standing }) => <State state={standing} names={standingNames} />,
            },
            {
              head: say(words.occupation),
              cell: ({ occupation }) => {
                const name = occupation && occupationNames[occupation]
                return name ? say(name) : (occupation ?? '—')
              },
            },
            { head: say(words.joined_on), cell: ({ joined_on }) => joined_on ?? '—' },
          ]}
        />
      )}
    </Stack>
  )
}
