import { Alert, Anchor, List, SimpleGrid, Stack, Text, Title } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText } from '../../parts/times.ts'
import { useRead } from '../desk-api.ts'
import { Grants } from '../parts/grants.tsx'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { Burn } from './burn.tsx'
import { FunnelPart } from './funnel.tsx'
import { type DeskAlert, everyMs } from './funnel-record.ts'
import { words } from './words.ts'

/** How issuing and redeeming stand, read again every few seconds. */
export default function Dashboard() {
  const { say } = useLanguage()
  return (
    <Screen title={say(words.title)}>
      <Alerts />
      <FunnelPart />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Burn />
        <Refusals />
      </SimpleGrid>
      <Grants />
    </Screen>
  )
}

const screens = {
  budget_low: 'programmes',
  stock_low: undefined,
  approval_waiting: 'batches',
  many_reversals: 'stores',
} as const

function Alerts() {
  const { say } = useLanguage()
  const { data, error } = useRead<{ items: DeskAlert[] }>('/admin/alerts', { everyMs })
  const items = data?.items ?? []
  if (error) return <Refusal error={error} />
  if (items.length === 0) return <Text c="dimmed">{data && say(words.no_alerts)}</Text>
  return (
    <Alert color="yellow" title={say(words.alerts)} role="status">
      <List size="sm">
        {items.map((one) => (
          <List.Item key={`${one.kind} ${one.id}`}>
            <OneAlert alert={one} />
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function OneAlert({ alert }: { readonly alert: DeskAlert }) {
  const { say, language } = useLanguage()
  const { kind, id, left = 0, of = 0 } = alert
  const name = (language === 'en' ? alert.name_en : undefined) ?? alert.name_zh ?? id
  const amount = kind === 'budget_low' ? moneyText(left, language).replace(/^¥\s?/, '') : left
  const text = say(words[kind], { name, left: amount, of })
  const screen = screens[kind]
  return screen ? (
    <Anchor href={`#/${screen}/${id}`} size="sm" c="var(--mantine-color-text)" underline="always">
      {text}
    </Anchor>
  ) : (
    text
  )
}

function Refusals() {
  const { say } = useLanguage()
  const { data, error } = useRead<{ items: { code: string; count: number }[] }>('/admin/refusals', {
    everyMs,
  })
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {say(words.refusals)}
      </Title>
      <Refusal error={error} />
      <Rows
        rows={data?.items ?? []}
        caption={say(words.refusals)}
        keyOf={({ code }) => code}
        columns={[
          { head: say(words.code), cell: ({ code }) => <span className="code">{code}</span> },
          { head: say(words.count), cell: ({ count }) => count.toLocaleString(), number: true },
        ]}
      />
    </Stack>
  )
}
