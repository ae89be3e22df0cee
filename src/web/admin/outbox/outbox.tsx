import { Loader, Text } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { useRead } from '../desk-api.ts'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { words as common } from '../words.ts'
import { messageKindNames, words } from './words.ts'

const deliveries = ['waiting', 'sent', 'failed', 'kept'] as const

interface Counted {
  readonly since: number
  readonly items: readonly {
    readonly kind: string
    readonly delivery: (typeof deliveries)[number]
    readonly count: number
  }[]
}

/** How messages to members fare: numbers by kind, and nobody's name. */
export default function Outbox() {
  const { say, language } = useLanguage()
  const { data, error, isPending } = useRead<Counted>('/admin/outbox')
  const kinds = [...new Set(data?.items.map(({ kind }) => kind))].toSorted()
  const count = (kind: string, delivery: string) =>
    data?.items.find((one) => one.kind === kind && one.delivery === delivery)?.count ?? 0
  return (
    <Screen title={say(common.outbox)}>
      {isPending && <Loader aria-label={say(common.loading)} />}
      <Refusal error={error} />
      {data && (
        <>
          <Text size="sm">{say(words.lead, { time: timeText(data.since, language) })}</Text>
          <Rows
            rows={kinds}
            keyOf={(kind) => kind}
            caption={say(common.outbox)}
            columns={[
              {
                head: say(words.kind),
                cell: (kind) => {
                  const name = messageKindNames[kind]
                  return name ? say(name) : kind
                },
              },
              ...deliveries.map((delivery) => ({
                head: say(words[delivery]),
                number: true,
                cell: (kind: string) => count(kind, delivery),
              })),
            ]}
          />
        </>
      )}
    </Screen>
  )
}
