import { Button, Group, Stack, Text, Title } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { OrgName } from '../parts/org-name.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Sure } from '../parts/sure.tsx'
import { words as common } from '../words.ts'
import { importWords as words } from './words.ts'

interface HeldFile {
  readonly id: string
  readonly kind: 'members' | 'list'
  readonly org_code: string
  readonly file_name?: string
  readonly sent_by: string
  readonly sent_at: number
}

/** Files that were sent and not started: looked at again, or thrown away. */
export function HeldFiles({
  looked,
  look,
}: {
  readonly looked: string | undefined
  readonly look: (id: string | undefined) => void
}) {
  const { say, language } = useLanguage()
  const list = useList<HeldFile>('/admin/held-imports')
  if (list.isPending || (!list.error && list.items.length === 0)) return null
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {say(words.held)}
      </Title>
      <Text size="sm">{say(words.held_lead)}</Text>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(words.held)}
        columns={[
          {
            head: say(words.file_name),
            cell: ({ file_name }) => (
              <span className="whole">{file_name ?? say(words.unnamed)}</span>
            ),
          },
          {
            head: say(words.kind),
            cell: ({ kind }) => say(kind === 'list' ? words.list : words.roster),
          },
          { head: say(common.organisation), cell: (one) => <OrgName code={one.org_code} /> },
          { head: say(words.sent_by), cell: ({ sent_by }) => sent_by },
          { head: say(words.sent_at), cell: (one) => timeText(one.sent_at, language) },
          {
            head: say(words.held_acts),
            cell: ({ id }) => <Acts id={id} looked={looked} look={look} />,
          },
        ]}
      />
    </Stack>
  )
}

function Acts({
  id,
  looked,
  look,
}: {
  readonly id: string
  readonly looked: string | undefined
  readonly look: (id: string | undefined) => void
}) {
  const { say } = useLanguage()
  const discarding = useWrite(
    (_given: null, key) => askDesk('POST', `/admin/imports/${id}/discard`, {}, key),
    () => looked === id && look(undefined),
  )
  return (
    <Group gap="xs" wrap="nowrap">
      <Button variant="default" onClick={() => look(id)}>
        {say(words.go_on)}
      </Button>
      <Sure name={say(words.discard)} act={() => discarding.mutate(null)} />
      <Refusal error={discarding.error} />
    </Group>
  )
}
