import { useEffect, useState } from 'react'

import { second } from '../../base/clock.ts'
import { Answer } from '../parts/answer.tsx'
import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { now } from '../parts/server-clock.ts'
import { moneyText, timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { type Redemption, undo } from './redeeming.ts'
import { words } from './words.ts'

const staysSeconds = 3
const reasons = [
  ['wrong_voucher', words.reason_wrong_voucher],
  ['wrong_amount', words.reason_wrong_amount],
  ['goods_unavailable', words.reason_goods_unavailable],
  ['member_changed_mind', words.reason_member_changed_mind],
  ['system_error', words.reason_system_error],
] as const

/** Done: goes back to the camera by itself, unless somebody wants to undo it. */
export function Done({
  redemption,
  onNext,
  reload,
}: {
  readonly redemption: Redemption
  readonly onNext: () => void
  readonly reload: () => Promise<void>
}) {
  const { say, language } = useLanguage()
  const [step, setStep] = useState<'done' | 'why' | 'undone'>('done')
  const [key] = useState(randomId)
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (step === 'why') return
    const timer = setTimeout(onNext, staysSeconds * second)
    return () => clearTimeout(timer)
  }, [step, onNext])

  async function undoIt(reason: string) {
    setError(undefined)
    try {
      await undo(redemption, reason, key)
      setStep('undone')
      await reload()
    } catch (failed) {
      setError(failed)
    }
  }

  const { benefit, amount, uses_left: left, reversible_until: until } = redemption
  if (step === 'undone') return <Answer mood="warn" words={say(words.undone)} />
  return (
    <Answer
      mood="good"
      words={say(words.done)}
      spoken={say(words.done_say, { name: say(benefit.name) })}
    >
      <p>
        {say(benefit.name)} · {moneyText(amount, language)}
        {left > 0 && ` · ${say(words.uses_left, { left })}`}
      </p>
      {step === 'done' && (
        <>
          <button type="button" className="card" onClick={onNext}>
            {say(words.next)}
          </button>
          {until > now() && (
            <button type="button" className="card" onClick={() => setStep('why')}>
              {say(words.undo, { time: timeText(until, language) })}
            </button>
          )}
        </>
      )}
      {step === 'why' && (
        <section aria-label={say(words.undo_why)}>
          <p>{say(words.undo_why)}</p>
          <Trouble error={error} />
          {reasons.map(([reason, name]) => (
            <button type="button" className="card" key={reason} onClick={() => undoIt(reason)}>
              {say(name)}
            </button>
          ))}
          <button type="button" className="card" onClick={onNext}>
            {say(words.no)}
          </button>
        </section>
      )}
    </Answer>
  )
}
