import { type FormEvent, useCallback, useEffect, useState } from 'react'

import type { Instant } from '../../base/clock.ts'
import { readCapsuleText } from '../../formats/capsule.ts'
import { checkOffline, type OfflineAnswer, offlineWords } from '../../formats/offline-check.ts'
import { Answer } from '../parts/answer.tsx'
import { CareSwitch } from '../parts/care-switch.tsx'
import { sha256, verifyEs256 } from '../parts/device-key.ts'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { Scanner } from '../parts/scanner.tsx'
import { now } from '../parts/server-clock.ts'
import type { Mood } from '../parts/signal.ts'
import { timeText } from '../parts/times.ts'
import { freshLists, keptLists, type Lists } from './lists.ts'
import { words } from './words.ts'

/** What can be mended where it stands, by going online or scanning again. */
const mendable = new Set<OfflineAnswer['code']>([
  'expired',
  'status_unknown',
  'trust_list_stale',
  'wrong_challenge',
  'needs_challenge',
  'clock_wrong',
  'malformed',
  'unsupported',
])

interface Scanned {
  readonly text: string
  readonly at: Instant
}

/** Anybody checks a member's card: no sign-in, and no network after the first visit. */
export function App() {
  const { say, language } = useLanguage()
  const [lists, setLists] = useState<Lists | null>()
  const [offline, setOffline] = useState(false)
  const [scanned, setScanned] = useState<Scanned>()
  const [answer, setAnswer] = useState<OfflineAnswer>()

  useEffect(() => {
    void keptLists()
      .catch(() => undefined)
      .then(async (kept) => {
        setLists(kept ?? null)
        await freshLists().then(
          (fresh) => {
            setLists(fresh)
            setOffline(false)
          },
          () => setOffline(true),
        )
      })
  }, [])

  const check = useCallback((text: string) => setScanned({ text, at: now() }), [])
  // Checked again when newer lists arrive: what was good by the old ones may be revoked by now.
  useEffect(() => {
    if (lists && scanned) void checkWith(lists, scanned).then(setAnswer)
  }, [lists, scanned])
  function next() {
    setScanned(undefined)
    setAnswer(undefined)
  }
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    check(String(new FormData(event.currentTarget).get('code') ?? ''))
  }

  const time = lists ? timeText(lists.at, language) : ''
  return (
    <main>
      <div className="bar">
        <h1>{say(words.title)}</h1>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      <p>{say(words.lead)}</p>
      <p className="note" role="status">
        {lists === undefined && say(words.loading)}
        {lists === null && say(offline ? words.not_ready : words.loading)}
        {lists && say(offline ? words.stale : words.ready, { time })}
      </p>
      <Scanner paused={answer !== undefined || !lists} onCode={check} />
      <form onSubmit={submit}>
        <label>
          {say(words.paste)}
          <input name="code" autoComplete="off" />
        </label>
        <button type="submit" className="main" disabled={!lists}>
          {say(words.check)}
        </button>
      </form>
      {lists && <Nodes lists={lists} />}
      {answer && <Shown answer={answer} onNext={next} />}
    </main>
  )
}

function Nodes({ lists }: { readonly lists: Lists }) {
  const { say, language } = useLanguage()
  const wanted = language === 'zh' ? 'zh' : 'en'
  return (
    <section aria-label={say(words.nodes)}>
      <h2>{say(words.nodes)}</h2>
      <ul>
        {lists.nodes.map(({ url, names }) => {
          const name = names.find(({ lang }) => lang.startsWith(wanted)) ?? names[0]
          return (
            <li key={url}>
              {name?.value} <span className="soft">{url}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Shown({
  answer,
  onNext,
}: {
  readonly answer: OfflineAnswer
  readonly onNext: () => void
}) {
  const { say } = useLanguage()
  const { code, capsule } = answer
  const mood: Mood = code === 'valid' ? 'good' : mendable.has(code) ? 'warn' : 'bad'
  const node = code === 'valid' ? answer.node : undefined
  return (
    <Answer mood={mood} words={say(offlineWords[code])}>
      {capsule && (
        <p>
          {say(words.name)} {capsule.pass.maskedName}
        </p>
      )}
      {code === 'valid' && (
        <p>{say(/^0+$/.test(answer.capsule.pass.photoHash) ? words.no_photo : words.photo)}</p>
      )}
      {node && (
        <p>
          {say(words.from)} {node.names[0]?.value}
        </p>
      )}
      <button type="button" className="card" onClick={onNext}>
        {say(words.next)}
      </button>
    </Answer>
  )
}

/** Which credential it stands for hangs on the node that the capsule names. */
function checkWith({ cache, nodes }: Lists, { text, at }: Scanned): Promise<OfflineAnswer> {
  const read = readCapsuleText(text)
  const number = typeof read === 'string' ? undefined : read.pass.node
  const node = nodes.find((one) => one.number === number)
  return checkOffline({ sha256, verifyEs256 }, text, cache, {
    purpose: 'identity',
    challenge: 'none',
    type: `${node?.url ?? ''}/vct/union-membership/1`,
    now: at,
  })
}
