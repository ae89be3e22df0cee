import { Anchor, Button, Group, NativeSelect, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText, timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import { caseReasonNames, caseStateNames, words } from './case-words.ts'

interface Case {
  readonly id: string
  readonly state: 'open' | 'reversed' | 'no_fault'
  readonly reason: string
  readonly created_at: number
  readonly answer?: string
  readonly voucher_id: string
  readonly redemption: {
    readonly store: { readonly name: string }
    /** The node whose shop it was, if it was another’s. */
    readonly node?: number
    readonly amount: number
    readonly redeemed_at: number
    readonly settled: boolean
  }
}

/** Redemptions that members say were not theirs, and what the union makes of them. */
export default function Cases() {
  const { say, language } = useLanguage()
  const may = usePermission()
  const [state, setState] = useState('open')
  const list = useList<Case>(`/admin/cases${state && `?state=${state}`}`)
  return (
    <Screen
      title={say(common.cases)}
      acts={
        <NativeSelect
          aria-label={say(common.state)}
          value={state}
          onChange={({ currentTarget }) => setState(currentTarget.value)}
          data={[
            { value: 'open', label: say(words.open) },
            { value: '', label: say(words.all) },
          ]}
        />
      }
    >
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.cases)}
        columns={[
          { head: say(words.reported), cell: (one) => timeText(one.created_at, language) },
          {
            head: say(words.says),
            cell: ({ reason }) => say(caseReasonNames[reason] ?? word(reason, reason)),
          },
          {
            head: say(words.store),
            cell: ({ redemption: { node, store } }) =>
              node === undefined ? store.name : say(words.elsewhere, { node: String(node) }),
          },
          {
            head: say(words.redeemed),
            cell: ({ redemption }) => timeText(redemption.redeemed_at, language),
          },
          {
            head: say(common.amount),
            cell: ({ redemption }) => moneyText(redemption.amount, language),
            number: true,
          },
          {
            head: say(words.voucher),
            cell: ({ voucher_id: id }) => (
              <Anchor href={`#/vouchers/${id}`} className="code">
                {id.slice(0, 8)}…
              </Anchor>
            ),
          },
          {
            head: say(common.state),
            cell: (one) =>
              one.state === 'open' && may('vouchers.write') ? (
                <Decide given={one} />
              ) : (
                <>
                  <State state={one.state} names={caseStateNames} />
                  <Text size="sm">{one.answer}</Text>
                </>
              ),
          },
        ]}
      />
    </Screen>
  )
}

function Decide({ given }: { readonly given: Case }) {
  const { say } = useLanguage()
  const { settled, node } = given.redemption
  const fixed = settled || node !== undefined
  const [decision, setDecision] = useState(fixed ? 'no_fault' : 'reverse')
  const [answer, setAnswer] = useState('')
  const deciding = useWrite((body: object, key) =>
    askDesk('POST', `/admin/cases/${given.id}/decide`, body, key),
  )
  const decide = (event: FormEvent) => {
    event.preventDefault()
    deciding.mutate({ decision, answer })
  }
  return (
    <Group component="form" gap="xs" wrap="nowrap" onSubmit={decide}>
      <NativeSelect
        aria-label={say(words.decide)}
        value={decision}
        onChange={({ currentTarget }) => setDecision(currentTarget.value)}
        data={[
          ...(fixed ? [] : [{ value: 'reverse', label: say(words.reverse) }]),
          { value: 'no_fault', label: say(words.no_fault) },
        ]}
      />
      <TextInput
        required
        miw={160}
        aria-label={say(words.answer)}
        placeholder={say(words.answer)}
        value={answer}
        maxLength={500}
        onChange={({ currentTarget }) => setAnswer(currentTarget.value)}
      />
      <Button type="submit" size="compact-md" loading={deciding.isPending}>
        {say(words.decide)}
      </Button>
      {settled && <Text size="sm">{say(words.settled)}</Text>}
      {node !== undefined && <Text size="sm">{say(words.undone_there)}</Text>}
      <Refusal error={deciding.error} />
    </Group>
  )
}
