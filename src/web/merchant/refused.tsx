import { Answer } from '../parts/answer.tsx'
import { Refused } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import type { Mood } from '../parts/signal.ts'
import { timeText } from '../parts/times.ts'
import { wordsOf } from '../parts/trouble.tsx'
import { words } from './words.ts'

/** Refusals that the counter can do something about at once. */
const mendable = new Set([
  'TOKEN_EXPIRED',
  'TOKEN_ALREADY_USED',
  'PREPARATION_EXPIRED',
  'NO_ANSWER',
])

/** A no, with its reason: it stays until it was read. */
export function RefusedAnswer({
  error,
  onNext,
}: {
  readonly error: unknown
  readonly onNext: () => void
}) {
  const { say, language } = useLanguage()
  const code = error instanceof Refused ? error.code : ''
  const first = error instanceof Refused ? error.problem.first_redeemed_at : undefined
  const mood: Mood = mendable.has(code) ? 'warn' : 'bad'
  return (
    <Answer mood={mood} words={say(wordsOf(error, 'cashier'))}>
      {typeof first === 'number' && (
        <p>{say(words.first_time, { time: timeText(first, language) })}</p>
      )}
      <p className="code">{code}</p>
      <button type="button" className="card" onClick={onNext}>
        {say(words.next)}
      </button>
    </Answer>
  )
}
