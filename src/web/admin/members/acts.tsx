import { Alert, Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage, type Words } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Sure } from '../parts/sure.tsx'
import type { MemberRecord } from './member-record.ts'
import { words } from './words.ts'

type Change = 'suspend' | 'resume' | 'retire' | 'leave'

const changes: Readonly<Record<MemberRecord['standing'], readonly Change[]>> = {
  active: ['suspend', 'retire', 'leave'],
  suspended: ['resume', 'retire', 'leave'],
  retired: ['leave'],
  left: [],
}
const names: Readonly<Record<Change, Words>> = {
  suspend: words.suspend,
  resume: words.resume,
  retire: words.retire,
  leave: words.leave,
}

/** What staff may do with a membership and its devices. What cannot be taken back asks first. */
export function MemberActs({ member }: { readonly member: MemberRecord }) {
  const { say } = useLanguage()
  const at = `/admin/members/${member.id}`
  const standing = useWrite((change: Change, key) =>
    askDesk('POST', `${at}/standing`, { change }, key),
  )
  const revoking = useWrite((_: undefined, key) => askDesk('POST', `${at}/devices/revoke`, {}, key))
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say(words.acts)}
        </Title>
        <Group gap="xs">
          {changes[member.standing].map((change) => (
            <Sure key={change} name={say(names[change])} act={() => standing.mutate(change)} />
          ))}
        </Group>
        <Activation at={at} />
        <Sure name={say(words.revoke_devices)} act={() => revoking.mutate(undefined)} />
        <Transfer at={at} />
        <Refusal error={standing.error ?? revoking.error} />
      </Stack>
    </Card>
  )
}

function Activation({ at }: { readonly at: string }) {
  const { say, language } = useLanguage()
  const issuing = useWrite((_: undefined, key) =>
    askDesk<{ activation_code: string; expires_at: number }>('POST', `${at}/activations`, {}, key),
  )
  const told = issuing.data
  return (
    <>
      <Button variant="light" loading={issuing.isPending} onClick={() => issuing.mutate(undefined)}>
        {say(words.activation)}
      </Button>
      {told && (
        <Alert
          role="status"
          title={say(words.activation_told, { time: timeText(told.expires_at, language) })}
        >
          <Text size="xl" className="code" data-activation={told.activation_code}>
            {told.activation_code}
          </Text>
        </Alert>
      )}
      <Refusal error={issuing.error} />
    </>
  )
}

function Transfer({ at }: { readonly at: string }) {
  const { say } = useLanguage()
  const [code, setCode] = useState('')
  const moving = useWrite(
    (to: string, key) => askDesk('POST', `${at}/transfer`, { org_code: to }, key),
    () => setCode(''),
  )
  const move = (event: FormEvent) => {
    event.preventDefault()
    moving.mutate(code)
  }
  return (
    <>
      <Group component="form" align="end" onSubmit={move}>
        <OrgCode label={say(words.transfer)} value={code} change={setCode} />
        <Button type="submit" variant="default" loading={moving.isPending}>
          {say(words.transfer_do)}
        </Button>
      </Group>
      <Refusal error={moving.error} />
    </>
  )
}
