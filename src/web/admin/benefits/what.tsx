import {
  Checkbox,
  Group,
  NativeSelect,
  NumberInput,
  Stack,
  Textarea,
  TextInput,
} from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { kindNames } from '../words.ts'
import type { Sketch } from './sketch.ts'
import { wizard } from './words.ts'

/** What the fields of a step work on. */
export interface Sketching {
  readonly sketch: Sketch
  readonly change: (part: Partial<Sketch>) => void
}

/** What the benefit is: kind, names, what the kind asks for, what a use costs. */
export function What({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <Stack gap="sm">
      <Group grow align="start">
        <NativeSelect
          label={say(wizard.kind)}
          value={sketch.kind}
          onChange={({ currentTarget }) => change({ kind: currentTarget.value as Sketch['kind'] })}
          data={Object.entries(kindNames).map(([value, name]) => ({ value, label: say(name) }))}
        />
        <NumberInput
          required
          label={say(wizard.amount)}
          value={sketch.amount}
          min={0}
          decimalScale={2}
          onChange={(amount) => change({ amount })}
        />
        <NumberInput
          label={say(wizard.uses)}
          value={sketch.uses}
          min={1}
          max={100}
          onChange={(uses) => change({ uses: Number(uses) || 1 })}
        />
      </Group>
      <Group grow align="start">
        <TextInput
          required
          label={say(wizard.name_zh)}
          value={sketch.name_zh}
          onChange={({ currentTarget }) => change({ name_zh: currentTarget.value })}
        />
        <TextInput
          required
          label={say(wizard.name_en)}
          value={sketch.name_en}
          onChange={({ currentTarget }) => change({ name_en: currentTarget.value })}
        />
      </Group>
      <Group grow align="start">
        <Textarea
          required
          label={say(wizard.about_zh)}
          value={sketch.about_zh}
          onChange={({ currentTarget }) => change({ about_zh: currentTarget.value })}
        />
        <Textarea
          required
          label={say(wizard.about_en)}
          value={sketch.about_en}
          onChange={({ currentTarget }) => change({ about_en: currentTarget.value })}
        />
      </Group>
      <OfKind sketch={sketch} change={change} />
    </Stack>
  )
}

function OfKind({ sketch, change }: Sketching) {
  switch (sketch.kind) {
    case 'checkup':
      return <Checkup sketch={sketch} change={change} />
    case 'insurance':
      return <Insurance sketch={sketch} change={change} />
    case 'package':
      return <Parcel sketch={sketch} change={change} />
    case 'coupon':
      return <Coupon sketch={sketch} change={change} />
  }
}

function Checkup({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <>
      <Textarea
        label={say(wizard.items)}
        rows={4}
        value={sketch.lines}
        onChange={({ currentTarget }) => change({ lines: currentTarget.value })}
      />
      <Group grow align="start">
        <NumberInput
          label={say(wizard.min_age)}
          value={sketch.min_age}
          min={0}
          max={150}
          onChange={(min_age) => change({ min_age })}
        />
        <NumberInput
          label={say(wizard.max_age)}
          value={sketch.max_age}
          min={0}
          max={150}
          onChange={(max_age) => change({ max_age })}
        />
        <NativeSelect
          label={say(wizard.gender)}
          value={sketch.gender}
          onChange={({ currentTarget }) =>
            change({ gender: currentTarget.value as Sketch['gender'] })
          }
          data={[
            { value: '', label: say(wizard.any_gender) },
            { value: 'female', label: say(wizard.female) },
            { value: 'male', label: say(wizard.male) },
          ]}
        />
      </Group>
    </>
  )
}

function Insurance({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <Group grow align="start">
      <TextInput
        required
        label={say(wizard.insurer)}
        value={sketch.insurer}
        onChange={({ currentTarget }) => change({ insurer: currentTarget.value })}
      />
      <NumberInput
        label={say(wizard.cover_days)}
        value={sketch.cover_days}
        min={1}
        max={3660}
        onChange={(days) => change({ cover_days: Number(days) || 1 })}
      />
      <NumberInput
        required
        label={say(wizard.sum_insured)}
        value={sketch.sum_insured}
        min={0}
        onChange={(sum_insured) => change({ sum_insured })}
      />
    </Group>
  )
}

function Parcel({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <>
      <Textarea
        required
        label={say(wizard.contents)}
        rows={4}
        value={sketch.lines}
        onChange={({ currentTarget }) => change({ lines: currentTarget.value })}
      />
      <TextInput
        required
        label={say(wizard.pick_up)}
        value={sketch.pick_up_point}
        onChange={({ currentTarget }) => change({ pick_up_point: currentTarget.value })}
      />
      <Checkbox
        label={say(wizard.collector)}
        checked={sketch.collector_allowed}
        onChange={({ currentTarget }) => change({ collector_allowed: currentTarget.checked })}
      />
    </>
  )
}

function Coupon({ sketch, change }: Sketching) {
  const { say } = useLanguage()
  return (
    <Group grow align="start">
      <NumberInput
        required
        label={say(wizard.face_value)}
        value={sketch.face_value}
        min={0}
        decimalScale={2}
        onChange={(face_value) => change({ face_value })}
      />
      <NumberInput
        label={say(wizard.minimum)}
        value={sketch.minimum_spend}
        min={0}
        decimalScale={2}
        onChange={(minimum_spend) => change({ minimum_spend })}
      />
    </Group>
  )
}
