import { Button, Card, Group, Loader, Progress, Stack, Text } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useParams } from 'wouter'

import { useLanguage, type Words } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { OrgName } from '../parts/org-name.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import type { BatchRecord } from './batch-record.ts'
import { Decision } from './decision.tsx'
import { DryRunReportView } from './dry-run.tsx'
import { moving, type Progressing, useProgress } from './progress.ts'
import { Recalls } from './recalls.tsx'
import { batchStateNames, leftOutNames, words } from './words.ts'

const acts: Readonly<
  Record<string, readonly ('submit' | 'start' | 'pause' | 'resume' | 'cancel')[]>
> = {
  ready: ['submit', 'cancel'],
  draft: ['cancel'],
  submitted: ['cancel'],
  approved: ['start', 'cancel'],
  running: ['pause'],
  paused: ['resume', 'cancel'],
}

/** One batch: what it would do, who approves it, how far it is, what can be done with it now. */
export default function Batch() {
  const { say, language } = useLanguage()
  const { id = '' } = useParams<{ id: string }>()
  const { data, error } = useProgress(id)
  const named = useRead<{ versions: { definition: { name: Words } }[] }>(
    data && `/admin/benefits/${data.benefit_id}`,
  )
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const name = named.data?.versions[0]?.definition.name
  const title = `${say(common.batches)} · ${name ? say(name) : '…'}`
  return (
    <Screen title={title} acts={<State state={data.state} names={batchStateNames} />}>
      <Facts
        facts={[
          [say(common.organisation), <OrgName key="org" code={data.org_code} />],
          [say(words.source), say(data.source === 'list' ? words.by_list : words.by_criteria)],
          [say(words.delivery), say(data.delivery === 'offer' ? words.offer : words.active)],
          [say(words.created), timeText(data.created_at, language)],
          [say(words.note), data.note || '—'],
          [say(words.issued), data.issued.toLocaleString()],
          [say(words.dropped), data.dropped.toLocaleString()],
          [say(words.recalled), data.recalled.toLocaleString()],
          [say(common.state), say(words.approvals, { count: data.approvals_needed })],
        ]}
      />
      <Moving batch={data} />
      <LeftOut batch={data} />
      <Acts batch={data} />
      <DryRunReportView batch={data} />
      {data.state === 'submitted' && <Decision batch={data} />}
      {data.issued > 0 && <Recalls batch={data} />}
    </Screen>
  )
}

function Moving({ batch }: { readonly batch: Progressing }) {
  const { say } = useLanguage()
  const [begun, setBegun] = useState<{ readonly at: number; readonly done: number }>()
  const done = batch.state === 'recalling' ? batch.recalled : batch.issued + batch.dropped
  const going = moving.includes(batch.state)
  useEffect(() => {
    setBegun((before) => (going ? (before ?? { at: Date.now(), done }) : undefined))
  }, [going, done])
  if (!going && batch.state !== 'paused') return null
  const part = batch.members === 0 ? 100 : Math.min(100, (100 * done) / batch.members)
  const rate = begun && (done - begun.done) / Math.max(1, Date.now() - begun.at)
  const seconds =
    batch.seconds_left ?? (rate ? Math.ceil((batch.members - done) / rate / 1000) : undefined)
  return (
    <Stack gap={4}>
      <Progress value={part} aria-label={say(words.progress)} animated={going} size="lg" />
      <Text aria-live="polite" className="number">
        {done.toLocaleString()} / {batch.members.toLocaleString()}
        {seconds !== undefined && going && ` · ${say(words.left, { seconds })}`}
        {batch.rate !== undefined &&
          going &&
          ` · ${say(words.rate, { rate: Math.round(batch.rate) })}`}
      </Text>
    </Stack>
  )
}

function LeftOut({ batch }: { readonly batch: Progressing }) {
  const { say } = useLanguage()
  const may = usePermission()
  const retrying = useWrite((_: undefined, key) =>
    askDesk('POST', `/admin/batches/${batch.id}/retry-failed`, {}, key),
  )
  const reasons = Object.entries(batch.left_out)
  if (reasons.length === 0) return null
  return (
    <Card withBorder>
      <Facts
        facts={reasons.map(([reason, count]) => [
          say(leftOutNames[reason] ?? words.left_out),
          count.toLocaleString(),
        ])}
      />
      {batch.state === 'completed' && may('batches.write') && (
        <Sure name={say(words.retry)} act={() => retrying.mutate(undefined)} />
      )}
      <Refusal error={retrying.error} />
    </Card>
  )
}

function Acts({ batch }: { readonly batch: BatchRecord }) {
  const { say } = useLanguage()
  const may = usePermission()
  const acting = useWrite((act: string, key) =>
    askDesk('POST', `/admin/batches/${batch.id}/${act}`, {}, key),
  )
  const open = may('batches.write') ? (acts[batch.state] ?? []) : []
  const recallable = ['completed', 'paused', 'cancelled'].includes(batch.state)
  return (
    <Card withBorder>
      <Group gap="xs">
        {open.map((act) =>
          act === 'cancel' ? (
            <Sure key={act} name={say(words[act])} act={() => acting.mutate(act)} />
          ) : (
            <Button key={act} loading={acting.isPending} onClick={() => acting.mutate(act)}>
              {say(words[act])}
            </Button>
          ),
        )}
        {recallable && may('batches.approve') && (
          <Sure name={say(words.recall)} act={() => acting.mutate('recall')} />
        )}
      </Group>
      <Refusal error={acting.error} />
    </Card>
  )
}
