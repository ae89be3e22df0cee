import { type FormEvent, useState } from 'react'

import { CareSwitch } from '../parts/care-switch.tsx'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { Scanner } from '../parts/scanner.tsx'
import { initialize } from '../parts/terminal-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import { words } from './words.ts'

/** Makes this browser a terminal, by a code that is scanned, typed or in the address. */
export function Setup({ onDone }: { readonly onDone: () => void }) {
  const { say } = useLanguage()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [code, setCode] = useState(tokenOf(location.href))

  async function start(token: string) {
    setBusy(true)
    setError(undefined)
    try {
      await initialize(token)
      location.hash = ''
      onDone()
    } catch (failed) {
      setError(failed)
      setBusy(false)
    }
  }
  function submit(event: FormEvent) {
    event.preventDefault()
    void start(tokenOf(code))
  }

  return (
    <main>
      <div className="bar">
        <h1>{say(words.setup_title)}</h1>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      <p>{say(words.setup_lead)}</p>
      <Scanner paused={busy} onCode={(text) => void start(tokenOf(text))} />
      <form onSubmit={submit}>
        <label>
          {say(words.setup_code)}
          <input
            required
            value={code}
            autoComplete="one-time-code"
            onChange={(event) => setCode(event.target.value)}
          />
        </label>
        <Trouble error={error} />
        <button type="submit" className="main" disabled={busy}>
          {say(words.setup_do)}
        </button>
      </form>
    </main>
  )
}

/** The token of a link that ends with `token=…`, or the text itself. */
function tokenOf(text: string): string {
  const [, token] = /[#&?]token=([^&]+)/.exec(text) ?? []
  if (token) return token
  return text.startsWith('http') ? '' : text.trim()
}
