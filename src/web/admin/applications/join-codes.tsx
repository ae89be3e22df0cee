import { Alert, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { Qr } from '../../parts/qr.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import { words } from './words.ts'

interface JoinCode {
  readonly id: string
  readonly org_code: string
  readonly note: string
  readonly created_at: number
  readonly revoked_at?: number
}

/** Codes that a union prints; whoever scans one may apply. */
export function JoinCodes({ org }: { readonly org: string }) {
  const { say, language } = useLanguage()
  const may = usePermission()
  const [note, setNote] = useState('')
  const list = useList<JoinCode>(`/admin/join-codes?org_code=${org}`)
  const making = useWrite((body: object, key) =>
    askDesk<{ url: string }>('POST', '/admin/join-codes', body, key),
  )
  const revoking = useWrite((id: string, key) =>
    askDesk('POST', `/admin/join-codes/${id}/revoke`, {}, key),
  )
  const make = (event: FormEvent) => {
    event.preventDefault()
    making.mutate({ org_code: org, ...(note && { note }) })
  }
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.codes)}
      </Title>
      {may('members.write') && (
        <Group component="form" align="end" onSubmit={make}>
          <TextInput
            label={say(words.note)}
            value={note}
            maxLength={100}
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
          />
          <Button type="submit" variant="light" loading={making.isPending}>
            {say(words.new_code)}
          </Button>
        </Group>
      )}
      <Refusal error={making.error ?? revoking.error} />
      {making.data && (
        <Alert role="status" title={say(words.code_told)}>
          <Stack gap="xs" align="flex-start">
            <Qr text={making.data.url} label={making.data.url} />
            <Text className="code wraps">{making.data.url}</Text>
          </Stack>
        </Alert>
      )}
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(words.codes)}
        columns={[
          { head: say(words.note), cell: ({ note: text }) => text },
          { head: say(common.organisation_code), cell: (one) => one.org_code },
          { head: say(words.made), cell: (one) => timeText(one.created_at, language) },
          {
            head: say(common.state),
            cell: ({ id, revoked_at }) =>
              revoked_at ? (
                say(words.revoked)
              ) : may('members.write') ? (
                <Sure name={say(words.revoke)} act={() => revoking.mutate(id)} />
              ) : (
                say(words.in_use)
              ),
          },
        ]}
      />
    </Stack>
  )
}
