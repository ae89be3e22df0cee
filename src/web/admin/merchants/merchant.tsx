import { Anchor, Button, Card, Group, Stack, Title } from '@mantine/core'
import type { FormEvent } from 'react'
import { useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { useFields } from '../parts/fields.tsx'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import { merchantStateNames, words } from './words.ts'

interface Store {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly region: number
  readonly state: 'active' | 'inactive'
}

/** The stores of one merchant. */
export default function Merchant() {
  const { say } = useLanguage()
  const { id = '' } = useParams<{ id: string }>()
  const may = usePermission()
  const list = useList<Store>(`/admin/merchants/${id}/stores`)
  const changing = useWrite(({ store, state }: { store: string; state: string }, key) =>
    askDesk('POST', `/admin/stores/${store}/state`, { state }, key),
  )
  return (
    <Screen title={say(words.stores)}>
      <Refusal error={changing.error} />
      <Listing
        list={list}
        keyOf={(one) => one.id}
        caption={say(words.stores)}
        columns={[
          {
            head: say(words.name),
            cell: (one) => <Anchor href={`#/stores/${one.id}`}>{one.name}</Anchor>,
          },
          { head: say(words.category), cell: ({ category }) => category },
          { head: say(words.region), cell: ({ region }) => region },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={merchantStateNames} />,
          },
          {
            head: say(words.close_store),
            cell: ({ id: store, state }) =>
              may('merchants.write') && (
                <Sure
                  name={say(state === 'active' ? words.close_store : words.open_store)}
                  act={() =>
                    changing.mutate({ store, state: state === 'active' ? 'inactive' : 'active' })
                  }
                />
              ),
          },
        ]}
      />
      {may('merchants.write') && <NewStore merchant={id} />}
    </Screen>
  )
}

function NewStore({ merchant }: { readonly merchant: string }) {
  const { say } = useLanguage()
  const blank = { name: '', category: '', region: '' }
  const { given, field, change } = useFields(blank)
  const adding = useWrite(
    (body: object, key) => askDesk('POST', `/admin/merchants/${merchant}/stores`, body, key),
    () => change(blank),
  )
  const add = (event: FormEvent) => {
    event.preventDefault()
    adding.mutate({ ...given, region: Number(given.region) })
  }
  return (
    <Card withBorder component="form" onSubmit={add}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.new_store)}
        </Title>
        <Group grow align="end">
          {field('name', say(words.name), { pattern: '.{1,100}' })}
          {field('category', say(words.category), { pattern: '[a-z][a-z0-9_]{0,31}' })}
          {field('region', say(words.region), { pattern: '[1-9][0-9]{5}' })}
          <Button type="submit" loading={adding.isPending}>
            {say(words.add)}
          </Button>
        </Group>
        <Refusal error={adding.error} />
      </Stack>
    </Card>
  )
}
