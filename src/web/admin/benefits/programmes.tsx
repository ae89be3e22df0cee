import { Anchor, Button, Card, Group, Stack, Title } from '@mantine/core'
import type { FormEvent } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { dayText, moneyText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { chinaMidnight } from '../parts/days.ts'
import { useFields } from '../parts/fields.tsx'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { usePermission, useSession } from '../session/session.ts'
import { words as common } from '../words.ts'
import type { Programme } from './programme-record.ts'
import { words } from './words.ts'

/** Programmes within the scope, with what is left of their money. */
export default function Programmes() {
  const { say, language } = useLanguage()
  const may = usePermission()
  const list = useList<Programme>('/admin/programmes')
  return (
    <Screen title={say(common.programmes)}>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.programmes)}
        columns={[
          {
            head: say(common.name),
            cell: ({ id, name_zh, name_en }) => (
              <Anchor href={`#/programmes/${id}`}>{language === 'zh' ? name_zh : name_en}</Anchor>
            ),
          },
          { head: say(common.organisation_code), cell: (one) => one.org_code },
          {
            head: say(words.period),
            cell: (one) =>
              `${dayText(one.period_from, language)} – ${dayText(one.period_to - 1, language)}`,
          },
          {
            head: say(words.available),
            cell: ({ available }) => moneyText(available, language),
            number: true,
          },
        ]}
      />
      {may('benefits.write') && <NewProgramme />}
    </Screen>
  )
}

const empty = { public_id: '', name_zh: '', name_en: '', from: '', to: '' }

function NewProgramme() {
  const { say } = useLanguage()
  const { grants } = useSession()
  const { given, field, change } = useFields({ ...empty, org_code: grants[0]?.org_code ?? '' })
  const creating = useWrite(
    (body: object, key) => askDesk('POST', '/admin/programmes', body, key),
    () => change(empty),
  )
  const create = (event: FormEvent) => {
    event.preventDefault()
    const { from, to, ...named } = given
    creating.mutate({
      ...named,
      period_from: chinaMidnight(from),
      period_to: chinaMidnight(to, 1),
    })
  }
  return (
    <Card withBorder component="form" onSubmit={create}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.new_programme)}
        </Title>
        <Group grow align="start">
          {field('public_id', say(words.public_id))}
          {field('org_code', say(common.organisation_code))}
        </Group>
        <Group grow align="start">
          {field('name_zh', say(words.name_zh))}
          {field('name_en', say(words.name_en))}
        </Group>
        <Group grow align="start">
          {field('from', say(words.from), { type: 'date' })}
          {field('to', say(words.to), { type: 'date' })}
        </Group>
        <Refusal error={creating.error} />
        <Button type="submit" loading={creating.isPending}>
          {say(words.create)}
        </Button>
      </Stack>
    </Card>
  )
}
