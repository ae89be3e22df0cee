import {
  Alert,
  Button,
  Card,
  Group,
  Loader,
  NativeSelect,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import { useParams } from 'wouter'

import { askDesk } from '../admin/ask-desk.ts'
import { useList, useWrite } from '../admin/desk-api.ts'
import { Facts } from '../admin/parts/facts.tsx'
import { Refusal } from '../admin/parts/refusal.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { State } from '../admin/parts/state.tsx'
import { PasskeyWord } from '../admin/session/passkey-word.tsx'
import { words as common } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { timeText } from '../parts/times.ts'
import { reasonNames, stateNames, words } from './unmask-words.ts'
import { words as desk } from './words.ts'

interface Request {
  readonly id: string
  readonly subject: string
  readonly reason: string
  readonly state: string
  readonly mine: boolean
  readonly requested_by: string
  readonly requested_at: number
  readonly until?: number
}

/** Behind a pseudonym: asking, agreeing, and for a day the name. */
export default function Unmasking() {
  const { say } = useLanguage()
  const { subject = '' } = useParams<{ subject?: string }>()
  const list = useList<Request>('/audit/unmask-requests?limit=50')
  return (
    <Screen title={say(desk.unmasking)}>
      <Text>{say(words.lead)}</Text>
      <Ask key={subject} subject={subject} />
      {list.error && <Refusal error={list.error} />}
      {list.isPending && <Loader aria-label={say(common.loading)} />}
      {list.items.map((request) => (
        <One key={request.id} request={request} />
      ))}
    </Screen>
  )
}

function Ask({ subject: given }: { readonly subject: string }) {
  const { say } = useLanguage()
  const [subject, setSubject] = useState(given)
  const [reason, setReason] = useState('complaint')
  const asking = useWrite((body: { subject: string; reason: string }, key) =>
    askDesk('POST', '/audit/unmask-requests', body, key),
  )
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Group align="end" grow preventGrowOverflow={false}>
          <TextInput
            label={say(desk.subject)}
            value={subject}
            spellCheck={false}
            onChange={(event) => setSubject(event.currentTarget.value.trim())}
          />
          <NativeSelect
            label={say(common.reason)}
            value={reason}
            data={Object.entries(reasonNames).map(([value, name]) => ({ value, label: say(name) }))}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </Group>
        <Group>
          <Button
            disabled={subject === ''}
            loading={asking.isPending}
            onClick={() => asking.mutate({ subject, reason })}
          >
            {say(words.ask)}
          </Button>
        </Group>
        {asking.isSuccess && <Alert role="status">{say(words.asked)}</Alert>}
        <Refusal error={asking.error} />
      </Stack>
    </Card>
  )
}

function One({ request }: { readonly request: Request }) {
  const { say, language } = useLanguage()
  const { subject, reason, state, mine, requested_by: by, until } = request
  const name = reasonNames[reason]
  return (
    <Card withBorder component="article" data-request={state}>
      <Stack gap="sm">
        <Facts
          facts={[
            [
              say(desk.subject),
              <span key="subject" className="code">
                {subject}
              </span>,
            ],
            [say(common.reason), name ? say(name) : reason],
            [say(common.state), <State key="state" state={state} names={stateNames} />],
            [say(common.when), timeText(request.requested_at, language)],
            [
              say(words.asked_by),
              mine ? (
                say(words.mine)
              ) : (
                <span key="by" className="code">
                  {by}
                </span>
              ),
            ],
            ...(until === undefined
              ? []
              : [[say(words.until), timeText(until, language)] as const]),
          ]}
        />
        {state === 'waiting' && !mine && (
          <PasskeyWord
            at={`/audit/unmask-requests/${request.id}/decisions`}
            approve={words.approve}
            reject={words.reject}
          />
        )}
        {state === 'approved' && mine && <Show id={request.id} />}
      </Stack>
    </Card>
  )
}

/** The name is fetched when it is asked for, and nowhere kept: each reading is on record. */
function Show({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const showing = useWrite(() =>
    askDesk<{ name: string; member_no: string }>('GET', `/audit/unmask-requests/${id}/subject`),
  )
  if (showing.data) {
    const { name, member_no: number } = showing.data
    return (
      <Facts
        facts={[
          [say(words.full_name), name],
          [say(words.member_no), number],
        ]}
      />
    )
  }
  return (
    <Group>
      <Button loading={showing.isPending} onClick={() => showing.mutate(undefined)}>
        {say(words.show)}
      </Button>
      <Refusal error={showing.error} />
    </Group>
  )
}
