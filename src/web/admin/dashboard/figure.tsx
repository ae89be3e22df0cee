import { Group, Loader, SegmentedControl, Stack, Title } from '@mantine/core'
import { type ReactNode, Suspense, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { late } from '../../parts/late.tsx'
import { words as common } from '../words.ts'
import { words } from './words.ts'

const Chart = late(() => import('./charts.tsx'))

/** A chart with the table behind it: the same figures, for whoever reads tables or hears them. */
export function Figure({
  title,
  chart,
  said,
  table,
  acts,
}: {
  readonly title: string
  readonly chart: Parameters<typeof Chart>[0]
  /** What the chart shows, in words. */
  readonly said: string
  readonly table: ReactNode
  readonly acts?: ReactNode
}) {
  const { say } = useLanguage()
  const [view, see] = useState('chart')
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Group gap="xs">
          {acts}
          <SegmentedControl
            aria-label={`${title}: ${say(words.view)}`}
            size="xs"
            value={view}
            onChange={see}
            data={[
              { value: 'chart', label: say(words.chart) },
              { value: 'table', label: say(words.table) },
            ]}
          />
        </Group>
      </Group>
      {view === 'table' ? (
        table
      ) : (
        <figure className="chart">
          <div aria-hidden="true" inert>
            <Suspense fallback={<Loader aria-label={say(common.loading)} />}>
              <Chart {...chart} />
            </Suspense>
          </div>
          <figcaption className="spoken-only">
            {said} {say(words.in_table)}
          </figcaption>
        </figure>
      )}
    </Stack>
  )
}
