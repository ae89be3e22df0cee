import { Anchor, Text } from '@mantine/core'

import { proposalKindNames, proposalStateNames } from '../admin/approvals/words.ts'
import { useList } from '../admin/desk-api.ts'
import { Listing } from '../admin/parts/listing.tsx'
import { OrgName } from '../admin/parts/org-name.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { State } from '../admin/parts/state.tsx'
import { words as common, word } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { moneyText, timeText } from '../parts/times.ts'
import {
  evidenceOf,
  isVerified,
  type ProposalRecord,
  proposalWords as words,
} from './proposal-record.ts'
import { words as audit } from './words.ts'

/** Budgets, recalls and renewals: who proposed each, and who decided. */
export default function Proposals() {
  const { say, language } = useLanguage()
  const list = useList<ProposalRecord>('/audit/proposals')
  return (
    <Screen title={say(words.title)}>
      <Text>{say(words.lead)}</Text>
      <Listing
        list={list}
        caption={say(words.title)}
        keyOf={({ id }) => id}
        columns={[
          {
            head: say(common.when),
            cell: ({ id, proposed_at }) => (
              <Anchor href={`#/proposals/${id}`} className="whole">
                {timeText(proposed_at, language)}
              </Anchor>
            ),
          },
          {
            head: say(audit.kind),
            cell: ({ kind, intact }) => (
              <>
                {say(proposalKindNames[kind] ?? word(kind, kind))}
                {!intact && <Text c="red.9">{say(words.broken)}</Text>}
              </>
            ),
          },
          { head: say(common.organisation), cell: (one) => <OrgName code={one.org_code} /> },
          {
            head: say(common.amount),
            cell: (one) => moneyText(one.amount, language),
            number: true,
          },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={proposalStateNames} />,
          },
          {
            head: say(words.proposed_by),
            cell: (one) => <Person id={one.proposed_by.person_id} />,
          },
          {
            head: say(words.decided_by),
            cell: ({ decisions }) =>
              decisions.map((made) => (
                <div key={made.person_id} data-verified={isVerified(made)}>
                  <Person id={made.person_id} /> {say(words[made.decision])} ·{' '}
                  {say(evidenceOf(made))}
                </div>
              )),
          },
        ]}
      />
    </Screen>
  )
}

/** A person of the staff: by the end of their id, in which ids of one day differ. */
function Person({ id }: { readonly id: string }) {
  return <span className="code whole">…{id.slice(-12)}</span>
}
