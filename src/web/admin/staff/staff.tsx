import {
  Alert,
  Button,
  Card,
  Group,
  NativeSelect,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { Sure } from '../parts/sure.tsx'
import { roleNames } from '../roles.ts'
import { useSession } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import { words } from './words.ts'

interface Colleague {
  readonly id: string
  readonly name: string
  readonly grants: readonly { readonly role: string; readonly org_name_zh: string }[]
  readonly passkeys: number
  readonly last_seen_at?: number
  readonly invited_until?: number
  readonly revoked_at?: number
  /** They count as this colleague until another has confirmed them. */
  readonly registered_by?: { readonly id: string; readonly name: string }
}

/** The union's people with their roles; inviting one, and ending one's access at once. */
export default function Staff() {
  const { say, language } = useLanguage()
  const { id: self } = useSession()
  const list = useList<Colleague>('/admin/staff')
  const revoking = useWrite((id: string, key) =>
    askDesk('DELETE', `/admin/principals/${id}`, undefined, key),
  )
  const confirming = useWrite((id: string, key) =>
    askDesk('POST', `/admin/principals/${id}/confirm`, {}, key),
  )
  return (
    <Screen title={say(common.staff)}>
      <Invite />
      <Refusal error={revoking.error ?? confirming.error} />
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.staff)}
        columns={[
          { head: say(words.person), cell: ({ name }) => name },
          {
            head: say(words.role),
            cell: ({ grants }) =>
              grants.map(({ role, org_name_zh }) => (
                <Text key={`${role} ${org_name_zh}`} size="sm">
                  {say(roleNames[role] ?? word(role, role))} · {org_name_zh}
                </Text>
              )),
          },
          { head: say(words.passkeys), cell: ({ passkeys }) => passkeys, number: true },
          {
            head: say(words.last_seen),
            cell: ({ last_seen_at: at }) => (at === undefined ? '—' : timeText(at, language)),
          },
          {
            head: say(common.state),
            cell: ({ revoked_at, passkeys }) =>
              say(revoked_at ? words.revoked : passkeys > 0 ? words.in_use : words.invited),
          },
          {
            head: say(words.confirmed),
            cell: ({ id, registered_by: by, revoked_at }) => {
              if (!by || revoked_at) return null
              if (by.id === self || id === self) return say(words.by_another, { name: by.name })
              return (
                <Stack gap={4} align="start">
                  <Text size="sm">{say(words.who, { name: by.name })}</Text>
                  <Sure name={say(words.confirm)} act={() => confirming.mutate(id)} />
                </Stack>
              )
            },
          },
          {
            head: say(words.revoke),
            cell: ({ id, revoked_at }) =>
              id === self || revoked_at ? null : (
                <Sure name={say(words.revoke)} act={() => revoking.mutate(id)} />
              ),
          },
        ]}
      />
    </Screen>
  )
}

function Invite() {
  const { say, language } = useLanguage()
  const { grants } = useSession()
  const [name, setName] = useState('')
  const [role, setRole] = useState('maker')
  const [org, setOrg] = useState(grants[0]?.org_code ?? '')
  const inviting = useWrite((body: object, key) =>
    askDesk<{ address: string; expires_at: number }>('POST', '/admin/invitations', body, key),
  )
  const invite = (event: FormEvent) => {
    event.preventDefault()
    inviting.mutate({ name, role, org_code: org })
  }
  const told = inviting.data
  return (
    <Card withBorder component="form" onSubmit={invite}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.invite)}
        </Title>
        <Text size="sm">{say(words.invite_lead)}</Text>
        <Group grow align="end">
          <TextInput
            required
            label={say(words.person)}
            value={name}
            maxLength={64}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <NativeSelect
            label={say(words.role)}
            value={role}
            onChange={({ currentTarget }) => setRole(currentTarget.value)}
            data={Object.entries(roleNames).map(([value, text]) => ({ value, label: say(text) }))}
          />
          <OrgCode value={org} change={setOrg} />
          <Button type="submit" loading={inviting.isPending}>
            {say(words.invite_do)}
          </Button>
        </Group>
        <Refusal error={inviting.error} />
        {told && (
          <Alert
            role="status"
            title={say(words.address, { time: timeText(told.expires_at, language) })}
          >
            <Text className="code wraps">{told.address}</Text>
          </Alert>
        )}
      </Stack>
    </Card>
  )
}
