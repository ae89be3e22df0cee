import { Anchor, Stack, Title } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText, timeText } from '../../parts/times.ts'
import { useList } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { OrgName } from '../parts/org-name.tsx'
import { words as common } from '../words.ts'
import type { ProposalRecord } from './proposal-record.ts'
import { proposalKindNames, words } from './words.ts'

/** The proposals of the inbox: what waits for another person besides batches. */
export function WaitingProposals() {
  const { say, language } = useLanguage()
  const list = useList<ProposalRecord>('/admin/proposals?state=proposed')
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.waiting)}
      </Title>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(words.waiting)}
        columns={[
          {
            head: say(words.what),
            cell: ({ id, kind }) => (
              <Anchor href={`#/approvals/${id}`}>
                {say(proposalKindNames[kind] ?? words.what)}
              </Anchor>
            ),
          },
          { head: say(common.organisation), cell: (one) => <OrgName code={one.org_code} /> },
          {
            head: say(common.amount),
            cell: ({ amount }) => moneyText(amount, language),
            number: true,
          },
          { head: say(words.reason), cell: ({ reason }) => reason },
          { head: say(words.proposed), cell: (one) => timeText(one.proposed_at, language) },
        ]}
      />
    </Stack>
  )
}
