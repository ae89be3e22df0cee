import { Anchor } from '@mantine/core'

import { useList } from '../admin/desk-api.ts'
import { Listing } from '../admin/parts/listing.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { words as common, word } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { timeText } from '../parts/times.ts'
import type { DecisionRecord } from './decision-record.ts'
import { outcomeNames, words } from './words.ts'

/** Decisions on claims, given and refused. */
export default function Decisions() {
  const { say, language } = useLanguage()
  const list = useList<DecisionRecord>('/audit/decisions?limit=100')
  return (
    <Screen title={say(words.decisions)}>
      <Listing
        list={list}
        caption={say(words.decisions)}
        keyOf={({ id }) => id}
        columns={[
          {
            head: say(common.when),
            cell: ({ id, at }) => (
              <Anchor href={`#/decisions/${id}`}>{timeText(at, language)}</Anchor>
            ),
          },
          {
            head: say(words.subject),
            cell: ({ subject }) => <span className="code">{subject.slice(0, 10)}…</span>,
          },
          {
            head: say(words.outcome),
            cell: ({ outcome }) => say(outcomeNames[outcome] ?? word(outcome, outcome)),
          },
          { head: say(words.answered), cell: ({ refused }) => refused ?? say(words.issued) },
          {
            head: say(words.benefit),
            cell: (one) => (
              <span className="code">
                {one.benefit_id.slice(0, 13)}… v{one.benefit_version}
              </span>
            ),
          },
        ]}
      />
    </Screen>
  )
}
