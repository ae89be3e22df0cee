import { Anchor, Loader, Stack, Text, Title } from '@mantine/core'
import { useParams } from 'wouter'

import { accountNames } from '../admin/benefits/words.ts'
import { useRead } from '../admin/desk-api.ts'
import { Facts } from '../admin/parts/facts.tsx'
import { Rows } from '../admin/parts/listing.tsx'
import { Refusal } from '../admin/parts/refusal.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { words as common, word } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { moneyText, timeText } from '../parts/times.ts'
import { type EventRecord, postingsOf } from './event-record.ts'
import { hiddenNames, kindNames, words } from './words.ts'

/** One leaf: what it says, and what it only commits to. */
export default function Event() {
  const { say, language } = useLanguage()
  const { id } = useParams<{ id: string }>()
  const { data, error } = useRead<EventRecord & { hidden: readonly string[] }>(
    `/audit/events/${id}`,
  )
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const { subject, hidden } = data
  const name = kindNames[data.kind] ?? word(data.kind, data.kind)
  const postings = postingsOf(data)
  const told = hidden.map((one) => say(hiddenNames[one] ?? word(one, one))).join(' · ')
  return (
    <Screen title={`${say(name)} · ${data.index}`}>
      <Facts
        facts={[
          [say(common.when), timeText(data.at, language)],
          [
            say(words.subject),
            subject ? (
              <>
                <span className="code">{subject}</span>{' '}
                <Anchor href={`#/unmasking/${subject}`}>{say(words.ask_who)}</Anchor>
              </>
            ) : (
              '—'
            ),
          ],
          [say(words.hidden), told || '—'],
          [
            say(words.leaf_hash),
            <span key="hash" className="code">
              {data.leaf_hash}
            </span>,
          ],
        ]}
      />
      {postings.length > 0 && (
        <Rows
          rows={postings}
          caption={say(words.postings)}
          keyOf={([account]) => account}
          columns={[
            {
              head: say(words.account),
              cell: ([account]) => say(accountNames[account] ?? word(account, account)),
            },
            {
              head: say(common.amount),
              number: true,
              cell: ([, amount]) => moneyText(amount, language),
            },
          ]}
        />
      )}
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.leaf)}
        </Title>
        <Text className="code wraps" data-leaf>
          {data.leaf}
        </Text>
      </Stack>
    </Screen>
  )
}
