import { useRef, useState } from 'react'

import { randomId } from '../parts/ask.ts'
import { CareSwitch } from '../parts/care-switch.tsx'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { askWithKey, type Enrolment, keepEnrolment } from '../parts/member-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import { deviceName } from './application-form.tsx'
import { useAskingAgain } from './asking-again.ts'
import { joiningWords as words } from './joining-words.ts'
import { useWallet } from './wallet.tsx'

interface Taken {
  readonly state: 'taken' | 'done' | 'expired'
  readonly check: string
  readonly device?: Enrolment
}

const lookEveryMs = 1500

/** The new phone: offers its key with the code it has scanned, and waits for the old one. */
export function Take({ token }: { readonly token: string }) {
  const { say } = useLanguage()
  const { reload } = useWallet()
  const [taken, setTaken] = useState<Taken>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const key = useRef(randomId())

  async function take() {
    setBusy(true)
    setError(undefined)
    const body = { token, name: deviceName() }
    await askWithKey<Taken>('POST', '/phone-moves', body, key.current).then(setTaken, setError)
    setBusy(false)
  }
  async function look() {
    try {
      const told = await askWithKey<Taken>('GET', '/phone-moves/mine')
      setError(undefined)
      if (!told.device) return setTaken(told)
      await keepEnrolment(told.device)
      location.hash = '#/'
      await reload()
    } catch (failed) {
      setError(failed)
    }
  }
  useAskingAgain(look, lookEveryMs, taken?.state === 'taken')

  return (
    <main>
      <div className="bar">
        <h1>{say(words.take_title)}</h1>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      {!taken && (
        <>
          <p>{say(words.take_lead)}</p>
          <Trouble error={error} />
          <button type="button" className="main" disabled={busy} onClick={take}>
            {say(words.take)}
          </button>
        </>
      )}
      {taken?.state === 'taken' && (
        <section className="card" role="status">
          <p>{say(words.take_wait)}</p>
          <p className="soft">{say(words.take_digits)}</p>
          <p className="digits">{taken.check}</p>
          <Trouble error={error} />
        </section>
      )}
      {taken?.state === 'expired' && <p className="note bad">{say(words.move_expired)}</p>}
    </main>
  )
}
