import { useCallback, useEffect, useState } from 'react'

import { second } from '../../base/clock.ts'
import { randomId } from '../parts/ask.ts'
import { useLanguage, type Words } from '../parts/language.tsx'
import { signal } from '../parts/signal.ts'
import { askTerminal } from '../parts/terminal-api.ts'
import { moneyText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { words } from './office-words.ts'

/** Who waits, as `GET /terminal/member-redemptions` tells. */
interface Waiting {
  readonly id: string
  readonly name: Words
  readonly amount: number
  readonly member_name: string
}

const lookEverySeconds = 3

/** Members who scanned the printed code: each is let through, or not, with one tap. */
export function AtCounter() {
  const { say, language } = useLanguage()
  const [items, setItems] = useState<readonly Waiting[]>([])
  const [error, setError] = useState<unknown>()
  const look = useCallback(async () => {
    await askTerminal<{ items: Waiting[] }>('GET', '/terminal/member-redemptions').then(
      (told) => setItems(told.items),
      () => {},
    )
  }, [])
  useEffect(() => {
    void look()
    const timer = setInterval(look, lookEverySeconds * second)
    return () => clearInterval(timer)
  }, [look])
  const latest = items.at(-1)?.id
  useEffect(() => {
    if (latest !== undefined) signal('ask', say(words.waits), language)
  }, [latest, say, language])
  async function answer(id: string, word: 'accept' | 'decline') {
    setError(undefined)
    const path = `/terminal/member-redemptions/${id}/${word}`
    await askTerminal('POST', path, {}, randomId()).catch(setError)
    // Refused, they may have left meanwhile: nobody who is gone is shown on.
    await look()
  }
  if (items.length === 0) return <Trouble error={error} />
  return (
    <section className="note" aria-live="polite" aria-label={say(words.waits)}>
      <h2>{say(words.waits)}</h2>
      <Trouble error={error} />
      {items.map(({ id, name, amount, member_name }) => (
        <div className="card" key={id}>
          <strong>{say(name)}</strong> · {moneyText(amount, language)}
          <p>{member_name}</p>
          <div className="bar">
            <button type="button" className="main" onClick={() => answer(id, 'accept')}>
              {say(words.accept)}
            </button>
            <button type="button" onClick={() => answer(id, 'decline')}>
              {say(words.decline)}
            </button>
          </div>
        </div>
      ))}
    </section>
  )
}
