import { Checkbox, Group, NativeSelect, NumberInput, Radio, Stack, TextInput } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { lastDay, lastMinute } from '../parts/days.ts'
import type { Sketch } from './sketch.ts'
import type { Sketching } from './what.tsx'
import { wizard } from './words.ts'

/** Where it is taken. */
export function Where({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <Stack gap="sm">
      <Radio.Group
        label={say(wizard.accepted)}
        value={sketch.accepted}
        onChange={(accepted) => change({ accepted: accepted as Sketch['accepted'] })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={say(wizard.accepted_all)} />
          <Radio value="region" label={say(wizard.accepted_region)} />
          <Radio value="category" label={say(wizard.accepted_category)} />
        </Stack>
      </Radio.Group>
      {sketch.accepted !== 'all' && (
        <TextInput
          required
          aria-label={say(
            sketch.accepted === 'region' ? wizard.accepted_region : wizard.accepted_category,
          )}
          value={sketch.accepted_codes}
          onChange={({ currentTarget }) => change({ accepted_codes: currentTarget.value })}
        />
      )}
    </Stack>
  )
}

/** From when until when. */
export function When({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <Group grow align="start">
      <TextInput
        required
        type="date"
        max={lastDay}
        label={say(wizard.valid_from)}
        value={sketch.from}
        onChange={({ currentTarget }) => change({ from: currentTarget.value })}
      />
      <TextInput
        required
        type="date"
        max={lastDay}
        label={say(wizard.valid_to)}
        value={sketch.to}
        onChange={({ currentTarget }) => change({ to: currentTarget.value })}
      />
      <NumberInput
        label={say(wizard.offer_days)}
        value={sketch.offer_days}
        min={1}
        max={366}
        onChange={(days) => change({ offer_days: Number(days) || 1 })}
      />
    </Group>
  )
}

/** How many there are, and how many one person may have. */
export function HowMany({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <Stack gap="sm">
      <Radio.Group
        label={say(wizard.supply)}
        value={sketch.supply}
        onChange={(supply) => change({ supply: supply as Sketch['supply'] })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="batch" label={say(wizard.supply_batch)} />
          <Radio value="stock" label={say(wizard.supply_stock)} />
        </Stack>
      </Radio.Group>
      {sketch.supply === 'stock' && (
        <NumberInput
          label={say(wizard.stock)}
          value={sketch.stock}
          min={1}
          max={10_000_000}
          onChange={(stock) => change({ stock: Number(stock) || 1 })}
        />
      )}
      {sketch.supply === 'stock' && <Allocation sketch={sketch} change={change} />}
      <Group grow align="start">
        <NumberInput
          label={say(wizard.cap)}
          value={sketch.cap}
          min={1}
          max={100}
          onChange={(cap) => change({ cap: Number(cap) || 1 })}
        />
        <NativeSelect
          label={say(wizard.per)}
          value={sketch.per}
          onChange={({ currentTarget }) => change({ per: currentTarget.value as Sketch['per'] })}
          data={[
            { value: 'ever', label: say(wizard.per_ever) },
            { value: 'year', label: say(wizard.per_year) },
            { value: 'month', label: say(wizard.per_month) },
          ]}
        />
      </Group>
      <Checkbox
        label={say(wizard.returnable)}
        checked={sketch.returnable}
        onChange={({ currentTarget }) => change({ returnable: currentTarget.checked })}
      />
    </Stack>
  )
}

/** How scarce stock is shared: a race of thumbs, a short window that is shuffled, or a lottery. */
function Allocation({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  const { allocation } = sketch
  return (
    <Group grow align="start">
      <NativeSelect
        label={say(wizard.allocation)}
        value={allocation}
        onChange={({ currentTarget }) =>
          change({ allocation: currentTarget.value as Sketch['allocation'] })
        }
        data={[
          { value: 'fcfs', label: say(wizard.fcfs) },
          { value: 'fair_window', label: say(wizard.fair_window) },
          { value: 'lottery', label: say(wizard.lottery) },
        ]}
      />
      {allocation !== 'fcfs' && (
        <TextInput
          type="datetime-local"
          max={lastMinute}
          required={allocation === 'lottery'}
          label={say(wizard.draw_opens)}
          value={sketch.draw_opens}
          onChange={({ currentTarget }) => change({ draw_opens: currentTarget.value })}
        />
      )}
      {allocation === 'lottery' && (
        <TextInput
          required
          type="datetime-local"
          max={lastMinute}
          label={say(wizard.draw_closes)}
          value={sketch.draw_closes}
          onChange={({ currentTarget }) => change({ draw_closes: currentTarget.value })}
        />
      )}
      {allocation === 'fair_window' && (
        <NumberInput
          label={say(wizard.window_seconds)}
          value={sketch.window_seconds}
          min={2}
          max={3600}
          onChange={(seconds) => change({ window_seconds: Number(seconds) || 2 })}
        />
      )}
    </Group>
  )
}
