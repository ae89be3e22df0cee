import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { organisationCode } from '../../../formats/organisation-code.ts'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { DecideForm } from '../parts/decide-form.tsx'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import { transferStateNames, words } from './words.ts'

type Side = 'release' | 'receive'
interface Union {
  readonly code: string
  readonly name: string
}
interface Transfer {
  readonly id: string
  readonly state: string
  readonly member_no: string
  readonly name: string
  readonly from: Union
  readonly to: Union
  readonly asked_by: 'member' | 'union'
  readonly asked_at: number
  readonly released_at?: number
  readonly received_at?: number
  readonly ended_at?: number
  readonly refused_by?: Side
  readonly reason?: string
  readonly sides: readonly Side[]
}

/** Moves of members from and to one's own unions. */
export default function Transfers() {
  const { say } = useLanguage()
  const may = usePermission()
  const [state, setState] = useState('waiting')
  const list = useList<Transfer>(`/admin/transfers?state=${state}`)
  return (
    <Screen title={say(common.transfers)}>
      <Text size="sm">{say(words.lead)}</Text>
      <NativeSelect
        label={say(words.which)}
        value={state}
        onChange={({ currentTarget }) => setState(currentTarget.value)}
        data={Object.entries(transferStateNames).map(([value, name]) => ({
          ...{ value, label: say(name) },
        }))}
        maw={240}
      />
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.transfers)}
        columns={[
          {
            head: say(words.member),
            cell: ({ name, member_no }) => <Pair name={name} code={member_no} />,
          },
          { head: say(words.from), cell: ({ from }) => <Pair {...from} /> },
          { head: say(words.to), cell: ({ to }) => <Pair {...to} /> },
          { head: say(words.steps), cell: (one) => <Steps transfer={one} /> },
          {
            head: say(common.state),
            cell: (one) => <State state={one.state} names={transferStateNames} />,
          },
          {
            head: say(words.decide),
            cell: (one) =>
              one.state === 'waiting' && may('members.write') ? <Decide transfer={one} /> : null,
          },
        ]}
      />
      {may('members.write') && <Asking />}
    </Screen>
  )
}

function Pair({ name, code }: { readonly name: string; readonly code: string }) {
  return (
    <>
      <Text size="sm">{name}</Text>
      <Text size="sm" className="code">
        {code}
      </Text>
    </>
  )
}

function Steps({ transfer }: { readonly transfer: Transfer }) {
  const { say, language } = useLanguage()
  const { asked_by, asked_at, released_at, received_at, ended_at, reason } = transfer
  const asked = asked_by === 'union' ? words.asked_union : words.asked_member
  const steps = [
    [asked, asked_at],
    [words.released, released_at],
    [words.received, received_at],
    [words.ended, ended_at],
  ] as const
  const union = transfer.refused_by === 'release' ? transfer.from.name : transfer.to.name
  return (
    <>
      {steps.map(
        ([text, at]) =>
          at !== undefined && (
            <Text size="sm" key={text.en}>
              {say(text, { time: timeText(at, language) })}
            </Text>
          ),
      )}
      {reason !== undefined && <Text size="sm">{say(words.refused, { union, reason })}</Text>}
    </>
  )
}

function Decide({ transfer }: { readonly transfer: Transfer }) {
  const { say } = useLanguage()
  const open = transfer.sides.flatMap((side) => {
    const consented = side === 'release' ? transfer.released_at : transfer.received_at
    return [...(consented === undefined ? [`consent_${side}`] : []), `refuse_${side}`] as const
  }) as ('consent_release' | 'refuse_release' | 'consent_receive' | 'refuse_receive')[]
  const deciding = useWrite((body: object, key) =>
    askDesk('POST', `/admin/transfers/${transfer.id}/decisions`, body, key),
  )
  return (
    <DecideForm
      name={say(words.decide)}
      asks={say(words.reason)}
      choices={open.map((value) => ({ value, label: say(words[value]) }))}
      reasoned={(choice) => choice.startsWith('refuse')}
      busy={deciding.isPending}
      error={deciding.error}
      decide={(choice, reason) => {
        const [decision, side] = choice.split('_')
        deciding.mutate({ decision, side, ...(reason && { reason }) })
      }}
    />
  )
}

/** A union's own wish to let a member go. */
function Asking() {
  const { say } = useLanguage()
  const [memberNo, setMemberNo] = useState('')
  const [to, setTo] = useState('')
  const releasing = useWrite(async (_: undefined, key) => {
    const found = await askDesk<{ id: string }>('POST', '/admin/members/search', {
      member_no: memberNo,
    })
    return askDesk('POST', '/admin/transfers', { member_id: found.id, to_org_code: to }, key)
  })
  const send = (event: FormEvent) => {
    event.preventDefault()
    releasing.mutate(undefined)
  }
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.ask_title)}
      </Title>
      <Group component="form" align="end" onSubmit={send}>
        <TextInput
          required
          label={say(words.member_no)}
          value={memberNo}
          maxLength={32}
          onChange={({ currentTarget }) => setMemberNo(currentTarget.value)}
        />
        <TextInput
          required
          label={say(words.to_code)}
          value={to}
          pattern={organisationCode.source}
          onChange={({ currentTarget }) => setTo(currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={releasing.isPending}>
          {say(words.ask)}
        </Button>
      </Group>
      <Refusal error={releasing.error} />
    </Stack>
  )
}
