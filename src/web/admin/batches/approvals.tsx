import { Anchor, Loader, Text } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { WaitingProposals } from '../approvals/waiting.tsx'
import type { BenefitRecord } from '../benefits/programme-record.ts'
import { useList } from '../desk-api.ts'
import { Rows } from '../parts/listing.tsx'
import { OrgName } from '../parts/org-name.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { words as common } from '../words.ts'
import type { BatchRecord } from './batch-record.ts'
import { FreezeSwitch, Freezes } from './freezes.tsx'
import { words } from './words.ts'

/** The approvals inbox: what was submitted and waits for another person. */
export default function Approvals() {
  const { say, language } = useLanguage()
  const list = useList<BatchRecord>('/admin/batches?state=submitted&limit=200')
  const benefits = useList<BenefitRecord>('/admin/benefits?limit=200')
  const nameOf = (id: string) => {
    const found = benefits.items.find((one) => one.id === id)
    return found ? (language === 'zh' ? found.name_zh : found.name_en) : id
  }
  if (list.error) return <Refusal error={list.error} />
  if (list.isPending) return <Loader aria-label={say(common.loading)} />
  return (
    <Screen title={say(common.approvals)}>
      <Freezes />
      {list.items.length === 0 ? (
        <Text c="dimmed">{say(common.nothing)}</Text>
      ) : (
        <Rows
          rows={list.items}
          keyOf={({ id }) => id}
          caption={say(words.waiting)}
          columns={[
            {
              head: say(words.created),
              cell: ({ id, created_at }) => (
                <Anchor href={`#/batches/${id}`}>{timeText(created_at, language)}</Anchor>
              ),
            },
            { head: say(words.benefit), cell: (one) => nameOf(one.benefit_id) },
            { head: say(common.organisation), cell: (one) => <OrgName code={one.org_code} /> },
            { head: say(words.note), cell: ({ note }) => note || '—' },
            {
              head: say(common.state),
              cell: (one) => say(words.approvals, { count: one.approvals_needed }),
            },
          ]}
        />
      )}
      <WaitingProposals />
      <FreezeSwitch />
    </Screen>
  )
}
