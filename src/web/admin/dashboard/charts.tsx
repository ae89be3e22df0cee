import '@mantine/charts/styles.css'

import { BarChart, LineChart } from '@mantine/charts'

const colours = ['union.6', 'teal.7', 'indigo.6', 'grape.6']

/** Numbers side by side, or as lines over days. Loaded when a chart is shown. */
export default function Chart({
  kind,
  rows,
  series,
  stacked = false,
}: {
  readonly kind: 'bars' | 'lines'
  readonly rows: readonly Record<string, string | number>[]
  readonly series: readonly { readonly name: string; readonly label: string }[]
  readonly stacked?: boolean
}) {
  const given = {
    h: 280,
    data: [...rows],
    dataKey: 'name',
    withLegend: true,
    legendProps: { itemSorter: null }, // in the order of the steps
    yAxisProps: { allowDecimals: false },
    series: series.map((one, i) => ({ ...one, color: colours[i] ?? 'gray.6' })),
    valueFormatter: (value: number) => value.toLocaleString(),
  }
  if (kind === 'lines') return <LineChart {...given} curveType="linear" withDots />
  return (
    <BarChart
      {...given}
      type={stacked ? 'stacked' : 'default'}
      barProps={{ maxBarSize: 56, isAnimationActive: false }}
    />
  )
}
