import { Anchor, Group } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission, useSession } from '../session/session.ts'
import type { ProposalRecord } from './proposal-record.ts'
import { words } from './words.ts'

/** What can be done with a proposal that is open: look and sign, or take it back. */
export function ProposalActs({ proposal }: { readonly proposal: ProposalRecord }) {
  const { say } = useLanguage()
  const may = usePermission()
  const { id } = useSession()
  const withdrawing = useWrite((_: undefined, key) =>
    askDesk('POST', `/admin/proposals/${proposal.id}/withdraw`, {}, key),
  )
  if (proposal.state !== 'proposed') return null
  return (
    <Group gap="xs">
      {may('batches.approve') && (
        <Anchor href={`#/approvals/${proposal.id}`}>{say(words.decide)}</Anchor>
      )}
      {proposal.proposed_by === id && (
        <Sure name={say(words.withdraw)} act={() => withdrawing.mutate(undefined)} />
      )}
      <Refusal error={withdrawing.error} />
    </Group>
  )
}
