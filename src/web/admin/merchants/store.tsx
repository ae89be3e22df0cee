import { Alert, Button, Group, Loader, Stack, Text, TextInput, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { Qr } from '../../parts/qr.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import { type Cashier, Cashiers } from './cashiers.tsx'
import { words } from './words.ts'

interface Terminal {
  readonly id: string
  readonly name: string
  readonly provisioned_at?: number
  readonly revoked_at?: number
}

type PrintedCodeState = keyof typeof words.printed_code_is

/** What stands in one store, and who works there. */
export default function Store() {
  const { say } = useLanguage()
  const { id = '' } = useParams<{ id: string }>()
  const { data, error } = useRead<{
    printed_code: PrintedCodeState
    terminals: Terminal[]
    cashiers: Cashier[]
  }>(`/admin/stores/${id}/staffing`)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  return (
    <Screen title={say(words.terminals)}>
      <Terminals store={id} terminals={data.terminals} />
      <Cashiers store={id} cashiers={data.cashiers} />
      <PrintedCode store={id} state={data.printed_code} />
    </Screen>
  )
}

/** Whether members may use vouchers by the code that hangs in the store. */
function PrintedCode({
  store,
  state,
}: {
  readonly store: string
  readonly state: PrintedCodeState
}) {
  const { say } = useLanguage()
  const may = usePermission()
  const agreeing = useWrite((agreed: boolean, key) =>
    askDesk('PUT', `/admin/stores/${store}/printed-code`, { agreed }, key),
  )
  const write = may('merchants.write')
  return (
    <Stack gap="xs" align="start">
      <Title order={2} size="h4">
        {say(words.printed_code)}
      </Title>
      <Text>{say(words.printed_code_is[state])}</Text>
      {write && state === 'asked' && (
        <Sure name={say(words.agree)} act={() => agreeing.mutate(true)} />
      )}
      {write && state === 'on' && (
        <Sure name={say(words.end_printed_code)} act={() => agreeing.mutate(false)} />
      )}
      <Refusal error={agreeing.error} />
    </Stack>
  )
}

function Terminals({
  store,
  terminals,
}: {
  readonly store: string
  readonly terminals: readonly Terminal[]
}) {
  const { say, language } = useLanguage()
  const may = usePermission()
  const [name, setName] = useState('')
  const adding = useWrite(
    (given: string, key) =>
      askDesk('POST', `/admin/stores/${store}/terminals`, { name: given }, key),
    () => setName(''),
  )
  const provisioning = useWrite((terminal: string, key) =>
    askDesk<{ url: string; token: string; expires_at: number }>(
      'POST',
      `/admin/terminals/${terminal}/provisionings`,
      {},
      key,
    ),
  )
  const revoking = useWrite((terminal: string, key) =>
    askDesk('POST', `/admin/terminals/${terminal}/revoke`, {}, key),
  )
  const told = provisioning.data
  const address = told && `${told.url}/merchant/#token=${told.token}`
  const write = may('merchants.write')
  return (
    <Stack gap="sm">
      <Rows
        rows={terminals}
        keyOf={({ id }) => id}
        caption={say(words.terminals)}
        columns={[
          { head: say(words.name), cell: (one) => one.name },
          {
            head: say(common.state),
            cell: (one) =>
              say(
                one.revoked_at ? words.revoked : one.provisioned_at ? words.ready : words.not_ready,
              ),
          },
          {
            head: say(words.provision),
            cell: ({ id, revoked_at }) =>
              write &&
              !revoked_at && (
                <Button size="compact-md" variant="light" onClick={() => provisioning.mutate(id)}>
                  {say(words.provision)}
                </Button>
              ),
          },
          {
            head: say(words.revoke),
            cell: ({ id, revoked_at }) =>
              write &&
              !revoked_at && <Sure name={say(words.revoke)} act={() => revoking.mutate(id)} />,
          },
        ]}
      />
      {told && address && (
        <Alert
          role="status"
          title={say(words.provision_told, { time: timeText(told.expires_at, language) })}
        >
          <Qr text={address} label={say(words.provision)} />
          <Text className="code wraps">{address}</Text>
        </Alert>
      )}
      <Refusal error={adding.error ?? provisioning.error ?? revoking.error} />
      {write && (
        <Group
          component="form"
          align="end"
          onSubmit={(event: FormEvent) => {
            event.preventDefault()
            adding.mutate(name)
          }}
        >
          <TextInput
            required
            label={say(words.new_terminal)}
            value={name}
            maxLength={64}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" variant="default">
            {say(words.add)}
          </Button>
        </Group>
      )}
      <Title order={2} size="h4">
        {say(words.cashiers)}
      </Title>
    </Stack>
  )
}
