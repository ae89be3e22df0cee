import { Anchor, Button, Card, Group, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { chinaMidnight, lastDay } from '../parts/days.ts'
import { Refusal } from '../parts/refusal.tsx'
import { word } from '../words.ts'
import { reasonNames, words } from './words.ts'

const reasons = {
  extend: ['member_request', 'store_closed', 'complaint', 'system_error'],
  reissue: ['lost', 'issued_in_error', 'store_closed', 'system_error'],
} as const

interface Renewable {
  readonly id: string
  readonly state: string
  readonly version: number
  readonly successor?: string
}

/** More time for an active voucher, or a new one in the place of one that is over. */
export function Renewal({ voucher }: { readonly voucher: Renewable }) {
  if (voucher.state === 'active') return <Form act="extend" voucher={voucher} key="extend" />
  const over = voucher.state === 'void' || voucher.state === 'expired'
  if (!over || voucher.successor !== undefined) return null
  return <Form act="reissue" voucher={voucher} key="reissue" />
}

function Form({
  act,
  voucher,
}: {
  readonly act: keyof typeof reasons
  readonly voucher: Renewable
}) {
  const { say } = useLanguage()
  const [reason, setReason] = useState<string>(reasons[act][0])
  const [until, setUntil] = useState('')
  const acting = useWrite((body: object, key) =>
    askDesk<{ proposal_id?: string }>('POST', `/admin/vouchers/${voucher.id}/${act}`, body, key),
  )
  const send = (event: FormEvent) => {
    event.preventDefault()
    const seen = { reason, expected_version: voucher.version }
    acting.mutate(act === 'extend' ? { ...seen, valid_to: chinaMidnight(until, 1) } : seen)
  }
  const waits = acting.data?.proposal_id
  return (
    <Card withBorder>
      <Group component="form" align="end" onSubmit={send}>
        <NativeSelect
          label={say(words.reason)}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          data={reasons[act].map((value) => ({
            value,
            label: say(reasonNames[value] ?? word(value, value)),
          }))}
        />
        {act === 'extend' && (
          <TextInput
            required
            type="date"
            max={lastDay}
            label={say(words.new_end)}
            value={until}
            onChange={({ currentTarget }) => setUntil(currentTarget.value)}
          />
        )}
        <Button type="submit" variant="default" loading={acting.isPending}>
          {say(words[act])}
        </Button>
        {waits && (
          <Anchor role="status" href={`#/approvals/${waits}`}>
            {say(words.handed_over)}
          </Anchor>
        )}
        <Refusal error={acting.error} />
      </Group>
    </Card>
  )
}
