import { type FormEvent, useCallback, useEffect, useState } from 'react'

import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { speak } from '../parts/speak.ts'
import { dayText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { afterWords as words } from './after-words.ts'
import type { Voucher } from './wallet.tsx'
import { words as usual } from './words.ts'

const day = 86_400_000

interface Delegation {
  readonly id: string
  readonly name: string
  readonly mobile_last4: string
  readonly state: 'active' | 'revoked' | 'used' | 'expired'
  readonly valid_to: number
  readonly digits?: string
}

/** Who picks a package up: to be named, told the code of, and taken back. */
export function CollectorPart({ voucher }: { readonly voucher: Voucher }) {
  const { say, language } = useLanguage()
  const [named, setNamed] = useState<readonly Delegation[]>([])
  const [made, setMade] = useState<Delegation>()
  const [asking, setAsking] = useState(false)
  const [error, setError] = useState<unknown>()
  const at = `/me/vouchers/${voucher.id}/delegations`
  const load = useCallback(async () => {
    await askMember<{ items: Delegation[] }>('GET', at).then(
      ({ items }) => setNamed(items),
      setError,
    )
  }, [at])
  useEffect(() => void load(), [load])
  const current = named.find(({ state }) => state === 'active' || state === 'expired')
  const used = named.find(({ state }) => state === 'used')

  async function takeBack(id: string) {
    setError(undefined)
    setMade(undefined)
    await askMember('DELETE', `${at}/${id}`).then(load, setError)
  }
  return (
    <section aria-label={say(words.collector)}>
      <Trouble error={error} />
      {used && <p className="note good">{say(words.collector_used, { name: used.name })}</p>}
      {made?.digits && <Code digits={made.digits} />}
      {current && (
        <div className="card">
          <p>
            {say(words.collector_is, {
              ...{ name: current.name, digits: current.mobile_last4 },
              time: dayText(current.valid_to - 1, language),
            })}
          </p>
          <button type="button" onClick={() => takeBack(current.id)}>
            {say(words.collector_revoke)}
          </button>
        </div>
      )}
      {!current && !asking && (
        <button type="button" onClick={() => setAsking(true)}>
          {say(words.collector)}
        </button>
      )}
      {!current && asking && (
        <Naming
          voucher={voucher}
          onMade={(one) => {
            setMade(one)
            setAsking(false)
            void load()
          }}
          onBack={() => setAsking(false)}
        />
      )}
    </section>
  )
}

function Code({ digits }: { readonly digits: string }) {
  const { say, language } = useLanguage()
  return (
    <div className="white-card" role="status">
      <p className="soft">{say(words.collector_code)}</p>
      <strong className="digits">{digits.replace(/(.{4})(?=.)/g, '$1 ')}</strong>
      <p>
        <button type="button" onClick={() => speak([...digits].join(' '), language, 0.8)}>
          {say(words.read_aloud)}
        </button>
      </p>
    </div>
  )
}

function Naming({
  voucher,
  onMade,
  onBack,
}: {
  readonly voucher: Voucher
  readonly onMade: (made: Delegation) => void
  readonly onBack: () => void
}) {
  const { say } = useLanguage()
  const [key, setKey] = useState(randomId)
  const [error, setError] = useState<unknown>()
  const last = new Date(voucher.valid_to - 1 + 8 * 3_600_000).toISOString().slice(0, 10)
  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setError(undefined)
    const form = new FormData(event.currentTarget)
    const until = Date.parse(`${String(form.get('until'))}T00:00:00+08:00`) + day
    const body = {
      name: String(form.get('name')).trim(),
      mobile_last4: String(form.get('digits')),
      valid_to: Math.min(until, voucher.valid_to),
    }
    await askMember<Delegation>('POST', `/me/vouchers/${voucher.id}/delegations`, body, key).then(
      onMade,
      setError,
    )
    setKey(randomId())
  }
  return (
    <form className="card" onSubmit={send}>
      <h2>{say(words.collector)}</h2>
      <p className="soft">{say(words.collector_lead)}</p>
      <label>
        {say(words.collector_name)}
        <input name="name" maxLength={64} required autoComplete="off" />
      </label>
      <label>
        {say(words.collector_digits)}
        <input name="digits" pattern="[0-9]{4}" inputMode="numeric" required autoComplete="off" />
      </label>
      <label>
        {say(words.collector_until)}
        <input name="until" type="date" max={last} defaultValue={last} required />
      </label>
      <Trouble error={error} />
      <div className="bar">
        <button type="submit" className="main">
          {say(words.collector_do)}
        </button>
        <button type="button" onClick={onBack}>
          {say(usual.no)}
        </button>
      </div>
    </form>
  )
}
