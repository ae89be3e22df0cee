import { Alert, Anchor, Button, List, Loader } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useParams } from 'wouter'

import { askDesk } from '../admin/ask-desk.ts'
import { useRead } from '../admin/desk-api.ts'
import { Facts } from '../admin/parts/facts.tsx'
import { Rows } from '../admin/parts/listing.tsx'
import { Refusal } from '../admin/parts/refusal.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { words as common, word } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { timeText } from '../parts/times.ts'
import type { DecisionRecord, Replay } from './decision-record.ts'
import { factNames, outcomeNames, words } from './words.ts'

const code = (text: string) => <span className="code">{text}</span>

/** One decision by its receipt, asked again. */
export default function DecisionPage() {
  const { say, language } = useLanguage()
  const { id } = useParams<{ id: string }>()
  const { data, error } = useRead<DecisionRecord>(`/audit/decisions/${id}`)
  const replay = useMutation({
    mutationFn: () => askDesk<Replay>('POST', `/audit/decisions/${id}/replay`, {}),
  })
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const { outcome, subject } = data
  const nameOf = (name: string) => say(factNames[name] ?? word(name, name))
  const act = (
    <Button loading={replay.isPending} onClick={() => replay.mutate()}>
      {say(words.replay)}
    </Button>
  )
  return (
    <Screen title={say(words.decisions)} acts={act}>
      {replay.data && <Replayed replay={replay.data} />}
      <Refusal error={replay.error} />
      <Facts
        facts={[
          [say(common.when), timeText(data.at, language)],
          [
            say(words.subject),
            <span key="subject">
              {code(subject)} <Anchor href={`#/unmasking/${subject}`}>{say(words.ask_who)}</Anchor>
            </span>,
          ],
          [say(words.outcome), say(outcomeNames[outcome] ?? word(outcome, outcome))],
          [say(words.answered), data.refused ?? say(words.issued)],
          [say(words.benefit), code(`${data.benefit_id} v${data.benefit_version}`)],
          [say(words.rule_hash), code(data.criteria_hash)],
          [say(words.asked_on), data.today],
          [say(words.evaluator), String(data.evaluator)],
        ]}
      />
      <Rows
        rows={data.facts}
        caption={say(words.facts)}
        keyOf={({ name }) => name}
        columns={[
          { head: say(words.facts), cell: ({ name }) => nameOf(name) },
          { head: say(words.hash), cell: ({ hash }) => code(hash) },
        ]}
      />
    </Screen>
  )
}

function Replayed({ replay }: { readonly replay: Replay }) {
  const { say } = useLanguage()
  const { outcome, agrees } = replay
  if (outcome === undefined) {
    return (
      <Alert role="status" color="yellow" data-replay="gone">
        {say(words.replay_gone)}
      </Alert>
    )
  }
  const told = say(outcomeNames[outcome] ?? word(outcome, outcome))
  const checks = [
    [words.same_rule, replay.same_rule],
    [words.same_facts, replay.same_facts],
    [words.same_evaluator, replay.same_evaluator],
  ] as const
  return (
    <Alert
      role="status"
      color={agrees ? 'green' : 'red'}
      data-replay={agrees ? 'same' : 'different'}
      title={say(agrees ? words.replay_good : words.replay_bad, { outcome: told })}
    >
      <List size="sm">
        {checks.map(([name, holds]) => (
          <List.Item key={name.en}>
            {say(name)}: {say(holds ? words.yes : words.no)}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
