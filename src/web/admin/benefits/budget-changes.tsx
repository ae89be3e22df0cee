import { Button, Card, NumberInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText, timeText } from '../../parts/times.ts'
import { ProposalActs } from '../approvals/proposal-acts.tsx'
import type { ProposalRecord } from '../approvals/proposal-record.ts'
import { words as common, proposalStateNames } from '../approvals/words.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { fenOf } from '../parts/days.ts'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { State } from '../parts/state.tsx'
import { words } from './words.ts'

/** Proposes a change of a programme's budget; it is booked when another person has signed it. */
export function ProposeChange({ id, version }: { readonly id: string; readonly version: number }) {
  const { say } = useLanguage()
  const [yuan, setYuan] = useState<number | string>('')
  const [reason, setReason] = useState('')
  const proposing = useWrite(
    (amount: number, key) =>
      askDesk(
        'POST',
        `/admin/programmes/${id}/budget-changes`,
        { amount, expected_version: version, reason },
        key,
      ),
    () => {
      setYuan('')
      setReason('')
    },
  )
  const propose = (event: FormEvent) => {
    event.preventDefault()
    const amount = fenOf(yuan)
    if (amount !== undefined) proposing.mutate(amount)
  }
  return (
    <Card withBorder component="form" onSubmit={propose}>
      <Stack gap="xs">
        <Text>{say(words.change_lead)}</Text>
        <NumberInput
          required
          label={say(words.add_money)}
          value={yuan}
          onChange={setYuan}
          decimalScale={2}
        />
        <TextInput
          required
          label={say(common.reason)}
          value={reason}
          maxLength={200}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
        <Refusal error={proposing.error} />
        <Button type="submit" variant="default" loading={proposing.isPending}>
          {say(words.change_budget)}
        </Button>
      </Stack>
    </Card>
  )
}

/** Every change that was proposed for a programme, the latest first. */
export function BudgetHistory({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const list = useList<ProposalRecord>(`/admin/proposals?subject=${id}`)
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.changes)}
      </Title>
      <Listing
        list={list}
        keyOf={(one) => one.id}
        caption={say(words.changes)}
        columns={[
          {
            head: say(common.proposed),
            cell: ({ proposed_at }) => timeText(proposed_at, language),
          },
          {
            head: say(words.change),
            cell: ({ amount }) => moneyText(amount, language),
            number: true,
          },
          { head: say(common.reason), cell: ({ reason }) => reason },
          {
            head: say(common.outcome),
            cell: ({ state }) => <State state={state} names={proposalStateNames} />,
          },
          { head: say(words.acts), cell: (one) => <ProposalActs proposal={one} /> },
        ]}
      />
    </Stack>
  )
}
