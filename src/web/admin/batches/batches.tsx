import { Anchor } from '@mantine/core'
import { useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import type { BenefitRecord } from '../benefits/programme-record.ts'
import { useList } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import type { BatchRecord } from './batch-record.ts'
import { Freezes } from './freezes.tsx'
import { NewBatch } from './new-batch.tsx'
import { batchStateNames, words } from './words.ts'

/** Every act of issuing within the scope, the latest first. */
export default function Batches() {
  const { say, language } = useLanguage()
  const may = usePermission()
  const { benefit = '' } = useParams<{ benefit?: string }>()
  const list = useList<BatchRecord>('/admin/batches')
  const benefits = useList<BenefitRecord>('/admin/benefits?limit=200')
  const nameOf = (id: string) => {
    const found = benefits.items.find((one) => one.id === id)
    return found ? (language === 'zh' ? found.name_zh : found.name_en) : id
  }
  return (
    <Screen title={say(common.batches)}>
      <Freezes />
      {may('batches.write') && (
        <NewBatch
          benefits={benefits.items.filter(({ state }) => state === 'published')}
          chosen={benefit}
        />
      )}
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.batches)}
        columns={[
          {
            head: say(words.benefit),
            cell: ({ id, benefit_id }) => (
              <Anchor href={`#/batches/${id}`}>{nameOf(benefit_id)}</Anchor>
            ),
          },
          { head: say(common.organisation_code), cell: (one) => one.org_code },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={batchStateNames} />,
          },
          { head: say(words.issued), cell: (one) => one.issued.toLocaleString(), number: true },
          { head: say(words.recalled), cell: (one) => one.recalled.toLocaleString(), number: true },
          { head: say(words.created), cell: (one) => timeText(one.created_at, language) },
          { head: say(words.note), cell: ({ note }) => note },
        ]}
      />
    </Screen>
  )
}
