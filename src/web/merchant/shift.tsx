import { type FormEvent, useState } from 'react'

import { randomId } from '../parts/ask.ts'
import { CareSwitch } from '../parts/care-switch.tsx'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { askTerminal } from '../parts/terminal-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import type { Place } from './app.tsx'
import { words } from './words.ts'

/** Who is at the counter: a cashier and their PIN. */
export function OpenShift({
  place,
  onDone,
}: {
  readonly place: Place
  readonly onDone: () => void
}) {
  const { say } = useLanguage()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const given = new FormData(form)
    setBusy(true)
    setError(undefined)
    try {
      const body = { cashier_id: given.get('cashier'), pin: given.get('pin') }
      await askTerminal('POST', '/terminal/shifts', body, randomId())
      onDone()
    } catch (failed) {
      setError(failed)
      setBusy(false)
      form.reset()
    }
  }
  return (
    <main>
      <div className="bar">
        <h1>{say(words.shift_title)}</h1>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      <p className="soft">
        {place.merchant.name} · {place.store.name}
      </p>
      <form onSubmit={submit}>
        <label>
          {say(words.cashier)}
          <select name="cashier" required>
            {place.cashiers.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {say(words.pin)}
          <input
            name="pin"
            type="password"
            inputMode="numeric"
            pattern="[0-9]{4,12}"
            autoComplete="off"
            required
          />
        </label>
        <Trouble error={error} />
        <button type="submit" className="main" disabled={busy}>
          {say(words.shift_open)}
        </button>
      </form>
    </main>
  )
}
