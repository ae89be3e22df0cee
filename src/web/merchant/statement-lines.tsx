import { useCallback, useEffect, useState } from 'react'

import { useLanguage } from '../parts/language.tsx'
import { askTerminal } from '../parts/terminal-api.ts'
import { moneyText, timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { words } from './office-words.ts'
import type { Statement } from './statements.tsx'

interface Line {
  readonly line: number
  readonly kind: 'redemption' | 'reversal' | 'adjustment'
  readonly at: number
  readonly amount: number
  readonly benefit?: { readonly zh: string; readonly en: string }
  readonly store?: { readonly name: string }
}

const kinds = {
  redemption: words.redeemed,
  reversal: words.undone,
  adjustment: words.adjusted,
} as const

/** The lines of a statement, fifty at a time. */
export function Lines({ statement: { id, lines: count } }: { readonly statement: Statement }) {
  const { say, language } = useLanguage()
  const [lines, setLines] = useState<readonly Line[]>([])
  const [next, setNext] = useState<string>()
  const [error, setError] = useState<unknown>()
  const load = useCallback(
    async (after: string) => {
      type Page = { items: readonly Line[]; next?: string }
      const path = `/merchant/statements/${id}/lines?after=${after}`
      await askTerminal<Page>('GET', path).then((page) => {
        setLines((before) => [...before.filter(({ line }) => line <= Number(after)), ...page.items])
        setNext(page.next)
      }, setError)
    },
    [id],
  )
  useEffect(() => {
    void load('0')
  }, [load])
  return (
    <section aria-label={say(words.lines, { count })}>
      <h2>{say(words.lines, { count })}</h2>
      <Trouble error={error} />
      <ul className="list">
        {lines.map(({ line, kind, at, amount, benefit, store }) => (
          <li key={line} className="card">
            <span className="pair">
              <span>{benefit ? say(benefit) : say(kinds[kind])}</span>
              <strong>{moneyText(amount, language)}</strong>
            </span>
            <span className="pair soft">
              <span>
                {timeText(at, language)} · {say(kinds[kind])}
              </span>
              {store && <span>{store.name}</span>}
            </span>
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <button type="button" onClick={() => load(next)}>
          {say(words.more)}
        </button>
      )}
    </section>
  )
}
