import { type FormEvent, Suspense, useState } from 'react'
import { CareSwitch } from '../parts/care-switch.tsx'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { late } from '../parts/late.tsx'
import { enrol } from '../parts/member-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import { useWallet } from './wallet.tsx'
import { words } from './words.ts'

// Not on the first screen's bill: most who see it have no passkey yet.
const PasskeyEntrance = late(async () => ({
  default: (await import('./passkey-entrance.tsx')).PasskeyEntrance,
}))

/** Makes this phone the member's: number and activation code, or a passkey. */
export function Join() {
  const { say } = useLanguage()
  const { reload } = useWallet()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const given = new URLSearchParams(location.hash.split('?')[1] ?? '')

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    setBusy(true)
    setError(undefined)
    try {
      await enrol(text('member_no'), text('activation_code').toUpperCase(), 'phone')
      location.hash = '#/'
      await reload()
    } catch (failed) {
      setError(failed)
      setBusy(false)
    }
  }

  return (
    <main>
      <div className="bar">
        <h1>{say(words.join_title)}</h1>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      <p>{say(words.join_lead)}</p>
      <form onSubmit={submit}>
        <label>
          {say(words.member_no)}
          <input
            name="member_no"
            required
            autoComplete="off"
            defaultValue={given.get('no') ?? ''}
          />
        </label>
        <label>
          {say(words.activation_code)}
          <input
            name="activation_code"
            required
            autoComplete="one-time-code"
            autoCapitalize="characters"
            minLength={10}
            maxLength={20}
            defaultValue={given.get('code') ?? ''}
          />
        </label>
        <Trouble error={error} />
        <button type="submit" className="main" disabled={busy}>
          {say(busy ? words.join_wait : words.join_do)}
        </button>
      </form>
      {'PublicKeyCredential' in window && (
        <Suspense fallback={null}>
          <PasskeyEntrance />
        </Suspense>
      )}
      <p className="soft">{say(words.join_code_lead)}</p>
    </main>
  )
}
