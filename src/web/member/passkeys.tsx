import { useCallback, useEffect, useState } from 'react'

import { useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { addPasskey } from '../parts/passkey.ts'
import { dayText } from '../parts/times.ts'
import { deviceName } from './application-form.tsx'
import { PasskeyTrouble } from './passkey-trouble.tsx'
import { passkeyWords as words } from './passkey-words.ts'
import { Sure } from './sure.tsx'

interface Passkey {
  readonly id: string
  readonly name: string
  readonly created_at: number
  readonly last_used_at?: number
}

/** The member's passkeys: the easy way back on a new phone. */
export function Passkeys() {
  const { say } = useLanguage()
  const [passkeys, setPasskeys] = useState<readonly Passkey[]>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const load = useCallback(async () => {
    await askMember<{ items: Passkey[] }>('GET', '/me/passkeys').then(
      ({ items }) => setPasskeys(items),
      setError,
    )
  }, [])
  useEffect(() => void load(), [load])

  async function add() {
    setBusy(true)
    setError(undefined)
    await addPasskey(deviceName()).then(load, setError)
    setBusy(false)
  }
  async function remove(id: string) {
    setError(undefined)
    await askMember('DELETE', `/me/passkeys/${id}`).then(load, setError)
  }

  return (
    <section aria-label={say(words.title)}>
      <h2>{say(words.title)}</h2>
      <p className="soft">{say(words.lead)}</p>
      {passkeys?.length === 0 && <p>{say(words.none)}</p>}
      {passkeys?.map((one) => (
        <One key={one.id} passkey={one} remove={() => remove(one.id)} />
      ))}
      <PasskeyTrouble error={error} />
      <button type="button" disabled={busy} onClick={add}>
        {say(busy ? words.waiting : words.add)}
      </button>
    </section>
  )
}

function One({
  passkey,
  remove,
}: {
  readonly passkey: Passkey
  readonly remove: () => Promise<void>
}) {
  const { say, language } = useLanguage()
  const [asking, setAsking] = useState(false)
  const { name, created_at, last_used_at: used } = passkey
  if (asking) {
    return <Sure question={words.remove_sure} act={remove} back={() => setAsking(false)} />
  }
  return (
    <div className="card bar">
      <span>
        {name}
        <br />
        <span className="soft">
          {used === undefined
            ? dayText(created_at, language)
            : say(words.last_used, { time: dayText(used, language) })}
        </span>
      </span>
      <button type="button" onClick={() => setAsking(true)}>
        {say(words.remove)}
        <span className="hidden">{name}</span>
      </button>
    </div>
  )
}
