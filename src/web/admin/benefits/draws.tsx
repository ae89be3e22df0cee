import { Anchor, Group, Text } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import { drawStateNames, modeNames, words } from './draw-words.ts'
import type { BenefitRecord } from './programme-record.ts'

interface Draw {
  readonly id: string
  readonly benefit_id: string
  readonly mode: string
  readonly state: string
  readonly opens_at: number
  readonly closes_at: number
  readonly units: number
  readonly entrants?: number
  readonly witness?: string
  readonly proof: string
}

/** Draws of scarce stock: when they open and close, who stands outside, where the proof is. */
export default function Draws() {
  const { say, language } = useLanguage()
  const may = usePermission()
  const list = useList<Draw>('/admin/draws')
  const benefits = useList<BenefitRecord>('/admin/benefits?limit=200')
  const acting = useWrite(({ id, act }: { id: string; act: 'commit' | 'run' }, key) =>
    askDesk('POST', `/admin/draws/${id}/${act}`, {}, key),
  )
  const nameOf = (id: string) => {
    const found = benefits.items.find((one) => one.id === id)
    return found ? (language === 'zh' ? found.name_zh : found.name_en) : id
  }
  return (
    <Screen title={say(common.draws)}>
      <Text>{say(words.lead)}</Text>
      <Refusal error={acting.error} />
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.draws)}
        columns={[
          { head: say(words.benefit), cell: (one) => nameOf(one.benefit_id) },
          {
            head: say(words.mode),
            cell: ({ mode }) => say(modeNames[mode] ?? word(mode, mode)),
          },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={drawStateNames} />,
          },
          { head: say(words.opens), cell: (one) => timeText(one.opens_at, language) },
          { head: say(words.closes), cell: (one) => timeText(one.closes_at, language) },
          { head: say(words.units), cell: ({ units }) => units.toLocaleString(), number: true },
          {
            head: say(words.entrants),
            cell: ({ entrants }) => entrants?.toLocaleString() ?? '—',
            number: true,
          },
          {
            head: say(words.witness),
            cell: ({ witness }) => witness ?? say(words.no_witness),
          },
          {
            head: say(words.proof),
            cell: ({ proof }) => <Anchor href={`${proof}winners`}>{say(words.proof)}</Anchor>,
          },
          {
            head: say(words.acts),
            cell: ({ id, state }) =>
              may('benefits.write') && (
                <Group gap="xs">
                  {state === 'planned' && (
                    <Sure
                      name={say(words.commit)}
                      act={() => acting.mutate({ id, act: 'commit' })}
                    />
                  )}
                  {state === 'closed' && (
                    <Sure name={say(words.run)} act={() => acting.mutate({ id, act: 'run' })} />
                  )}
                </Group>
              ),
          },
        ]}
      />
    </Screen>
  )
}
