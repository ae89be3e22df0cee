import { useCallback, useEffect, useState } from 'react'

import { Link } from 'wouter'

import { useLanguage } from '../parts/language.tsx'
import { askMember, leave } from '../parts/member-api.ts'
import { dayText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { Passkeys } from './passkeys.tsx'
import { Sure } from './sure.tsx'
import { toldWords as told } from './told-words.ts'
import { useWallet } from './wallet.tsx'
import { words } from './words.ts'

interface Device {
  readonly id: string
  readonly name: string
  readonly this_one: boolean
  readonly enrolled_at: number
  readonly revoked_at?: number
}

/** The member's devices, and leaving. */
export function Me() {
  const { say } = useLanguage()
  const { holdings } = useWallet()
  const unread = holdings?.profile.unread_messages ?? 0
  return (
    <>
      <h1>{say(words.me)}</h1>
      <p>
        <Link href="/messages" className="button">
          {unread > 0 ? say(told.messages_unread, { count: unread }) : say(told.messages)}
        </Link>
      </p>
      <p>
        <Link href="/portrait" className="button">
          {say(told.portrait)}
        </Link>
      </p>
      <p>
        <Link href="/transfer" className="button">
          {say(told.transfer)}
        </Link>
      </p>
      <Devices />
      <p>
        <Link href="/move" className="button">
          {say(words.move)}
        </Link>
      </p>
      <p>
        <Link href="/my-data" className="button">
          {say(words.my_data)}
        </Link>
      </p>
      <Passkeys />
      <Leave />
    </>
  )
}

function Devices() {
  const { say, language } = useLanguage()
  const [devices, setDevices] = useState<readonly Device[]>([])
  const [error, setError] = useState<unknown>()
  const load = useCallback(async () => {
    await askMember<{ items: Device[] }>('GET', '/me/devices').then(
      ({ items }) => setDevices(items),
      setError,
    )
  }, [])
  useEffect(() => void load(), [load])
  /** What this page called a phone, in the reader's language; other wallets name theirs. */
  const nameOf = ({ name }: Device) => (name === 'phone' ? say(words.phone) : name)
  async function revoke(id: string) {
    await askMember('DELETE', `/me/devices/${id}`).then(load, setError)
  }
  return (
    <section aria-label={say(words.devices)}>
      <h2>{say(words.devices)}</h2>
      <Trouble error={error} />
      {devices.map((device) => (
        <div className="card bar" key={device.id}>
          <span>
            {nameOf(device)} {device.this_one && `(${say(words.this_device)})`}
            <br />
            <span className="soft">{dayText(device.enrolled_at, language)}</span>
          </span>
          {device.revoked_at !== undefined && <span className="soft">{say(words.revoked)}</span>}
          {device.revoked_at === undefined && !device.this_one && (
            <button type="button" onClick={() => revoke(device.id)}>
              {say(words.revoke)}
              <span className="hidden">{nameOf(device)}</span>
            </button>
          )}
        </div>
      ))}
    </section>
  )
}

function Leave() {
  const { say } = useLanguage()
  const { reload } = useWallet()
  const [asking, setAsking] = useState(false)
  async function go() {
    await leave()
    location.hash = '#/'
    await reload()
  }
  if (!asking) {
    return (
      <button type="button" className="quiet" onClick={() => setAsking(true)}>
        {say(words.leave)}
      </button>
    )
  }
  return <Sure question={words.leave_sure} act={go} back={() => setAsking(false)} />
}
