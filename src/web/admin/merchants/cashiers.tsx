import { Button, Group, NativeSelect, PasswordInput, Stack, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import { words } from './words.ts'

export interface Cashier {
  readonly id: string
  readonly name: string
  readonly role: 'cashier' | 'manager'
  readonly locked: boolean
}

/** Who works in a store: added with a PIN, given a new one when locked out. */
export function Cashiers({
  store,
  cashiers,
}: {
  readonly store: string
  readonly cashiers: readonly Cashier[]
}) {
  const { say } = useLanguage()
  const may = usePermission()
  const write = may('merchants.write')
  return (
    <Stack gap="sm">
      <Rows
        rows={cashiers}
        keyOf={({ id }) => id}
        caption={say(words.cashiers)}
        columns={[
          { head: say(words.name), cell: ({ name }) => name },
          {
            head: say(words.role),
            cell: ({ role }) => say(role === 'manager' ? words.manager : words.cashier),
          },
          { head: say(common.state), cell: ({ locked }) => (locked ? say(words.locked) : '—') },
          { head: say(words.set_pin), cell: ({ id }) => write && <NewPin cashier={id} /> },
        ]}
      />
      {write && <NewCashier store={store} />}
    </Stack>
  )
}

function NewPin({ cashier }: { readonly cashier: string }) {
  const { say } = useLanguage()
  const [pin, setPin] = useState('')
  const setting = useWrite(
    (given: string, key) => askDesk('POST', `/admin/cashiers/${cashier}/pin`, { pin: given }, key),
    () => setPin(''),
  )
  const set = (event: FormEvent) => {
    event.preventDefault()
    setting.mutate(pin)
  }
  return (
    <Group component="form" gap="xs" wrap="nowrap" onSubmit={set}>
      <PasswordInput
        required
        miw={140}
        aria-label={say(words.new_pin)}
        placeholder={say(words.new_pin)}
        value={pin}
        inputMode="numeric"
        pattern="[0-9]{4,12}"
        autoComplete="off"
        onChange={({ currentTarget }) => setPin(currentTarget.value)}
      />
      <Button type="submit" size="compact-md" variant="default" loading={setting.isPending}>
        {say(words.set_pin)}
      </Button>
      <Refusal error={setting.error} />
    </Group>
  )
}

function NewCashier({ store }: { readonly store: string }) {
  const { say } = useLanguage()
  const [name, setName] = useState('')
  const [pin, setPin] = useState('')
  const [role, setRole] = useState('cashier')
  const adding = useWrite(
    (body: object, key) => askDesk('POST', `/admin/stores/${store}/cashiers`, body, key),
    () => {
      setName('')
      setPin('')
    },
  )
  const add = (event: FormEvent) => {
    event.preventDefault()
    adding.mutate({ name, pin, role })
  }
  return (
    <Group component="form" align="end" onSubmit={add}>
      <TextInput
        required
        label={say(words.new_cashier)}
        value={name}
        maxLength={64}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <PasswordInput
        required
        label={say(words.pin)}
        value={pin}
        inputMode="numeric"
        pattern="[0-9]{4,12}"
        autoComplete="off"
        onChange={({ currentTarget }) => setPin(currentTarget.value)}
      />
      <NativeSelect
        label={say(words.role)}
        value={role}
        onChange={({ currentTarget }) => setRole(currentTarget.value)}
        data={[
          { value: 'cashier', label: say(words.cashier) },
          { value: 'manager', label: say(words.manager) },
        ]}
      />
      <Button type="submit" variant="default" loading={adding.isPending}>
        {say(words.add)}
      </Button>
      <Refusal error={adding.error} />
    </Group>
  )
}
