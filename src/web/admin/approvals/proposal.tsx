import { Anchor, Card, Loader, Stack, Text } from '@mantine/core'
import { useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText, timeText } from '../../parts/times.ts'
import type { Programme } from '../benefits/programme-record.ts'
import { useList, useRead } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { OrgName } from '../parts/org-name.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { PasskeyWord } from '../session/passkey-word.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import type { ProposalRecord } from './proposal-record.ts'
import { proposalKindNames, proposalStateNames, words } from './words.ts'

/** One proposal: what it would do, exactly what is signed, and the word of whoever looks at it. */
export default function Proposal() {
  const { say, language } = useLanguage()
  const may = usePermission()
  const { id = '' } = useParams<{ id: string }>()
  const { data, error } = useRead<ProposalRecord>(`/admin/proposals/${id}`)
  const programmes = useList<Programme>('/admin/programmes?limit=200')
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const programme = programmes.items.find((one) => one.id === data.programme_id)
  const name = programme && (language === 'zh' ? programme.name_zh : programme.name_en)
  return (
    <Screen
      title={say(proposalKindNames[data.kind] ?? words.what)}
      acts={<State state={data.state} names={proposalStateNames} />}
    >
      <Facts
        facts={[
          [
            say(common.programmes),
            <Anchor key="programme" href={`#/programmes/${data.programme_id}`}>
              {name ?? data.programme_id}
            </Anchor>,
          ],
          [say(common.organisation), <OrgName key="org" code={data.org_code} />],
          [say(common.amount), moneyText(data.amount, language)],
          [say(words.reason), data.reason],
          [say(words.proposed), timeText(data.proposed_at, language)],
          [
            say(words.signed),
            <span key="content" className="code">
              {data.content ?? '–'}
            </span>,
          ],
          [
            say(words.digest),
            <span key="digest" className="code" data-digest={data.digest}>
              {data.digest}
            </span>,
          ],
        ]}
      />
      {data.state === 'proposed' && may('batches.approve') && (
        <Card withBorder>
          <Stack gap="sm">
            <Text>{say(words.lead)}</Text>
            <PasskeyWord
              at={`/admin/proposals/${data.id}/decisions`}
              approve={words.sign}
              reject={words.reject}
            />
          </Stack>
        </Card>
      )}
    </Screen>
  )
}
