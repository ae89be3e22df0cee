import { Alert, Button, Card, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission, useSession } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import { freezeNames, words } from './words.ts'

interface Freeze {
  readonly id: string
  readonly org_code: string
  readonly reason: string
  readonly begun_at: number
}

/** Where issuing is stopped now; whoever may approve stops it, and another person lets it go on. */
export function Freezes() {
  const { say, language } = useLanguage()
  const may = usePermission()
  const { data } = useRead<{ items: Freeze[] }>('/admin/freezes')
  const ending = useWrite((id: string, key) => askDesk('POST', `/admin/freezes/${id}/end`, {}, key))
  return (
    <>
      {data?.items.map(({ id, org_code, reason, begun_at }) => (
        <Alert
          key={id}
          color="red"
          title={say(words.frozen, { org: org_code })}
          data-frozen={org_code}
        >
          <Group justify="space-between">
            <Text>
              {say(freezeNames[reason] ?? word(reason, reason))} · {timeText(begun_at, language)}
            </Text>
            {may('batches.approve') && (
              <Sure name={say(words.thaw)} act={() => ending.mutate(id)} />
            )}
          </Group>
        </Alert>
      ))}
      <Refusal error={ending.error} />
    </>
  )
}

/** The switch itself. */
export function FreezeSwitch() {
  const { say } = useLanguage()
  const { grants } = useSession()
  const [org, setOrg] = useState(grants[0]?.org_code ?? '')
  const [reason, setReason] = useState('incident')
  const freezing = useWrite((body: object, key) => askDesk('POST', '/admin/freezes', body, key))
  const freeze = (event: FormEvent) => {
    event.preventDefault()
    freezing.mutate({ org_code: org, reason })
  }
  return (
    <Card withBorder component="form" onSubmit={freeze}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.freeze)}
        </Title>
        <Text size="sm">{say(words.freeze_lead)}</Text>
        <Group align="end">
          <OrgCode value={org} change={setOrg} />
          <NativeSelect
            label={say(common.reason)}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            data={Object.entries(freezeNames).map(([value, name]) => ({
              value,
              label: say(name),
            }))}
          />
          <Button type="submit" loading={freezing.isPending}>
            {say(words.freeze_do)}
          </Button>
        </Group>
        <Refusal error={freezing.error} />
      </Stack>
    </Card>
  )
}
