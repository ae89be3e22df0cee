import { Anchor, Button, Card, FileInput, Group, Progress, Stack, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { organisationCode } from '../../../formats/organisation-code.ts'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { sendFile } from '../ask-desk.ts'
import { useList, useRead, useWrite } from '../desk-api.ts'
import { Listing, Rows } from '../parts/listing.tsx'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import { HeldFiles } from './held-files.tsx'
import { Mapping } from './mapping.tsx'
import { importFailures, importStateNames, importWords as words } from './words.ts'

interface ImportRecord {
  readonly id: string
  readonly kind: string
  readonly state: 'waiting' | 'running' | 'completed' | 'failed'
  readonly failure?: string
  readonly read: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly refused: number
  readonly started_at: number
  readonly finished_at?: number
  readonly fixable?: boolean
  readonly reasons?: Readonly<Record<string, number>>
}

/** Rosters: sent, followed while they are read, and every refused row told. */
export default function Imports() {
  const { say } = useLanguage()
  const may = usePermission()
  const [code, setCode] = useState('')
  const [looked, look] = useState<string>()
  return (
    <Screen title={say(common.imports)}>
      {may('members.write') && <Send code={code} setCode={setCode} sent={look} />}
      {looked && <Detail id={looked} key={looked} />}
      {(may('members.write') || may('batches.write')) && <HeldFiles looked={looked} look={look} />}
      {organisationCode.test(code) && <History code={code} look={look} />}
    </Screen>
  )
}

function Send({
  code,
  setCode,
  sent,
}: {
  readonly code: string
  readonly setCode: (code: string) => void
  readonly sent: (id: string) => void
}) {
  const { say } = useLanguage()
  const [file, setFile] = useState<File | null>(null)
  const sending = useWrite(
    (given: File) => sendFile<ImportRecord>(`/admin/imports?org_code=${code}&hold=true`, given),
    ({ id }) => sent(id),
  )
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (file) sending.mutate(file)
  }
  return (
    <Card withBorder component="form" onSubmit={send}>
      <Stack gap="xs">
        <Text>{say(words.lead)}</Text>
        <OrgCode label={say(words.organisation)} value={code} change={setCode} />
        <FileInput
          required
          clearable
          label={say(words.file)}
          accept=".csv,.xlsx,text/csv"
          value={file}
          onChange={setFile}
        />
        <Refusal error={sending.error} />
        <Button type="submit" loading={sending.isPending} disabled={!file}>
          {say(words.send)}
        </Button>
      </Stack>
    </Card>
  )
}

function Detail({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const [done, setDone] = useState(false)
  const { data, error } = useRead<ImportRecord>(
    `/admin/imports/${id}`,
    done ? {} : { everyMs: 1000 },
  )
  if (error) return <Refusal error={error} />
  if (!data) return null
  if (data.state === 'waiting') return <Mapping id={id} />
  if (data.state !== 'running' && !done) setDone(true)
  const seconds = Math.max(1, ((data.finished_at ?? Date.now()) - data.started_at) / 1000)
  const counts = [
    [words.read, data.read],
    [words.added, data.added],
    [words.changed, data.changed],
    [words.unchanged, data.unchanged],
    [words.refused, data.refused],
  ] as const
  return (
    <Card withBorder aria-live="polite">
      <Stack gap="xs">
        <Group>
          <State state={data.state} names={importStateNames} />
          <Text size="sm">{say(words.rate, { rate: Math.round(data.read / seconds) })}</Text>
          {data.failure && (
            <Text c="red.9">
              {say(importFailures[data.failure] ?? word(data.failure, data.failure))}
            </Text>
          )}
        </Group>
        {data.state === 'running' && (
          <Progress value={100} animated aria-label={say(importStateNames.running ?? words.read)} />
        )}
        <Group>
          {counts.map(([name, count]) => (
            <Text key={name.en}>
              {say(name)} <b className="number">{count.toLocaleString()}</b>
            </Text>
          ))}
        </Group>
        {data.reasons && Object.keys(data.reasons).length > 0 && (
          <>
            <Title order={3} size="h5">
              {say(words.reasons)}
            </Title>
            <Rows
              rows={Object.entries(data.reasons)}
              keyOf={([reason]) => reason}
              caption={say(words.reasons)}
              columns={[
                {
                  head: say(words.reason),
                  cell: ([reason]) => <span className="code">{reason}</span>,
                },
                { head: say(words.rows), cell: ([, count]) => count, number: true },
              ]}
            />
            <Anchor href={`/api/v1/admin/imports/${id}/errors.csv`} download="errors.csv">
              {say(words.errors)}
            </Anchor>
            {data.fixable && (
              <Anchor href={`/api/v1/admin/imports/${id}/refused.csv`} download="refused.csv">
                {say(words.refused_file)}
              </Anchor>
            )}
          </>
        )}
      </Stack>
    </Card>
  )
}

function History({ code, look }: { readonly code: string; readonly look: (id: string) => void }) {
  const { say, language } = useLanguage()
  const list = useList<ImportRecord>(`/admin/imports?org_code=${code}`)
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {say(words.history)}
      </Title>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(words.history)}
        columns={[
          { head: say(words.started), cell: (one) => timeText(one.started_at, language) },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={importStateNames} />,
          },
          { head: say(words.read), cell: ({ read }) => read.toLocaleString(), number: true },
          { head: say(words.added), cell: ({ added }) => added.toLocaleString(), number: true },
          { head: say(words.refused), cell: (one) => one.refused.toLocaleString(), number: true },
          {
            head: say(words.look),
            cell: ({ id }) => (
              <Button size="compact-sm" variant="default" onClick={() => look(id)}>
                {say(words.look)}
              </Button>
            ),
          },
        ]}
      />
    </Stack>
  )
}
