import { Alert, Badge, Loader, Text, TextInput } from '@mantine/core'
import { useState } from 'react'

import { useRead } from '../admin/desk-api.ts'
import { lastDay } from '../admin/parts/days.ts'
import { Rows } from '../admin/parts/listing.tsx'
import { Refusal } from '../admin/parts/refusal.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { words as common, word } from '../admin/words.ts'
import { Refused } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { timeText } from '../parts/times.ts'
import { equationNames, sideNames, words } from './words.ts'

interface Side {
  readonly is: string
  readonly value: number
}

interface Equation {
  readonly name: string
  readonly of: string
  readonly left: Side
  readonly right: Side
  readonly difference: number
  readonly good: boolean
}

/** Each equation of the nightly reconciliation, green or red, with the numbers behind it. */
export default function Board() {
  const { say } = useLanguage()
  const [day, setDay] = useState('')
  const read = useRead<{ at: number; good: boolean; equations: readonly Equation[] }>(
    `/audit/reconciliation${day && `?day=${day}`}`,
  )
  const nothing = read.error instanceof Refused && read.error.code === 'NOT_FOUND'
  return (
    <Screen title={say(words.board)}>
      <TextInput
        type="date"
        max={lastDay}
        w={200}
        label={say(words.day)}
        value={day}
        onChange={(event) => setDay(event.currentTarget.value)}
      />
      {read.isPending && <Loader aria-label={say(common.loading)} />}
      {nothing ? <Text>{say(words.no_reconciliation)}</Text> : <Refusal error={read.error} />}
      {read.data && <Equations {...read.data} />}
    </Screen>
  )
}

function Equations({
  at,
  good,
  equations,
}: {
  readonly at: number
  readonly good: boolean
  readonly equations: readonly Equation[]
}) {
  const { say, language } = useLanguage()
  const sorted = equations.toSorted((a, b) => Number(a.good) - Number(b.good))
  const side = (name: string, n: 0 | 1) => (language === 'zh' ? sideNames[name]?.[n] : undefined)
  const number = new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en-GB')
  return (
    <>
      <Alert
        role="status"
        color={good ? 'green' : 'red'}
        title={say(good ? words.all_good : words.not_good)}
        data-good={good}
      >
        {say(words.reconciled_at)}: {timeText(at, language)} ·{' '}
        {say(words.numbers, { count: equations.length })}
      </Alert>
      <Rows
        rows={sorted}
        caption={say(words.board)}
        keyOf={({ name, of }) => `${name} ${of}`}
        columns={[
          {
            head: say(common.state),
            cell: (one) => (
              <Badge
                miw="max-content"
                variant="filled"
                tt="none"
                color={one.good ? 'teal.9' : 'red.9'}
              >
                {say(one.good ? words.holds : words.fails)}
              </Badge>
            ),
          },
          {
            head: say(words.equation),
            cell: ({ name }) => say(equationNames[name] ?? word(name, name)),
          },
          { head: say(words.of), cell: ({ of }) => of || say(words.whole_node) },
          { head: say(words.left), cell: ({ name, left }) => side(name, 0) ?? left.is },
          { head: '=', number: true, cell: ({ left }) => number.format(left.value) },
          { head: say(words.right), cell: ({ name, right }) => side(name, 1) ?? right.is },
          { head: '= ', number: true, cell: ({ right }) => number.format(right.value) },
          {
            head: say(words.difference),
            number: true,
            cell: ({ difference }) => number.format(difference),
          },
        ]}
      />
    </>
  )
}
