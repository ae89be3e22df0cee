import { Anchor, Group, NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'

import { useList } from '../admin/desk-api.ts'
import { lastDay } from '../admin/parts/days.ts'
import { Listing } from '../admin/parts/listing.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { words as common, word } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { moneyText, timeText } from '../parts/times.ts'
import { amountOf, type EventRecord } from './event-record.ts'
import { kindNames, words } from './words.ts'

/** The journal in the order of the log. */
export default function Events() {
  const { say, language } = useLanguage()
  const [kind, setKind] = useState('')
  const [day, setDay] = useState('')
  const asked = new URLSearchParams({ limit: '100', ...(kind && { kind }), ...(day && { day }) })
  const list = useList<EventRecord>(`/audit/events?${asked}`)
  const kinds = Object.entries(kindNames).map(([value, name]) => ({ value, label: say(name) }))
  return (
    <Screen title={say(words.events)}>
      <Group align="end">
        <NativeSelect
          label={say(words.kind)}
          value={kind}
          data={[{ value: '', label: say(words.every_kind) }, ...kinds]}
          onChange={(event) => setKind(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          max={lastDay}
          label={say(words.day)}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
      </Group>
      <Listing
        list={list}
        caption={say(words.events)}
        keyOf={({ entry_id }) => entry_id}
        columns={[
          {
            head: say(words.index),
            cell: ({ index, entry_id }) => <Anchor href={`#/events/${entry_id}`}>{index}</Anchor>,
          },
          { head: say(common.when), cell: ({ at }) => timeText(at, language) },
          {
            head: say(words.kind),
            cell: (one) => say(kindNames[one.kind] ?? word(one.kind, one.kind)),
          },
          {
            head: say(common.amount),
            number: true,
            cell: (one) => {
              const amount = amountOf(one)
              return amount === undefined ? '—' : moneyText(amount, language)
            },
          },
          {
            head: say(words.subject),
            cell: ({ subject }) =>
              subject ? <span className="code">{subject.slice(0, 10)}…</span> : '—',
          },
        ]}
      />
    </Screen>
  )
}
