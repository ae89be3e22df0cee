import { Anchor, Button, Card, Group, Stack, Title } from '@mantine/core'
import type { FormEvent } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { dayText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { chinaMidnight } from '../parts/days.ts'
import { useFields } from '../parts/fields.tsx'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission, useSession } from '../session/session.ts'
import { words as common } from '../words.ts'
import { merchantStateNames, words } from './words.ts'

interface Merchant {
  readonly id: string
  readonly name: string
  readonly org_code: string
  readonly state: 'active' | 'suspended' | 'ended'
  readonly contract_from: number
  readonly contract_to: number
}

/** Merchants within the scope: agreed with, suspended, ended. */
export default function Merchants() {
  const { say, language } = useLanguage()
  const may = usePermission()
  const list = useList<Merchant>('/admin/merchants')
  return (
    <Screen title={say(common.merchants)}>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.merchants)}
        columns={[
          {
            head: say(words.merchant),
            cell: ({ id, name }) => <Anchor href={`#/merchants/${id}`}>{name}</Anchor>,
          },
          { head: say(common.organisation_code), cell: (one) => one.org_code },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={merchantStateNames} />,
          },
          {
            head: say(words.contract),
            cell: (one) =>
              `${dayText(one.contract_from, language)} – ${dayText(one.contract_to - 1, language)}`,
          },
          {
            head: say(words.suspend),
            cell: (one) => (may('merchants.write') ? <Acts merchant={one} /> : null),
          },
        ]}
      />
      {may('merchants.write') && <NewMerchant />}
    </Screen>
  )
}

function Acts({ merchant: { id, state } }: { readonly merchant: Merchant }) {
  const { say } = useLanguage()
  const changing = useWrite((to: string, key) =>
    askDesk('POST', `/admin/merchants/${id}/state`, { state: to }, key),
  )
  return (
    <Group gap="xs">
      {state === 'active' && (
        <Sure name={say(words.suspend)} act={() => changing.mutate('suspended')} />
      )}
      {state === 'suspended' && (
        <Sure name={say(words.resume)} act={() => changing.mutate('active')} />
      )}
      {state !== 'ended' && <Sure name={say(words.end)} act={() => changing.mutate('ended')} />}
      <Refusal error={changing.error} />
    </Group>
  )
}

function NewMerchant() {
  const { say } = useLanguage()
  const { grants } = useSession()
  const { given, field, change } = useFields({
    name: '',
    org: grants[0]?.org_code ?? '',
    from: '',
    to: '',
  })
  const adding = useWrite(
    (body: object, key) => askDesk('POST', '/admin/merchants', body, key),
    () => change({ name: '' }),
  )
  const add = (event: FormEvent) => {
    event.preventDefault()
    adding.mutate({
      name: given.name,
      org_code: given.org,
      contract_from: chinaMidnight(given.from),
      contract_to: chinaMidnight(given.to, 1),
    })
  }
  return (
    <Card withBorder component="form" onSubmit={add}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.new_merchant)}
        </Title>
        <Group grow align="end">
          {field('name', say(words.name))}
          {field('org', say(common.organisation_code))}
          {field('from', say(words.from), { type: 'date' })}
          {field('to', say(words.to), { type: 'date' })}
          <Button type="submit" loading={adding.isPending}>
            {say(words.add)}
          </Button>
        </Group>
        <Refusal error={adding.error} />
      </Stack>
    </Card>
  )
}
