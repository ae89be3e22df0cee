import { useCallback, useEffect, useRef, useState } from 'react'

import { Refused, randomId } from '../parts/ask.ts'
import { useAwake } from '../parts/awake.ts'
import { useLanguage } from '../parts/language.tsx'
import { askMember, leave } from '../parts/member-api.ts'
import { Qr } from '../parts/qr.tsx'
import { timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { useAskingAgain } from './asking-again.ts'
import { joiningWords as words } from './joining-words.ts'
import { useWallet } from './wallet.tsx'
import { words as common } from './words.ts'

interface Begun {
  readonly id: string
  readonly url: string
  readonly expires_at: number
}
interface Seen {
  readonly state: 'open' | 'taken' | 'done' | 'expired'
  readonly check?: string
}

const lookEveryMs = 1500

/** The old phone: shows a code, sees who has scanned it, and has the last word. */
export function Move() {
  const { say, language } = useLanguage()
  const { reload } = useWallet()
  const [begun, setBegun] = useState<Begun>()
  const [seen, setSeen] = useState<Seen>()
  const [error, setError] = useState<unknown>()
  const [moved, setMoved] = useState(false)
  const confirmKey = useRef(randomId())
  useAwake()

  const begin = useCallback(async () => {
    setSeen(undefined)
    setError(undefined)
    await askMember<Begun>('POST', '/me/phone-moves', {}).then(setBegun, setError)
  }, [])
  useEffect(() => void begin(), [begin])

  async function look() {
    if (!begun) return
    await askMember<Seen>('GET', `/me/phone-moves/${begun.id}`).then(setSeen, setError)
  }
  const open = begun !== undefined && !moved && (seen === undefined || seen.state === 'open')
  useAskingAgain(look, lookEveryMs, open)

  async function confirm() {
    if (!begun) return
    setError(undefined)
    try {
      await askMember('POST', `/me/phone-moves/${begun.id}/confirm`, {}, confirmKey.current)
    } catch (failed) {
      // Where the first answer was lost, the second one is that this phone is no longer known.
      const gone = failed instanceof Refused && failed.code === 'AUTH_REQUIRED'
      if (!gone) return setError(failed)
    }
    await leave()
    setMoved(true)
  }

  async function over() {
    location.hash = '#/'
    await reload()
  }

  if (moved) {
    return (
      <>
        <h1>{say(words.move)}</h1>
        <p className="note" role="status">
          {say(words.moved)}
        </p>
        <button type="button" className="main" onClick={over}>
          {say(words.done)}
        </button>
      </>
    )
  }
  return (
    <>
      <h1>{say(words.move)}</h1>
      <Trouble error={error} />
      {!begun && error === undefined && <p>{say(common.loading)}</p>}
      {open && begun && (
        <>
          <p>{say(words.move_lead)}</p>
          <section className="white-card" aria-label={say(words.move_code)}>
            <Qr text={begun.url} label={say(words.move_code)} />
            <p className="soft">
              {say(words.move_until, { time: timeText(begun.expires_at, language) })}
            </p>
          </section>
        </>
      )}
      {seen?.state === 'expired' && (
        <>
          <p className="note">{say(words.move_expired)}</p>
          <button type="button" className="main" onClick={begin}>
            {say(words.move_new)}
          </button>
        </>
      )}
      {seen?.state === 'taken' && (
        <section className="card" role="status">
          <p>{say(words.move_check)}</p>
          <p className="digits">{seen.check}</p>
          <button type="button" className="main" onClick={confirm}>
            {say(words.move_confirm)}
          </button>
          <p>
            <a className="button" href="#/me">
              {say(words.move_decline)}
            </a>
          </p>
        </section>
      )}
    </>
  )
}
