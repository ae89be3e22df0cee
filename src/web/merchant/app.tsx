import { Suspense, useCallback, useEffect, useState } from 'react'
import { Refused } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { late } from '../parts/late.tsx'
import { askTerminal, terminal } from '../parts/terminal-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import { Counter } from './counter.tsx'
import { Setup } from './setup.tsx'
import { OpenShift } from './shift.tsx'
import { words } from './words.ts'

/** Where the terminal stands, as `GET /terminal/info` tells. */
export interface Place {
  readonly terminal_id: string
  readonly store: {
    readonly id: string
    readonly name: string
    /** Members use vouchers by its printed code; `asked`: the union has not agreed. */
    readonly printed_code: 'off' | 'asked' | 'on'
  }
  readonly merchant: { readonly id: string; readonly name: string }
  readonly cashiers: readonly { readonly id: string; readonly name: string }[]
  /** The open shift, if there is one. */
  readonly shift?: {
    readonly id: string
    readonly cashier: string
    readonly role: 'cashier' | 'manager'
  }
  readonly today: { readonly redemptions: number; readonly amount: number }
}

const Office = late(async () => ({ default: (await import('./office.tsx')).Office }))

/** The merchant's counter: set up once, a shift by PIN, and then the camera. */
export function App() {
  const { say } = useLanguage()
  const [known, setKnown] = useState<boolean>()
  const [place, setPlace] = useState<Place>()
  const [error, setError] = useState<unknown>()
  const path = usePath()

  const load = useCallback(async () => {
    const isTerminal = (await terminal()) !== undefined
    setKnown(isTerminal)
    if (!isTerminal) return
    try {
      setPlace(await askTerminal<Place>('GET', '/terminal/info'))
      setError(undefined)
    } catch (failed) {
      if (failed instanceof Refused && failed.code === 'TERMINAL_REVOKED') setPlace(undefined)
      setError(failed)
    }
  }, [])
  useEffect(() => {
    void load()
  }, [load])

  if (known === undefined) return <main>{say(words.loading)}</main>
  if (!known) return <Setup onDone={load} />
  if (!place) {
    return (
      <main>
        <h1>{say(words.title)}</h1>
        {error === undefined ? <p>{say(words.loading)}</p> : <Trouble error={error} />}
        <button type="button" onClick={load}>
          {say(words.ask_again)}
        </button>
      </main>
    )
  }
  if (!place.shift) return <OpenShift place={place} onDone={load} />
  if (path.startsWith('/')) {
    return (
      <Suspense fallback={<main>{say(words.loading)}</main>}>
        <Office place={place} path={path} />
      </Suspense>
    )
  }
  return <Counter place={place} reload={load} />
}

/** What is behind the # of the address; a path is a screen behind the counter. */
function usePath(): string {
  const [path, setPath] = useState(() => location.hash.slice(1))
  useEffect(() => {
    const follow = () => {
      setPath(location.hash.slice(1))
      scrollTo(0, 0)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return path
}
