import { useEffect, useState } from 'react'
import { Link } from 'wouter'

import { randomId } from '../parts/ask.ts'
import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { dayText, moneyText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { afterWords as words } from './after-words.ts'
import { counterAnswer } from './counter-answer.ts'
import { StoreDone } from './store-done.tsx'
import { useWallet, type Voucher } from './wallet.tsx'
import { words as usual } from './words.ts'

/** A store, as `GET /stores/{id}` tells. */
interface Place {
  readonly id: string
  readonly name: string
  readonly merchant: string
  /** Vouchers are used by its printed code; if not, the shop scans. */
  readonly printed_code: boolean
  readonly voucher_ids: readonly string[]
}

/** What is held, as the member confirms it. */
interface Held {
  readonly redemption_id: string
  readonly name: Words
  readonly amount: number
  readonly store: { readonly name: string; readonly merchant: string }
}

export interface Done extends Held {
  readonly voucher_id: string
  readonly redeemed_at: number
  readonly leaf_hash: string
}

/** A store's printed code was scanned: what may be used there, and one is chosen. */
export function StoreScreen({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const { holdings, refresh } = useWallet()
  const [place, setPlace] = useState<Place>()
  const [error, setError] = useState<unknown>()
  const [held, setHeld] = useState<Held>()
  const [done, setDone] = useState<Done>()
  const [over, setOver] = useState<Words>()
  useEffect(() => {
    askMember<Place>('GET', `/stores/${encodeURIComponent(id)}`).then(setPlace, setError)
  }, [id])
  if (done) return <StoreDone done={done} />
  if (held) {
    return (
      <Confirm
        held={held}
        onDone={(made) => {
          setDone(made)
          void refresh()
        }}
        onOver={(why) => {
          setHeld(undefined)
          setOver(why)
        }}
      />
    )
  }
  const usable = holdings?.vouchers.filter((one) => place?.voucher_ids.includes(one.id)) ?? []
  return (
    <>
      <h1>{place?.name ?? say(words.at_store)}</h1>
      <Trouble error={error} />
      {!place && error === undefined && <p>{say(usual.loading)}</p>}
      {over && (
        <p className="note" role="status">
          {say(over)}
        </p>
      )}
      {place && !place.printed_code && (
        <>
          <p className="soft">{place.merchant}</p>
          <p className="note">{say(words.shop_scans)}</p>
          <Link href="/vouchers" className="button main">
            {say(words.to_vouchers)}
          </Link>
        </>
      )}
      {place?.printed_code && (
        <section aria-label={say(words.choose_voucher)}>
          <p className="soft">{place.merchant}</p>
          <h2>{say(words.choose_voucher)}</h2>
          {usable.length === 0 && <p>{say(words.none_usable)}</p>}
          {usable.map((voucher) => (
            <Choice key={voucher.id} place={place} voucher={voucher} onHeld={setHeld} />
          ))}
        </section>
      )}
    </>
  )
}

/** One voucher: held for the store when it is chosen; asks what the purchase came to if it must. */
function Choice({
  place,
  voucher,
  onHeld,
}: {
  readonly place: Place
  readonly voucher: Voucher
  readonly onHeld: (held: Held) => void
}) {
  const { say, language } = useLanguage()
  const [error, setError] = useState<{ code?: string }>()
  const [yuan, setYuan] = useState('')
  const asks = error?.code === 'CONFIRMATION_REQUIRED' || error?.code === 'MIN_SPEND_NOT_MET'
  async function choose() {
    setError(undefined)
    const spent = yuan === '' ? {} : { order_amount: Math.round(Number(yuan) * 100) }
    const body = { voucher_id: voucher.id, ...spent }
    await askMember<Held>('POST', `/stores/${place.id}/member-redemptions`, body).then(
      onHeld,
      setError,
    )
  }
  return (
    <div className="card">
      <strong>{say(voucher.name)}</strong>
      <p className="soft">
        {moneyText(voucher.amount, language)} ·{' '}
        {say(usual.valid_to, { time: dayText(voucher.valid_to - 1, language) })}
      </p>
      <Trouble error={error} />
      {(asks || yuan !== '') && (
        <label>
          {say(words.order_amount)}
          <input
            type="number"
            min="0"
            step="0.01"
            value={yuan}
            onChange={({ target }) => setYuan(target.value)}
          />
        </label>
      )}
      <button type="button" onClick={choose}>
        {say(words.next)}
        <span className="hidden">{say(voucher.name)}</span>
      </button>
    </div>
  )
}

function Confirm({
  held,
  onDone,
  onOver,
}: {
  readonly held: Held
  readonly onDone: (done: Done) => void
  /** Nothing was used, and why. */
  readonly onOver: (why: Words) => void
}) {
  const { say, language } = useLanguage()
  const [key] = useState(randomId)
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const at = `/redemptions/${held.redemption_id}`
  const [waits, setWaits] = useState(false)
  const [left] = useState(() => new AbortController())
  useEffect(() => () => left.abort(), [left])
  async function confirm() {
    setBusy(true)
    setWaits(true)
    setError(undefined)
    const word = await counterAnswer(at, left.signal)
    setWaits(false)
    if (word === 'declined' || word === 'expired') return onOver(words[`counter_${word}`])
    // The same key however often it is asked: an answer that was lost is learned, never done twice.
    if (word) await askMember<Done>('POST', `${at}/member-confirm`, {}, key).then(onDone, setError)
    setBusy(false)
  }
  async function reject() {
    left.abort()
    const over = () => onOver(words.rejected)
    await askMember('POST', `${at}/member-reject`, {}).then(over, over)
  }
  return (
    <>
      <h1 className="digits">{held.store.name}</h1>
      <p className="soft">{held.store.merchant}</p>
      <p className="card">
        <strong className="digits">{moneyText(held.amount, language)}</strong>
        <br />
        {say(held.name)}
      </p>
      <p>{say(words.confirm_lead)}</p>
      {waits && (
        <p className="note" role="status">
          {say(words.waits)}
        </p>
      )}
      <Trouble error={error} />
      <button type="button" className="main" disabled={busy} onClick={confirm}>
        {say(words.confirm)}
      </button>
      <p>
        <button type="button" disabled={busy && !waits} onClick={reject}>
          {say(words.not_me)}
        </button>
      </p>
    </>
  )
}
