import { Button, Image, Loader, Text } from '@mantine/core'
import { useEffect, useState } from 'react'

import { fromBase64url, toBase64 } from '../../../base/bytes.ts'
import { useLanguage } from '../../parts/language.tsx'
import { portraitReasonNames } from '../../parts/portrait-reasons.ts'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useWrite } from '../desk-api.ts'
import { DecideForm } from '../parts/decide-form.tsx'
import { Listing } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { words as common } from '../words.ts'
import { words } from './words.ts'

interface Waiting {
  readonly id: string
  readonly given_at: number
  readonly member: { readonly member_no: string; readonly name: string }
  readonly organisation: { readonly code: string; readonly name: string }
}

/** Portraits that wait: each is looked at by itself, because each look is on record. */
export default function Portraits() {
  const { say, language } = useLanguage()
  const list = useList<Waiting>('/admin/portraits')
  const [seen, setSeen] = useState<string>()
  return (
    <Screen title={say(common.portraits)}>
      <Text size="sm">{say(words.lead)}</Text>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.portraits)}
        columns={[
          {
            head: say(words.member),
            cell: ({ member }) => <Pair name={member.name} code={member.member_no} />,
          },
          {
            head: say(common.organisation),
            cell: ({ organisation }) => <Pair {...organisation} />,
          },
          { head: say(words.given), cell: ({ given_at }) => timeText(given_at, language) },
          {
            head: say(words.picture),
            cell: (one) =>
              seen === one.id ? (
                <Shown portrait={one} />
              ) : (
                <Button
                  variant="default"
                  aria-label={say(words.look_at, { name: one.member.name })}
                  onClick={() => setSeen(one.id)}
                >
                  {say(words.look)}
                </Button>
              ),
          },
        ]}
      />
    </Screen>
  )
}

function Pair({ name, code }: { readonly name: string; readonly code: string }) {
  return (
    <>
      <Text size="sm">{name}</Text>
      <Text size="sm" className="code">
        {code}
      </Text>
    </>
  )
}

/** The picture, and beside it what is decided about it: nobody decides unseen. */
function Shown({ portrait: { id, member } }: { readonly portrait: Waiting }) {
  const { say } = useLanguage()
  const deciding = useWrite((body: object, key) =>
    askDesk('POST', `/admin/portraits/${id}/decisions`, body, key),
  )
  // Not by a query, which asks again after every write: each time would be a look on record.
  const [jpeg, setJpeg] = useState<string>()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    askDesk<{ jpeg: string }>('GET', `/admin/portraits/${id}`).then(
      (told) => setJpeg(told.jpeg),
      setError,
    )
  }, [id])
  if (error !== undefined) return <Refusal error={error} />
  if (jpeg === undefined) return <Loader aria-label={say(common.loading)} />
  const octets = fromBase64url(jpeg) ?? new Uint8Array()
  const reasons = Object.entries(portraitReasonNames).map(([value, name]) => ({
    ...{ value, label: say(words.refuse, { reason: say(name) }) },
  }))
  return (
    <>
      <Image
        src={`data:image/jpeg;base64,${toBase64(octets)}`}
        alt={say(words.picture_of, { name: member.name })}
        w={180}
        h={240}
        mb="xs"
      />
      <DecideForm
        name={say(words.decide)}
        asks={say(common.reason)}
        choices={[{ value: 'accept', label: say(words.accept) }, ...reasons]}
        reasoned={() => false}
        busy={deciding.isPending}
        error={deciding.error}
        decide={(choice) =>
          deciding.mutate(
            choice === 'accept' ? { decision: 'accept' } : { decision: 'refuse', reason: choice },
          )
        }
      />
    </>
  )
}
