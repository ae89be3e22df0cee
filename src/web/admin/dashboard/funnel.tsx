import {
  Anchor,
  Breadcrumbs,
  Button,
  Group,
  NativeSelect,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText, timeText } from '../../parts/times.ts'
import { useRead } from '../desk-api.ts'
import { lastDay } from '../parts/days.ts'
import { type Column, Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { word } from '../words.ts'
import { type About, AboutWhat } from './about-what.tsx'
import { Figure } from './figure.tsx'
import { everyMs, type Figures, type Funnel, type FunnelRow, steps } from './funnel-record.ts'
import { words } from './words.ts'

const drawnAtMost = 12
const below = word('看下级组织', 'Go to one below')

type By = 'org' | 'benefit' | 'day'

/** The funnel: sums, a chart with its table, and the way down the tree. */
export function FunnelPart() {
  const { say, language } = useLanguage()
  const [by, setBy] = useState<By>('org')
  const [org, setOrg] = useState('')
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [about, setAbout] = useState<About>({ programme: '', benefit: '' })
  const query = new URLSearchParams({
    ...{ by, ...(org && { org_code: org }) },
    ...{ ...(from && { from }), ...(to && { to }) },
    ...Object.fromEntries(Object.entries(about).filter(([, id]) => id !== '')),
  }).toString()
  const { data, error } = useRead<Funnel>(`/admin/funnel?${query}`, { everyMs, keep: true })
  const file = (format: string) =>
    `/api/v1/admin/funnel/file?${query}&language=${language}&format=${format}`
  const choice = (value: By) => ({ value, label: say(words[value]) })
  return (
    <Stack gap="sm">
      <Group align="end" gap="sm">
        <SegmentedControl
          aria-label={say(words.by)}
          value={by}
          onChange={(value) => setBy(value as By)}
          data={[choice('org'), choice('benefit'), choice('day')]}
        />
        {[[words.from, from, setFrom] as const, [words.to, to, setTo] as const].map(
          ([name, value, set]) => (
            <TextInput
              key={name.en}
              type="date"
              max={lastDay}
              label={say(name)}
              value={value}
              onChange={({ currentTarget }) => set(currentTarget.value)}
            />
          ),
        )}
        <AboutWhat about={about} change={setAbout} />
        {(['csv', 'xlsx'] as const).map((format) => (
          <Button key={format} component="a" href={file(format)} download variant="default">
            {say(words[format])}
          </Button>
        ))}
      </Group>
      <Refusal error={error} />
      {data && <Shown funnel={data} by={by} go={setOrg} />}
    </Stack>
  )
}

interface Showing {
  readonly funnel: Funnel
  readonly by: By
  readonly go: (code: string) => void
}

function Shown({ funnel, by, go }: Showing) {
  const { say, language } = useLanguage()
  const here = funnel.above.at(-1)
  const nameOf = (row: FunnelRow) => {
    const name = (language === 'en' ? row.name_en : undefined) ?? row.name_zh
    return by === 'org' && row.key === here?.code ? say(words.own, { name }) : name
  }
  const title = say(words.funnel)
  const said = Object.fromEntries(steps.map((step) => [step, funnel.total[step]]))
  const drawn = by === 'day' ? funnel.items.slice(-90) : funnel.items.slice(0, drawnAtMost)
  return (
    <>
      <Path funnel={funnel} go={go} />
      <Totals total={funnel.total} />
      <Figure
        title={`${title} · ${say(words[by])}`}
        said={say(words.drawn, { title, ...said })}
        chart={{
          kind: by === 'day' ? 'lines' : 'bars',
          series: steps.map((step) => ({ name: step, label: say(words[step]) })),
          rows: drawn.map((row) => ({
            name: nameOf(row),
            ...Object.fromEntries(steps.map((step) => [step, row[step]])),
          })),
        }}
        table={<FunnelTable funnel={funnel} by={by} go={go} nameOf={nameOf} />}
        acts={by === 'org' && <Below funnel={funnel} go={go} />}
      />
      <Text size="sm" c="dimmed">
        {say(words.as_of, { time: timeText(funnel.as_of, language) })}
        {funnel.behind > 0 && ` · ${say(words.behind, { n: funnel.behind })}`}
      </Text>
    </>
  )
}

function Path({ funnel: { above }, go }: Pick<Showing, 'funnel' | 'go'>) {
  const { say } = useLanguage()
  return (
    <nav aria-label={say(words.where)}>
      <Breadcrumbs>
        {above.map(({ code, name_zh: name }, i) =>
          i === above.length - 1 ? (
            <Text key={code} aria-current="true" fw={700}>
              {name}
            </Text>
          ) : (
            <Anchor key={code} component="button" onClick={() => go(code)}>
              {name}
            </Anchor>
          ),
        )}
      </Breadcrumbs>
    </nav>
  )
}

/** The way down where only the chart is shown. */
function Below({ funnel, go }: Pick<Showing, 'funnel' | 'go'>) {
  const { say } = useLanguage()
  const deeper = funnel.items.filter((row) => row.key !== funnel.above.at(-1)?.code)
  if (deeper.length === 0) return null
  return (
    <NativeSelect
      aria-label={say(below)}
      size="xs"
      value=""
      onChange={({ currentTarget }) => currentTarget.value && go(currentTarget.value)}
      data={[
        { value: '', label: say(below) },
        ...deeper.map(({ key, name_zh: label }) => ({ value: key, label })),
      ]}
    />
  )
}

function Totals({ total }: { readonly total: Figures }) {
  const { say, language } = useLanguage()
  const share = (step: number) =>
    total.issued > 0 ? `${((100 * step) / total.issued).toFixed(1)} %` : '–'
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} component="section" aria-label={say(words.total)}>
      {steps.map((step) => (
        <Paper key={step} withBorder p="sm" data-total={step}>
          <Text size="sm" c="dimmed">
            {say(words[step])}
          </Text>
          <Text size="xl" fw={700}>
            {total[step].toLocaleString()}
          </Text>
          <Text size="sm">
            {share(total[step])}
            {step === 'redeemed' && ` · ${moneyText(total.redeemed_amount, language)}`}
            {step === 'settled' && ` · ${moneyText(total.settled_amount, language)}`}
          </Text>
        </Paper>
      ))}
    </SimpleGrid>
  )
}

function FunnelTable({
  funnel,
  by,
  go,
  nameOf,
}: Showing & { readonly nameOf: (row: FunnelRow) => string }) {
  const { say, language } = useLanguage()
  const counts = [...steps, ...(['reversed', 'returned', 'voided', 'expired'] as const)]
  const columns: Column<FunnelRow>[] = [
    {
      head: say(words[by]),
      cell: (row) =>
        by === 'org' && row.key !== '' && row.key !== funnel.above.at(-1)?.code ? (
          <Anchor component="button" onClick={() => go(row.key)}>
            {nameOf(row)}
          </Anchor>
        ) : (
          nameOf(row)
        ),
    },
    ...counts.map((name) => ({
      head: say(words[name]),
      cell: (row: FunnelRow) => row[name].toLocaleString(),
      number: true,
    })),
    ...(['redeemed_amount', 'settled_amount'] as const).map((name) => ({
      head: say(words[name]),
      cell: (row: FunnelRow) => moneyText(row[name], language),
      number: true,
    })),
  ]
  const total = { ...funnel.total, key: '', name_zh: say(words.total), name_en: say(words.total) }
  const rows = funnel.items.length > 0 ? [...funnel.items, total] : []
  return <Rows rows={rows} columns={columns} keyOf={({ key }) => key} caption={say(words.funnel)} />
}
