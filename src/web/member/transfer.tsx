import { type FormEvent, useCallback, useEffect, useState } from 'react'
import { organisationCode } from '../../formats/organisation-code.ts'

import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { transferStateNames, toldWords as words } from './told-words.ts'
import { useWallet } from './wallet.tsx'

interface Transfer {
  readonly id: string
  readonly state: 'waiting' | 'done' | 'refused' | 'withdrawn'
  readonly from: { readonly name: string }
  readonly to: { readonly name: string }
  readonly asked_by: 'member' | 'union'
  readonly asked_at: number
  readonly released_at?: number
  readonly received_at?: number
  readonly ended_at?: number
  readonly refused_by?: 'release' | 'receive'
  readonly reason?: string
}

/** The member's union, asking to move to another, and what became of it. */
export function TransferScreen() {
  const { say } = useLanguage()
  const { holdings, refresh } = useWallet()
  const [items, setItems] = useState<readonly Transfer[]>()
  const [error, setError] = useState<unknown>()
  const load = useCallback(async () => {
    await askMember<{ items: Transfer[] }>('GET', '/me/transfers').then(
      (told) => setItems(told.items),
      setError,
    )
  }, [])
  useEffect(() => {
    void load()
    void refresh()
  }, [load, refresh])
  const waits = items?.some(({ state }) => state === 'waiting')
  return (
    <>
      <h1>{say(words.transfer)}</h1>
      <p>
        {say(words.my_union)}: <strong>{holdings?.profile.organisation.name}</strong>
      </p>
      <Trouble error={error} />
      {items && !waits && <Asking onAsked={load} />}
      {items && items.length > 0 && (
        <section aria-label={say(words.transfer_history)}>
          <h2>{say(words.transfer_history)}</h2>
          {items.map((one) => (
            <Step key={one.id} transfer={one} onChange={load} />
          ))}
        </section>
      )}
    </>
  )
}

function Asking({ onAsked }: { readonly onAsked: () => Promise<void> }) {
  const { say } = useLanguage()
  const [key, setKey] = useState(randomId)
  const [error, setError] = useState<unknown>()
  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setError(undefined)
    const said = String(new FormData(event.currentTarget).get('union')).trim()
    const body = organisationCode.test(said)
      ? { org_code: said }
      : { join_code: said.split('/').at(-1) ?? '' }
    await askMember('POST', '/me/transfers', body, key).then(onAsked, setError)
    setKey(randomId())
  }
  return (
    <form className="card" onSubmit={send}>
      <p>{say(words.transfer_lead)}</p>
      <label>
        {say(words.transfer_to)}
        <input name="union" required maxLength={200} autoComplete="off" />
      </label>
      <p className="soft">{say(words.transfer_hint)}</p>
      <Trouble error={error} />
      <button type="submit">{say(words.transfer_ask)}</button>
    </form>
  )
}

function Step({
  transfer,
  onChange,
}: {
  readonly transfer: Transfer
  readonly onChange: () => Promise<void>
}) {
  const { say, language } = useLanguage()
  const [error, setError] = useState<unknown>()
  const { state, from, to, refused_by, reason } = transfer
  const asked = transfer.asked_by === 'union' ? words.transfer_asked_union : words.transfer_asked
  const ended = state === 'done' ? words.transfer_done_at : words.transfer_ended
  const steps = [
    [asked, transfer.asked_at],
    [words.transfer_released, transfer.released_at],
    [words.transfer_received, transfer.received_at],
    [ended, transfer.ended_at],
  ] as const
  const name = transferStateNames[state]
  async function withdraw() {
    await askMember('POST', `/me/transfers/${transfer.id}/withdraw`, {}).then(onChange, setError)
  }
  return (
    <div className="card">
      <p>
        <strong>{say(words.transfer_route, { from: from.name, to: to.name })}</strong>
      </p>
      <p>{name && say(name)}</p>
      {reason !== undefined && (
        <p className="note bad">
          {say(words.transfer_reason, {
            union: refused_by === 'release' ? from.name : to.name,
            reason,
          })}
        </p>
      )}
      <ol className="soft">
        {steps.map(
          ([text, at]) =>
            at !== undefined && (
              <li key={text.en}>{say(text, { time: timeText(at, language) })}</li>
            ),
        )}
      </ol>
      <Trouble error={error} />
      {state === 'waiting' && transfer.asked_by === 'member' && (
        <button type="button" onClick={withdraw}>
          {say(words.transfer_withdraw)}
        </button>
      )}
    </div>
  )
}
