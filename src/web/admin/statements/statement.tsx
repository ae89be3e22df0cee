import { Alert, Anchor, Button, Card, Group, Loader, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText, timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useRead, useWrite } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import type { Statement as Record, StatementLine } from './statement-record.ts'
import { disputeNames, lineKindNames, statementStateNames, words } from './words.ts'

/** One statement: its sums, its lines, and the union's part in paying it. */
export default function Statement() {
  const { say, language } = useLanguage()
  const { id = '' } = useParams<{ id: string }>()
  const at = `/admin/statements/${id}`
  const { data, error } = useRead<Record>(at)
  const lines = useList<StatementLine>(`${at}/lines`)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const money = (fen: number) => moneyText(fen, language)
  return (
    <Screen
      title={`${say(common.statements)} ${data.month}`}
      acts={<State state={data.state} names={statementStateNames} />}
    >
      <Facts
        facts={[
          [say(words.redeemed), money(data.redeemed)],
          [say(words.reversed), money(data.reversed)],
          [say(words.adjusted), money(data.adjusted)],
          [say(words.total), money(data.total)],
          [
            say(words.approvals),
            <span key="approvals" data-approvals={data.approvals}>
              {data.approvals}
            </span>,
          ],
          [
            say(words.digest),
            <span key="digest" className="code">
              {data.digest}
            </span>,
          ],
          [say(words.bank_reference), data.bank_reference ?? '—'],
        ]}
      />
      <Acts at={at} statement={data} />
      <Group>
        <Anchor href={`/api/v1${at}.csv?language=${language}`} download>
          {say(words.csv)}
        </Anchor>
        <Anchor href={`/api/v1${at}.csv?language=${language}&encoding=gb18030`} download>
          {say(words.csv_gb)}
        </Anchor>
      </Group>
      <Listing
        list={lines}
        keyOf={({ line }) => line}
        caption={say(words.lines)}
        columns={[
          { head: '#', cell: ({ line }) => line, number: true },
          { head: say(common.when), cell: (one) => timeText(one.at, language) },
          {
            head: say(words.kind),
            cell: ({ kind }) => say(lineKindNames[kind] ?? word(kind, kind)),
          },
          { head: say(words.benefit), cell: ({ benefit }) => benefit?.[language] ?? '—' },
          { head: say(words.store), cell: ({ store }) => store?.name ?? '—' },
          { head: say(common.amount), cell: ({ amount }) => money(amount), number: true },
        ]}
      />
    </Screen>
  )
}

function Acts({ at, statement }: { readonly at: string; readonly statement: Record }) {
  const { say } = useLanguage()
  const may = usePermission()
  const approving = useWrite((digest: string, key) =>
    askDesk('POST', `${at}/approve`, { digest }, key),
  )
  const { dispute, state } = statement
  const act = {
    answer: state === 'disputed' && !dispute?.answered_at && may('statements.write'),
    approve: state === 'confirmed' && may('statements.approve'),
    pay: state === 'approved' && may('statements.write'),
  }
  if (!dispute && !act.answer && !act.approve && !act.pay) return null
  const reason = dispute && (disputeNames[dispute.reason] ?? word(dispute.reason, dispute.reason))
  return (
    <Card withBorder>
      <Stack gap="sm">
        {dispute && reason && (
          <Alert color="yellow" title={say(words.dispute)}>
            {say(reason)} {dispute.text}
          </Alert>
        )}
        {act.answer && (
          <OneText
            label={say(words.answer)}
            name={say(words.answer_do)}
            path={`${at}/answer`}
            field="answer"
          />
        )}
        {act.approve && (
          <Sure name={say(words.approve)} act={() => approving.mutate(statement.digest)} />
        )}
        {act.pay && (
          <OneText
            label={say(words.bank_reference)}
            name={say(words.paid)}
            path={`${at}/mark-paid`}
            field="bank_reference"
          />
        )}
        <Refusal error={approving.error} />
      </Stack>
    </Card>
  )
}

function OneText({
  label,
  name,
  path,
  field,
}: {
  readonly label: string
  readonly name: string
  readonly path: string
  readonly field: string
}) {
  const [text, setText] = useState('')
  const sending = useWrite((given: string, key) => askDesk('POST', path, { [field]: given }, key))
  const send = (event: FormEvent) => {
    event.preventDefault()
    sending.mutate(text)
  }
  return (
    <Group component="form" align="end" onSubmit={send}>
      <TextInput
        required
        flex={1}
        label={label}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Button type="submit" loading={sending.isPending}>
        {name}
      </Button>
      <Refusal error={sending.error} />
    </Group>
  )
}
