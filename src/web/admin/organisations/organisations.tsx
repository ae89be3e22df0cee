import { Grid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { useLocation, useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { useRead } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { words as common } from '../words.ts'
import { OrganisationDetail } from './detail.tsx'
import type { Organisation } from './organisation.ts'
import { Branches } from './tree.tsx'
import { words } from './words.ts'

/** The tree of unions: found by name, opened level by level, one looked at. */
export default function Organisations() {
  const { say } = useLanguage()
  const { code } = useParams<{ code?: string }>()
  const [, go] = useLocation()
  const [typed, type] = useState('')
  const [text] = useDebouncedValue(typed.trim(), 250)
  const path = text ? `/admin/organisations?search=${encodeURIComponent(text)}` : undefined
  const tops = useRead<{ items: Organisation[] }>('/admin/organisations')
  const found = useRead<{ items: Organisation[] }>(path)
  const choose = (chosen: string) => go(`/organisations/${chosen}`)
  return (
    <Screen title={say(common.organisations)}>
      <Grid>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="sm">
            <TextInput
              type="search"
              label={say(words.search)}
              value={typed}
              maxLength={100}
              onChange={({ currentTarget }) => type(currentTarget.value)}
            />
            <Refusal error={tops.error ?? found.error} />
            {text === '' ? (
              <nav aria-label={say(words.tree)}>
                <Branches nodes={tops.data?.items ?? []} opened chosen={code} choose={choose} />
              </nav>
            ) : (
              <section aria-label={say(words.found)} aria-live="polite">
                {found.data?.items.length === 0 && <Text c="dimmed">{say(words.none)}</Text>}
                <Branches nodes={found.data?.items ?? []} chosen={code} choose={choose} />
              </section>
            )}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          {code ? (
            <OrganisationDetail code={code} key={code} />
          ) : (
            <Title order={2} size="h4" c="dimmed">
              {say(words.choose)}
            </Title>
          )}
        </Grid.Col>
      </Grid>
    </Screen>
  )
}
