import { useState } from 'react'

import { useLanguage } from '../parts/language.tsx'
import { enterByPasskey } from '../parts/passkey.ts'
import { deviceName } from './application-form.tsx'
import { PasskeyTrouble } from './passkey-trouble.tsx'
import { passkeyWords as words } from './passkey-words.ts'
import { useWallet } from './wallet.tsx'

/** For a member who has been here before: the passkey makes this browser theirs. */
export function PasskeyEntrance() {
  const { say } = useLanguage()
  const { reload } = useWallet()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  async function enter() {
    setBusy(true)
    setError(undefined)
    try {
      await enterByPasskey(deviceName())
      location.hash = '#/'
      await reload()
    } catch (failed) {
      setError(failed)
      setBusy(false)
    }
  }

  return (
    <>
      <PasskeyTrouble error={error} />
      <p>
        <button type="button" disabled={busy} onClick={enter}>
          {say(busy ? words.waiting : words.enter)}
        </button>
      </p>
    </>
  )
}
