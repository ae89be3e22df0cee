import { Alert, Anchor, Loader } from '@mantine/core'
import { useParams } from 'wouter'

import {
  proposalKindNames,
  proposalStateNames,
  words as proposals,
} from '../admin/approvals/words.ts'
import { useRead } from '../admin/desk-api.ts'
import { Facts } from '../admin/parts/facts.tsx'
import { Rows } from '../admin/parts/listing.tsx'
import { OrgName } from '../admin/parts/org-name.tsx'
import { Refusal } from '../admin/parts/refusal.tsx'
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

/** One change that takes two: what is signed, by whom, and whether it holds. */
export default function Proposal() {
  const { say, language } = useLanguage()
  const { id } = useParams<{ id: string }>()
  const { data, error } = useRead<ProposalRecord>(`/audit/proposals/${id}`)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const { kind, subject, intact, content, proposed_by: by } = data
  return (
    <Screen
      title={say(proposalKindNames[kind] ?? word(kind, kind))}
      acts={<State state={data.state} names={proposalStateNames} />}
    >
      <Alert role="status" color={intact ? 'teal' : 'red'} data-intact={intact}>
        {say(intact ? words.intact : words.broken)}
      </Alert>
      <Facts
        facts={[
          [say(common.organisation), <OrgName key="org" code={data.org_code} />],
          [say(common.amount), moneyText(data.amount, language)],
          [say(words.about), <Code key="about" text={data.about} />],
          [
            say(audit.subject),
            subject ? (
              <span key="subject">
                <Code text={subject} />{' '}
                <Anchor href={`#/unmasking/${subject}`}>{say(audit.ask_who)}</Anchor>
              </span>
            ) : (
              '—'
            ),
          ],
          [say(words.proposed_by), <Code key="by" text={`${by.person_id} · ${by.principal_id}`} />],
          [say(common.when), timeText(data.proposed_at, language)],
          [say(audit.hash), <Code key="digest" text={data.digest} />],
          [
            say(proposals.signed),
            content ? <Code key="content" text={content} /> : say(words.no_content),
          ],
        ]}
      />
      <Rows
        rows={data.decisions}
        caption={say(words.decisions)}
        keyOf={(made) => made.person_id}
        columns={[
          {
            head: say(common.when),
            cell: ({ at }) => <span className="whole">{timeText(at, language)}</span>,
          },
          {
            head: say(words.decided_by),
            cell: (made) => <Code text={`${made.person_id} · ${made.principal_id}`} />,
          },
          {
            head: say(words.decision),
            cell: ({ decision }) => <span className="whole">{say(words[decision])}</span>,
          },
          {
            head: say(words.evidence),
            cell: (made) => <span data-verified={isVerified(made)}>{say(evidenceOf(made))}</span>,
          },
          { head: say(words.statement), cell: ({ statement }) => <Code text={statement} /> },
        ]}
      />
    </Screen>
  )
}

function Code({ text }: { readonly text: string }) {
  return <span className="code wraps">{text}</span>
}
