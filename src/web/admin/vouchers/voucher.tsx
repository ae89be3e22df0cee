import { Anchor, Button, Card, Group, Loader, NativeSelect, Stack, Title } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { dayText, moneyText, timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { voucherStateNames } from '../members/words.ts'
import { Facts } from '../parts/facts.tsx'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import { Renewal } from './renewal.tsx'
import { eventNames, reasonNames, words } from './words.ts'

interface Voucher {
  readonly id: string
  readonly member_id: string
  readonly state: string
  readonly version: number
  readonly uses_left: number
  readonly amount: number
  readonly valid_to: number
  readonly successor?: string
  readonly predecessor?: string
  readonly events: readonly {
    readonly version: number
    readonly kind: string
    readonly actor: string
    readonly at: number
  }[]
}

const acts = {
  suspend: ['fraud_suspected', 'complaint', 'member_request', 'issued_in_error', 'system_error'],
  resume: ['cleared', 'member_request', 'suspended_in_error'],
  void: ['issued_in_error', 'duplicate', 'fraud', 'member_request', 'programme_ended'],
} as const

const open: Readonly<Record<string, readonly (keyof typeof acts)[]>> = {
  offered: ['void'],
  active: ['suspend', 'void'],
  suspended: ['resume', 'void'],
}

/** A voucher's state, what happened to it, and what the union may do with it now. */
export function VoucherDetail({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const may = usePermission()
  const { data, error } = useRead<Voucher>(`/admin/vouchers/${id}`)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  return (
    <Stack gap="md">
      <Facts
        facts={[
          [say(common.state), <State key="state" state={data.state} names={voucherStateNames} />],
          [
            say(words.member),
            <Anchor key="member" href={`#/members/${data.member_id}`}>
              {data.member_id}
            </Anchor>,
          ],
          [say(words.uses_left), String(data.uses_left)],
          [say(common.amount), moneyText(data.amount, language)],
          [say(words.valid_to), dayText(data.valid_to, language)],
          ...kin(say(words.successor), data.successor),
          ...kin(say(words.predecessor), data.predecessor),
        ]}
      />
      {may('vouchers.write') &&
        (open[data.state] ?? []).map((act) => <Act key={act} act={act} voucher={data} />)}
      {may('vouchers.write') && <Renewal voucher={data} />}
      <Title order={2} size="h4">
        {say(words.timeline)}
      </Title>
      <Rows
        rows={data.events}
        keyOf={({ version }) => version}
        caption={say(words.timeline)}
        columns={[
          { head: '#', cell: ({ version }) => version, number: true },
          {
            head: say(words.event),
            cell: ({ kind }) => say(eventNames[kind.split('.').at(-1) ?? ''] ?? word(kind, kind)),
          },
          { head: say(common.when), cell: ({ at }) => timeText(at, language) },
          { head: say(words.by), cell: ({ actor }) => <span className="code">{actor}</span> },
        ]}
      />
    </Stack>
  )
}

function kin(name: string, id: string | undefined): [string, ReactNode][] {
  if (id === undefined) return []
  return [
    [
      name,
      <Anchor key={id} className="code" href={`#/vouchers/${id}`}>
        {id}
      </Anchor>,
    ],
  ]
}

function Act({ act, voucher }: { readonly act: keyof typeof acts; readonly voucher: Voucher }) {
  const { say } = useLanguage()
  const [reason, setReason] = useState<string>(acts[act][0])
  const acting = useWrite((given: string, key) =>
    askDesk(
      'POST',
      `/admin/vouchers/${voucher.id}/${act}`,
      { reason: given, expected_version: voucher.version },
      key,
    ),
  )
  const send = (event: FormEvent) => {
    event.preventDefault()
    acting.mutate(reason)
  }
  return (
    <Card withBorder>
      <Group component="form" align="end" onSubmit={send}>
        <NativeSelect
          label={say(words.reason)}
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          data={acts[act].map((value) => ({
            value,
            label: say(reasonNames[value] ?? word(value, value)),
          }))}
        />
        <Button type="submit" variant="default" loading={acting.isPending}>
          {say(words[act])}
        </Button>
        <Refusal error={acting.error} />
      </Group>
    </Card>
  )
}
