import { Anchor, Button, Group, Stack, Title } from '@mantine/core'
import { useEffect } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText, timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { voucherStateNames } from '../members/words.ts'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { word } from '../words.ts'
import type { BatchRecord } from './batch-record.ts'
import { RecallForm } from './recall-form.tsx'
import type { RecallRecord } from './recall-record.ts'
import { recallStateNames, words } from './words.ts'

/** Taking back a chosen part of a batch: tried out first, and what became of each try. */
export function Recalls({ batch }: { readonly batch: BatchRecord }) {
  const { say, language } = useLanguage()
  const may = usePermission()
  const list = useList<RecallRecord>(`/admin/batches/${batch.id}/recalls`)
  const { refetch } = list
  const going = list.items.some(({ state }) => state === 'running')
  useEffect(() => {
    if (!going) return
    const timer = setInterval(() => void refetch(), 1000)
    return () => clearInterval(timer)
  }, [going, refetch])
  const open = ['completed', 'paused', 'cancelled'].includes(batch.state)
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.recalls)}
      </Title>
      {open && may('batches.approve') && <RecallForm batch={batch} />}
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(words.recalls)}
        columns={[
          { head: say(words.created), cell: (one) => timeText(one.created_at, language) },
          { head: say(words.recall_reason), cell: ({ reason }) => reason },
          {
            head: say(words.recallable),
            cell: ({ count }) => <span data-recallable={count}>{count.toLocaleString()}</span>,
            number: true,
          },
          {
            head: say(words.comes_back),
            cell: ({ amount }) => moneyText(amount, language),
            number: true,
          },
          { head: say(words.cannot), cell: ({ cannot }) => <Cannot cannot={cannot} /> },
          { head: say(words.recalled), cell: (one) => one.recalled.toLocaleString(), number: true },
          { head: say(words.outcome), cell: (one) => <Outcome recall={one} /> },
        ]}
      />
    </Stack>
  )
}

function Cannot({ cannot }: Pick<RecallRecord, 'cannot'>) {
  const { say } = useLanguage()
  const told = Object.entries(cannot).map(([state, n]) => {
    const name = voucherStateNames[state] ?? (state === 'part_used' ? words.part_used : undefined)
    return `${say(name ?? word(state, state))} ${n.toLocaleString()}`
  })
  return told.length === 0 ? '—' : told.join(' · ')
}

function Outcome({ recall }: { readonly recall: RecallRecord }) {
  const { say } = useLanguage()
  const may = usePermission()
  const submitting = useWrite((_: undefined, key) =>
    askDesk('POST', `/admin/recalls/${recall.id}/submit`, {}, key),
  )
  return (
    <Group gap="xs">
      <State state={recall.state} names={recallStateNames} />
      {recall.state === 'ready' && may('batches.approve') && (
        <Button
          size="compact-md"
          loading={submitting.isPending}
          onClick={() => submitting.mutate(undefined)}
        >
          {say(recall.approvals_needed > 0 ? words.recall_submit : words.recall_do)}
        </Button>
      )}
      {recall.state === 'proposed' && recall.proposal_id && (
        <Anchor href={`#/approvals/${recall.proposal_id}`}>{say(words.look)}</Anchor>
      )}
      <Refusal error={submitting.error} />
    </Group>
  )
}
