import { useCallback, useEffect, useState } from 'react'
import { Link } from 'wouter'

import type { Instant } from '../../base/clock.ts'
import type { VoucherReceipt } from '../../formats/voucher-receipt.ts'
import { randomId } from '../parts/ask.ts'
import { type Language, useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { now } from '../parts/server-clock.ts'
import { timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { drawWords as words } from './draw-words.ts'
import { type Right, useWallet } from './wallet.tsx'
import { words as memberWords } from './words.ts'

/** A draw, as `GET /benefits/{id}/draw` tells. */
interface Draw {
  readonly mode: 'fair_window' | 'lottery'
  readonly state: 'planned' | 'open' | 'closing' | 'closed' | 'drawn' | 'done' | 'cancelled'
  readonly opens_at: Instant
  readonly closes_at: Instant
  readonly units: number
  readonly witness?: string
  readonly entrants?: number
  readonly drawn_at?: Instant
  readonly again_at?: Instant
  readonly proof: string
  readonly entry?: {
    readonly result: 'waiting' | 'won' | 'not_won'
    readonly voucher_id?: string
    readonly receipt: VoucherReceipt
  }
}

const pollMs = 3000

/** The draw of a benefit's stock: its rule in a sentence, the time left, one's entry, the result. */
export function DrawPart({ right }: { readonly right: Right }) {
  const { say, language } = useLanguage()
  const [draw, setDraw] = useState<Draw>()
  const [error, setError] = useState<unknown>()
  const time = useSeconds()
  const load = useCallback(async () => {
    try {
      setDraw(await askMember<Draw>('GET', `/benefits/${right.benefit_id}/draw`))
      setError(undefined)
    } catch (failed) {
      setError(failed)
    }
  }, [right.benefit_id])
  useEffect(() => {
    void load()
  }, [load])
  usePolling(draw, time, load)
  return (
    <section aria-label={say(words.title)}>
      <h2>{say(words.title)}</h2>
      {draw && (
        <>
          <p>{ruleOf(draw, say, language)}</p>
          <p className="soft">
            {draw.witness ? say(words.signed_by, { who: draw.witness }) : say(words.unsigned)}
          </p>
          <Countdown draw={draw} time={time} />
          <Entry right={right} draw={draw} time={time} onChange={load} onTrouble={setError} />
          <Result draw={draw} />
        </>
      )}
      <Trouble error={error} />
    </section>
  )
}

function Countdown({ draw, time }: { readonly draw: Draw; readonly time: Instant }) {
  const { say, language } = useLanguage()
  if (draw.state !== 'planned' && draw.state !== 'open') return null
  const until = time < draw.opens_at ? draw.opens_at : draw.closes_at
  if (time >= until) return null
  const what = time < draw.opens_at ? words.opens_in : words.closes_in
  return (
    <p role="timer">
      <strong>{say(what, { time: spanText(until - time, language) })}</strong>
    </p>
  )
}

function Entry({
  right,
  draw,
  time,
  onChange,
  onTrouble,
}: {
  readonly right: Right
  readonly draw: Draw
  readonly time: Instant
  readonly onChange: () => Promise<void>
  readonly onTrouble: (error: unknown) => void
}) {
  const { say } = useLanguage()
  const [key, setKey] = useState(randomId)
  const path = `/benefits/${right.benefit_id}/entries`
  const open = draw.state === 'open' && time >= draw.opens_at && time < draw.closes_at
  async function send(method: 'POST' | 'DELETE') {
    onTrouble(undefined)
    try {
      await askMember(method, path, method === 'POST' ? {} : undefined, key)
      setKey(randomId())
      await onChange()
    } catch (failed) {
      onTrouble(failed)
    }
  }
  if (draw.entry && open) {
    return (
      <>
        <p className="note good" role="status">
          {say(words.entered)}
        </p>
        <button type="button" onClick={() => send('DELETE')}>
          {say(words.take_back)}
        </button>
      </>
    )
  }
  if (!open || right.status !== 'eligible') return null
  return (
    <button type="button" className="main" onClick={() => send('POST')}>
      {say(words.enter)}
    </button>
  )
}

function Result({ draw }: { readonly draw: Draw }) {
  const { say, language } = useLanguage()
  const { refresh } = useWallet()
  const won = draw.entry?.result === 'won'
  useEffect(() => {
    if (won) void refresh()
  }, [won, refresh])
  const over = draw.state === 'drawn' || draw.state === 'done'
  if (draw.state === 'cancelled') return <p className="note">{say(words.cancelled)}</p>
  if (draw.state === 'closing' || draw.state === 'closed') {
    return <p role="status">{say(draw.entry ? words.drawing : words.not_entered)}</p>
  }
  if (!over) return null
  const { entry, again_at: again, entrants = 0, units } = draw
  return (
    <>
      {won && (
        <p className="note good" role="status">
          {say(words.won)} <Link href="/vouchers">{say(memberWords.vouchers)}</Link>
        </p>
      )}
      {entry?.result === 'waiting' && <p role="status">{say(words.drawing)}</p>}
      {entry?.result === 'not_won' && (
        <p className="note" role="status">
          {say(words.not_won)}{' '}
          {again !== undefined && say(words.again, { time: timeText(again, language) })}
        </p>
      )}
      {!entry && <p className="note">{say(words.not_entered)}</p>}
      <p className="soft">
        {say(words.counted, { entrants: String(entrants), units: String(units) })}
      </p>
      <Proof draw={draw} />
    </>
  )
}

/** The published files, and their verification on this phone. */
function Proof({ draw }: { readonly draw: Draw }) {
  const { say } = useLanguage()
  const [told, setTold] = useState<{ good: boolean; words: string }>()
  const { entry, proof } = draw
  const record = `${new URL(proof).pathname}winners`
  async function check(receipt: VoucherReceipt) {
    setTold({ good: true, words: say(words.checking) })
    try {
      const { checkDraw } = await import('./draw-check.ts')
      const { ok, findings, witness } = await checkDraw(proof, receipt)
      const what = findings.map(({ message }) => message).join('; ')
      const good = say(witness === undefined ? words.good_without : words.good)
      setTold({ good: ok, words: ok ? good : say(words.bad, { what }) })
    } catch {
      setTold({ good: false, words: say(words.unchecked) })
    }
  }
  return (
    <>
      {told && (
        <p className={told.good ? 'note good' : 'note bad'} role="status">
          {told.words}
        </p>
      )}
      <p>
        {entry && (
          <button type="button" onClick={() => check(entry.receipt)}>
            {say(words.check)}
          </button>
        )}{' '}
        <a href={record} target="_blank" rel="noreferrer">
          {say(words.proof)}
        </a>
      </p>
    </>
  )
}

/** The server's time, anew every second. */
function useSeconds(): Instant {
  const [time, setTime] = useState(now)
  useEffect(() => {
    const timer = setInterval(() => setTime(now()), 1000)
    return () => clearInterval(timer)
  }, [])
  return time
}

/** Asks again only when there is something to come: at the opening, and from the closing on. */
function usePolling(draw: Draw | undefined, time: Instant, load: () => Promise<void>): void {
  const over = draw?.entry?.result ?? 'waiting'
  const moving =
    draw === undefined ||
    (draw.state === 'planned' && time >= draw.opens_at - 1000) ||
    (draw.state === 'open' && time >= draw.closes_at) ||
    draw.state === 'closing' ||
    draw.state === 'closed' ||
    (draw.state === 'drawn' && draw.entry !== undefined && over === 'waiting')
  useEffect(() => {
    if (!moving) return
    // Not everybody in the same instant.
    const timer = setInterval(() => void load(), pollMs + Math.random() * 1000)
    return () => clearInterval(timer)
  }, [moving, load])
}

type Say = ReturnType<typeof useLanguage>['say']

function ruleOf(draw: Draw, say: Say, language: Language): string {
  const from = timeText(draw.opens_at, language)
  const units = String(draw.units)
  if (draw.mode === 'lottery') {
    return say(words.lottery_rule, { from, to: timeText(draw.closes_at, language), units })
  }
  const seconds = String(Math.round((draw.closes_at - draw.opens_at) / 1000))
  return say(words.window_rule, { from, seconds, units })
}

/** 1:02:03, or with days in front: 2 d 1:02:03. */
function spanText(ms: number, language: Language): string {
  const seconds = Math.ceil(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const clock = `${hours}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  if (days === 0) return clock
  return language === 'zh' ? `${days} 天 ${clock}` : `${days} d ${clock}`
}
