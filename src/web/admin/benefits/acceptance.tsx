import {
  Alert,
  Button,
  Card,
  Checkbox,
  Group,
  Loader,
  Radio,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { usePermission } from '../session/session.ts'
import { words as common } from '../words.ts'
import {
  type AcceptanceRule,
  type AcceptanceSketch,
  rulesOf,
  sketchOf,
  typedTargets,
} from './acceptance-rules.ts'
import { words } from './acceptance-words.ts'

interface Rules {
  readonly rules: readonly AcceptanceRule[]
}

interface Benefit {
  readonly versions: readonly {
    readonly definition: { readonly name?: { readonly zh: string; readonly en: string } }
  }[]
}

interface Fields {
  readonly sketch: AcceptanceSketch
  readonly change: (part: Partial<AcceptanceSketch>) => void
}

/** Where one benefit is taken: among our own stores, and at other nodes. */
export default function Acceptance() {
  const { say, language } = useLanguage()
  const { id = '' } = useParams<{ id: string }>()
  const { data, error } = useRead<Rules>(`/admin/benefits/${id}/acceptance`)
  const benefit = useRead<Benefit>(`/admin/benefits/${id}`)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const name = benefit.data?.versions.at(-1)?.definition.name?.[language]
  return (
    <Screen title={name ? `${say(words.title)} · ${name}` : say(words.title)}>
      <Text>{say(words.lead)}</Text>
      <Form id={id} rules={data.rules} />
    </Screen>
  )
}

function Form({ id, rules }: { readonly id: string } & Rules) {
  const { say } = useLanguage()
  const may = usePermission()
  const [sketch, setSketch] = useState(() => sketchOf(rules))
  const saving = useWrite((given: AcceptanceRule[], key) =>
    askDesk('PUT', `/admin/benefits/${id}/acceptance`, { rules: given }, key),
  )
  const fields = {
    sketch,
    change: (part: Partial<AcceptanceSketch>) => {
      saving.reset()
      setSketch({ ...sketch, ...part })
    },
  }
  const wanted = rulesOf(sketch)
  const nowhere = wanted.every(({ target }) => target === 'node')
  const save = (event: FormEvent) => {
    event.preventDefault()
    saving.mutate(wanted)
  }
  return (
    <Card withBorder component="form" onSubmit={save}>
      <Stack gap="lg">
        <Here {...fields} />
        <Elsewhere {...fields} />
        {nowhere && <Alert color="yellow">{say(words.nowhere)}</Alert>}
        <Refusal error={saving.error} />
        {saving.isSuccess && <Text role="status">{say(words.saved)}</Text>}
        {may('benefits.write') && (
          <Group>
            <Button type="submit" loading={saving.isPending}>
              {say(words.save)}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  )
}

function Here({ sketch, change }: Fields) {
  const { say } = useLanguage()
  return (
    <Stack gap="xs">
      <Radio.Group
        label={say(words.here)}
        value={sketch.everywhere ? 'all' : 'some'}
        onChange={(value) => change({ everywhere: value === 'all' })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="all" label={say(words.all)} />
          <Radio value="some" label={say(words.some)} />
        </Stack>
      </Radio.Group>
      {!sketch.everywhere &&
        typedTargets.map((target) => (
          <TextInput
            key={target}
            label={say(words[target])}
            value={sketch.typed[target]}
            onChange={({ currentTarget }) =>
              change({ typed: { ...sketch.typed, [target]: currentTarget.value } })
            }
          />
        ))}
    </Stack>
  )
}

function Elsewhere({ sketch, change }: Fields) {
  const { say } = useLanguage()
  return (
    <Stack gap="xs">
      <Radio.Group
        label={say(words.elsewhere)}
        description={say(words.elsewhere_lead)}
        value={sketch.elsewhere}
        onChange={(value) => change({ elsewhere: value as AcceptanceSketch['elsewhere'] })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="none" label={say(words.none)} />
          <Radio value="every" label={say(words.every)} />
          <Radio value="chosen" label={say(words.chosen)} />
        </Stack>
      </Radio.Group>
      {sketch.elsewhere === 'chosen' && <Nodes sketch={sketch} change={change} />}
    </Stack>
  )
}

/** The nodes of the trust list, and those of a rule that are on it no more. */
function Nodes({ sketch, change }: Fields) {
  const { say } = useLanguage()
  const path = '/admin/nodes'
  const { data, error } = useRead<{ items: { number: number; name: string }[] }>(path)
  // What was chosen before stays on the page when its tick is taken off.
  const [before] = useState(sketch.nodes)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const listed = data.items.map(({ number, name }) => [String(number), `${name} (${number})`])
  const gone = before
    .filter((one) => !data.items.some(({ number }) => String(number) === one))
    .map((number) => [number, say(words.unlisted, { number })])
  const choices = [...listed, ...gone] as [string, string][]
  if (choices.length === 0) return <Text c="dimmed">{say(words.no_nodes)}</Text>
  return (
    <Checkbox.Group
      label={say(words.chosen)}
      value={[...sketch.nodes]}
      onChange={(nodes) => change({ nodes })}
    >
      <Stack gap="xs" mt="xs">
        {choices.map(([number, name]) => (
          <Checkbox key={number} value={number} label={name} />
        ))}
      </Stack>
    </Checkbox.Group>
  )
}
