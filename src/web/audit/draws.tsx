import { Alert, Button, Card, Group, List, Stack, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { Facts } from '../admin/parts/facts.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { word } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { useRemembered } from '../parts/remembered.ts'
import { timeText } from '../parts/times.ts'
import { drawWords as words } from './draw-words.ts'
import { policyName } from './policy-name.ts'
import { checkDraw, type DrawVerdict } from './verify-draw.ts'
import { words as desk } from './words.ts'

/** A draw's published files, verified in this browser under the pinned policy. */
export default function Draws() {
  const { say } = useLanguage()
  const [policy] = useRemembered(policyName)
  const [id, setId] = useState('')
  const [busy, setBusy] = useState(false)
  const [verdict, setVerdict] = useState<DrawVerdict | 'none' | 'failed'>()
  const verify = async (event: FormEvent) => {
    event.preventDefault()
    if (policy === undefined) return
    setBusy(true)
    setVerdict(undefined)
    try {
      setVerdict((await checkDraw(id.trim(), policy)) ?? 'none')
    } catch {
      setVerdict('failed')
    } finally {
      setBusy(false)
    }
  }
  return (
    <Screen title={say(desk.draws)}>
      <Text>{say(words.lead)}</Text>
      {policy === undefined && <Alert color="yellow">{say(words.no_policy)}</Alert>}
      <Card withBorder component="form" onSubmit={(event: FormEvent) => void verify(event)}>
        <Group align="end">
          <TextInput
            required
            flex={1}
            label={say(words.id)}
            description={say(words.id_where)}
            value={id}
            autoComplete="off"
            onChange={({ currentTarget }) => setId(currentTarget.value)}
          />
          <Button type="submit" loading={busy} disabled={policy === undefined}>
            {say(words.verify)}
          </Button>
        </Group>
      </Card>
      {verdict === 'none' && <Alert color="yellow">{say(words.none)}</Alert>}
      {verdict === 'failed' && <Alert color="red">{say(words.failed)}</Alert>}
      {typeof verdict === 'object' && <Verdict {...verdict} />}
    </Screen>
  )
}

function Verdict({ report, wrong }: DrawVerdict) {
  const { say, language } = useLanguage()
  const bad = report.findings.length > 0
  return (
    <Stack gap="sm">
      <Alert
        role="status"
        color={bad ? 'red' : 'teal'}
        title={say(bad ? words.bad : words.good)}
        data-draw={bad ? 'bad' : 'good'}
      >
        <List size="sm">
          {report.findings.map(({ check, message }) => (
            <List.Item key={`${check} ${message}`}>
              {say(words.checks[check] ?? word(check, check))}
              <Text size="sm" lang="en" c="dimmed">
                {message}
              </Text>
            </List.Item>
          ))}
          {wrong.map(({ index, entrant, kind }) => (
            <List.Item key={`${index} ${entrant}`} data-wrong={index}>
              {say(words[kind], { index: index + 1 })} <span className="code">{entrant}</span>
            </List.Item>
          ))}
        </List>
        {!bad && !report.witness && <Text>{say(words.no_witness)}</Text>}
      </Alert>
      <Facts
        facts={[
          [say(words.entrants), String(report.entrants ?? '–')],
          [say(words.units), String(report.units ?? '–')],
          [say(words.winners), String(report.winners.length)],
          [say(words.witness), report.witness ?? '–'],
          [say(words.closes), report.closes ? timeText(report.closes, language) : '–'],
        ]}
      />
    </Stack>
  )
}
