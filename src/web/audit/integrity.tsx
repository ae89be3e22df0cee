import {
  Alert,
  Button,
  Group,
  List,
  NativeSelect,
  Progress,
  Stack,
  Text,
  Textarea,
} from '@mantine/core'
import { useEffect, useState } from 'react'

import { Screen } from '../admin/parts/screen.tsx'
import { useLanguage } from '../parts/language.tsx'
import { useRemembered } from '../parts/remembered.ts'
import { timeText } from '../parts/times.ts'
import { checkNames, words } from './integrity-words.ts'
import { policyName } from './policy-name.ts'
import { readBelow } from './verify-draw.ts'
import { logAddress, logsOf, type Seen, type Verified, verifyLog, withLog } from './verify-log.ts'
import { words as desk } from './words.ts'

const seenName = 'audit: log seen'

/** The public log, verified in this browser from its first leaf to its last. */
export default function Integrity() {
  const { say } = useLanguage()
  const [policy, pin] = useRemembered(policyName)
  const given = useGivenPolicy()
  useEffect(() => {
    if (policy === undefined && given) pin(given)
  }, [policy, given, pin])
  const origins = policy === undefined ? [] : logsOf(policy)
  const [chosen, choose] = useState<string>()
  const origin = origins.find((one) => one === chosen) ?? origins.at(-1)
  const [seen, remember] = useRemembered(`${seenName} ${origin ?? ''}`)
  const [done, setDone] = useState<{ done: number; size: number }>()
  const [found, setFound] = useState<Verified>()
  const [failed, setFailed] = useState(false)
  const verify = async (trusted: string) => {
    setFound(undefined)
    setFailed(false)
    setDone({ done: 0, size: 0 })
    try {
      const verified = await verifyLog({
        policy: trusted,
        origin,
        seen: seen === undefined ? undefined : (JSON.parse(seen) as Seen),
        read: readBelow(logAddress(origin ?? '')),
        progress: (leaves, size) => setDone({ done: leaves, size }),
      })
      setFound(verified)
      const good = verified.findings.length === 0
      if (good && verified.checkpoint) remember(JSON.stringify(verified.checkpoint))
    } catch {
      setFailed(true)
    } finally {
      setDone(undefined)
    }
  }
  const act = (
    <Button
      disabled={policy === undefined}
      loading={done !== undefined}
      onClick={() => policy !== undefined && void verify(policy)}
    >
      {say(found ? words.again : words.verify)}
    </Button>
  )
  return (
    <Screen title={say(desk.integrity)} acts={act}>
      <Text>{say(words.lead)}</Text>
      {origins.length > 1 && (
        <NativeSelect
          label={say(words.which_log)}
          value={origin ?? ''}
          data={[...origins]}
          disabled={done !== undefined}
          onChange={(event) => {
            setFound(undefined)
            choose(event.currentTarget.value)
          }}
        />
      )}
      {done && <Running {...done} />}
      {failed && (
        <Alert color="red" role="alert">
          {say(words.network)}
        </Alert>
      )}
      {found && <Result found={found} />}
      {found?.next !== undefined && found.findings.length === 0 && policy !== undefined && (
        <NextLog vkey={found.next} policy={policy} pin={pin} />
      )}
      <PolicyPin policy={policy} given={given} pin={pin} />
    </Screen>
  )
}

function Running({ done, size }: { readonly done: number; readonly size: number }) {
  const { say } = useLanguage()
  const label = say(words.running, { done, size })
  return (
    <Stack gap={4}>
      <Text size="sm" role="status">
        {label}
      </Text>
      <Progress value={size === 0 ? 0 : (100 * done) / size} aria-label={label} />
    </Stack>
  )
}

function Result({ found }: { readonly found: Verified }) {
  const { say, language } = useLanguage()
  const { findings, checkpoint, witnesses, leaves, since } = found
  const good = findings.length === 0
  const indexes = findings.flatMap(({ index }) => (index === undefined ? [] : [index]))
  const first = indexes.length > 0 ? Math.min(...indexes) : undefined
  return (
    <Alert
      role={good ? 'status' : 'alert'}
      color={good ? 'green' : 'red'}
      title={good ? say(words.good, { leaves }) : say(words.bad)}
      data-intact={good}
      {...(first !== undefined && { 'data-first-bad': first })}
    >
      <List size="sm" className="wraps">
        {first !== undefined && (
          <List.Item fw={700}>{say(words.first_bad, { index: first })}</List.Item>
        )}
        {findings.map(({ check, index, detail }) => (
          <List.Item key={`${check} ${index} ${detail}`}>
            {say(checkNames[check] ?? words.bad)} <span className="code">{detail}</span>
          </List.Item>
        ))}
        {checkpoint && <List.Item>{say(words.signed, { origin: checkpoint.origin })}</List.Item>}
        {checkpoint && witnesses.length === 0 && <List.Item>{say(words.unwitnessed)}</List.Item>}
        {witnesses.map(({ name, at }) => (
          <List.Item key={`${name} ${at}`}>
            {say(words.witnessed, { name, at: timeText(at, language) })}
          </List.Item>
        ))}
        {good && checkpoint && (
          <List.Item>{say(words.hashed, { root: checkpoint.root })}</List.Item>
        )}
        {good && (
          <List.Item>
            {since === undefined ? say(words.first_time) : say(words.consistent, { size: since })}
          </List.Item>
        )}
      </List>
    </Alert>
  )
}

/** A closed log announces the key of the one that follows: better than asking the node. */
function NextLog({
  vkey,
  policy,
  pin,
}: {
  readonly vkey: string
  readonly policy: string
  readonly pin: (policy: string) => void
}) {
  const { say } = useLanguage()
  const known = policy.split('\n').some((line) => line.split(' ')[1] === vkey)
  return (
    <Alert color="blue" role="status" title={say(words.closed)} data-next-known={known}>
      <Text size="sm" className="code wraps">
        {vkey}
      </Text>
      {!known && (
        <Button variant="default" onClick={() => pin(withLog(policy, vkey))}>
          {say(words.pin_next)}
        </Button>
      )}
    </Alert>
  )
}

function PolicyPin({
  policy,
  given,
  pin,
}: {
  readonly policy: string | undefined
  readonly given: string | undefined
  readonly pin: (policy: string) => void
}) {
  const { say } = useLanguage()
  const [text, setText] = useState<string>()
  const shown = text ?? policy ?? ''
  const changed = policy !== undefined && given !== undefined && given !== policy
  const take = (chosen: string) => {
    pin(chosen.endsWith('\n') ? chosen : `${chosen}\n`)
    setText(undefined)
  }
  return (
    <Stack gap="xs">
      {changed && (
        <Alert color="yellow" role="alert" title={say(words.policy_changed)}>
          <Button variant="default" onClick={() => take(given)}>
            {say(words.take_new)}
          </Button>
        </Alert>
      )}
      <Textarea
        label={say(words.policy)}
        description={say(words.policy_lead)}
        value={shown}
        spellCheck={false}
        autosize
        minRows={3}
        maxRows={12}
        classNames={{ input: 'code' }}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group>
        <Button
          variant="default"
          disabled={text === undefined || text === policy}
          onClick={() => take(shown)}
        >
          {say(words.pin)}
        </Button>
      </Group>
    </Stack>
  )
}

/** What this node says of its own log now; what is pinned goes before it. */
function useGivenPolicy(): string | undefined {
  const [given, setGiven] = useState<string>()
  useEffect(() => {
    let gone = false
    fetch('/log-policy', { cache: 'no-store', credentials: 'omit' })
      .then(async (answer) => {
        const text = await answer.text()
        if (answer.ok && !gone) setGiven(text)
      })
      .catch(() => undefined) // The pinned one is enough.
    return () => {
      gone = true
    }
  }, [])
  return given
}
