import { NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText } from '../../parts/times.ts'
import { useRead } from '../desk-api.ts'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Figure } from './figure.tsx'
import { type BudgetBurn, everyMs } from './funnel-record.ts'
import { words } from './words.ts'

const parts = ['consumed', 'committed', 'available'] as const

/** What became of a programme's money, month by month. */
export function Burn() {
  const { say, language } = useLanguage()
  const [chosen, choose] = useState('')
  const { data, error } = useRead<{ items: BudgetBurn[] }>('/admin/budget-burn', { everyMs })
  const items = data?.items ?? []
  const nameOf = (one: BudgetBurn) => (language === 'en' ? one.name_en : one.name_zh)
  const programme = items.find(({ id }) => id === chosen) ?? items[0]
  const last = programme?.months.at(-1)
  if (!programme || !last) {
    return (
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.burn)}
        </Title>
        <Refusal error={error} />
        <Text c="dimmed">{data && say(words.none)}</Text>
      </Stack>
    )
  }
  const said = parts.map((name) => `${say(words[name])} ${moneyText(last[name], language)}`)
  return (
    <Stack gap="xs">
      <Figure
        title={say(words.burn)}
        said={`${nameOf(programme)}, ${last.month}: ${said.join(', ')}.`}
        chart={{
          kind: 'bars',
          stacked: true,
          series: parts.map((name) => ({
            name,
            label: `${say(words[name])} (${say(words.yuan)})`,
          })),
          rows: programme.months.slice(-12).map((one) => ({
            name: one.month,
            ...Object.fromEntries(parts.map((part) => [part, one[part] / 100])),
          })),
        }}
        table={
          <Rows
            rows={programme.months}
            caption={`${say(words.burn)}: ${nameOf(programme)}`}
            keyOf={({ month }) => month}
            columns={[
              { head: say(words.month), cell: ({ month }) => month },
              ...parts.map((part) => ({
                head: say(words[part]),
                cell: (one: (typeof programme.months)[number]) => moneyText(one[part], language),
                number: true,
              })),
            ]}
          />
        }
      />
      <NativeSelect
        label={say(words.programme)}
        value={programme.id}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data={items.map((one) => ({ value: one.id, label: nameOf(one) }))}
      />
    </Stack>
  )
}
