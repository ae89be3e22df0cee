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
  // The desk's code is a link. A member's voucher that lies before the camera is none.
  function scanned(text: string) {
    const token = linkedToken(text)
    if (token) void start(token)
  }

  return (
    <main>
      <div className="bar">
        <h1>{say(words.setup_title)}</h1>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      <p>{say(words.setup_lead)}</p>
      <Scanner paused={busy} onCode={scanned} />
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
  return linkedToken(text) ?? (text.startsWith('http') ? '' : text.trim())
}

function linkedToken(text: string): string | undefined {
  return /[#&?]token=([^&]+)/.exec(text)?.[1]
}
