import { Suspense, useCallback, useEffect, useState } from 'react'
import { Answer } from '../parts/answer.tsx'
import { noAnswer, Refused, randomId } from '../parts/ask.ts'
import { useAwake } from '../parts/awake.ts'
import { CareSwitch } from '../parts/care-switch.tsx'
import { useKeyboardScanner } from '../parts/keyboard-scanner.ts'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { late } from '../parts/late.tsx'
import { Scanner } from '../parts/scanner.tsx'
import { askTerminal } from '../parts/terminal-api.ts'
import { moneyText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import type { Place } from './app.tsx'
import { Done } from './done.tsx'
import { Pad } from './pad.tsx'
import { Prepared } from './prepared.tsx'
import {
  type Details,
  type Preparation,
  pending,
  prepare,
  type Redemption,
  redeem,
  type Sent,
  settle,
} from './redeeming.ts'
import { RefusedAnswer } from './refused.tsx'
import { words } from './words.ts'

const AtCounter = late(async () => ({ default: (await import('./at-counter.tsx')).AtCounter }))

type State =
  | { readonly at: 'scan' | 'checking' | 'asking' }
  | { readonly at: 'prepared'; readonly preparation: Preparation }
  | { readonly at: 'done'; readonly redemption: Redemption }
  | { readonly at: 'refused'; readonly error: unknown }
  | { readonly at: 'unknown'; readonly sent: Sent }

/** Where a scan begins the next one: a queue does not wait for an answer to fade. */
const restful = new Set<State['at']>(['scan', 'done', 'refused'])

/** Typed or scanned, twelve digits are a numeric code. */
const numericCode = /^[0-9]{12}$/

/** The camera is the home page. One scan leads to one full-screen answer. */
export function Counter({
  place,
  reload,
}: {
  readonly place: Place
  readonly reload: () => Promise<void>
}) {
  const { say, language } = useLanguage()
  const [state, setState] = useState<State>({ at: 'scan' })
  const [typing, setTyping] = useState(false)
  useAwake()

  const look = useCallback(async (shown: { code: string } | { digits: string }) => {
    setState({ at: 'checking' })
    setTyping(false)
    await prepare(shown).then(
      (preparation) => setState({ at: 'prepared', preparation }),
      (error: unknown) => setState({ at: 'refused', error }),
    )
  }, [])
  const onCode = useCallback(
    (text: string) => {
      if (!restful.has(state.at)) return
      void look(numericCode.test(text) ? { digits: text } : { code: text })
    },
    [state.at, look],
  )
  useKeyboardScanner(onCode)

  const finish = useCallback(
    async (working: Promise<Redemption>, sent?: Sent) => {
      await working.then(
        (redemption) => setState({ at: 'done', redemption }),
        async (error: unknown) => {
          const unknown = error instanceof Refused && error.code === noAnswer
          const kept = unknown ? (sent ?? (await pending())) : undefined
          setState(kept ? { at: 'unknown', sent: kept } : { at: 'refused', error })
        },
      )
      await reload()
    },
    [reload],
  )
  // A redemption whose answer never came, because the page was closed over it, is asked for first.
  useEffect(() => {
    void pending().then((sent) => {
      if (!sent) return
      setState({ at: 'asking' })
      void finish(
        settle(sent, () => {}),
        sent,
      )
    })
  }, [finish])

  const next = () => setState({ at: 'scan' })
  const asking = () => setState({ at: 'asking' })
  const redeemIt = (preparation: Preparation, details: Details) => {
    setState({ at: 'checking' })
    void finish(redeem(preparation, details, asking))
  }

  return (
    <main>
      <h1 className="hidden">{say(words.title)}</h1>
      <div className="bar">
        <span>{place.store.name}</span>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      {place.store.printed_code === 'on' && (
        <Suspense fallback={null}>
          <AtCounter />
        </Suspense>
      )}
      <div hidden={typing}>
        <Scanner paused={state.at !== 'scan' || typing} onCode={onCode} />
        <p>{say(words.scan)}</p>
      </div>
      {typing ? (
        <Pad onDigits={(digits) => void look({ digits })} onBack={() => setTyping(false)} />
      ) : (
        <button type="button" className="main" onClick={() => setTyping(true)}>
          {say(words.digits)}
        </button>
      )}
      <div className="bar">
        <span className="card">
          {say(words.today, {
            count: place.today.redemptions,
            amount: moneyText(place.today.amount, language),
          })}
        </span>
        <a className="button" href="#/office">
          {say(words.office)}
        </a>
        <CloseShift reload={reload} />
      </div>
      {state.at === 'checking' && <Answer mood="ask" words={say(words.checking)} />}
      {state.at === 'asking' && <Answer mood="ask" words={say(words.asking)} />}
      {state.at === 'prepared' && (
        <Prepared preparation={state.preparation} onRedeem={redeemIt} onBack={next} />
      )}
      {state.at === 'done' && <Done redemption={state.redemption} onNext={next} reload={reload} />}
      {state.at === 'refused' && <RefusedAnswer error={state.error} onNext={next} />}
      {state.at === 'unknown' && (
        <Answer mood="ask" words={say(words.unknown)}>
          <button
            type="button"
            onClick={() => {
              asking()
              void finish(
                settle(state.sent, () => {}),
                state.sent,
              )
            }}
          >
            {say(words.ask_again)}
          </button>
        </Answer>
      )}
    </main>
  )
}

interface Totals {
  readonly redemptions: number
  readonly reversals: number
  readonly amount: number
}

function CloseShift({ reload }: { readonly reload: () => Promise<void> }) {
  const { say, language } = useLanguage()
  const [totals, setTotals] = useState<Totals>()
  const [error, setError] = useState<unknown>()
  async function close() {
    await askTerminal<Totals>('POST', '/terminal/shifts/close', {}, randomId()).then(
      setTotals,
      setError,
    )
  }
  if (totals) {
    const { redemptions: count, reversals: undone } = totals
    const amount = moneyText(totals.amount, language)
    return (
      <div className="note good" role="status">
        <p>{say(words.shift_totals, { count, undone, amount })}</p>
        <button type="button" onClick={reload}>
          {say(words.yes)}
        </button>
      </div>
    )
  }
  return (
    <>
      <button type="button" onClick={close}>
        {say(words.shift_close)}
      </button>
      <Trouble error={error} />
    </>
  )
}
