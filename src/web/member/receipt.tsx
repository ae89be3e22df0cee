import { useCallback, useEffect, useState } from 'react'

import { randomId } from '../parts/ask.ts'
import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { moneyText, timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { afterWords as words } from './after-words.ts'
import { Proof } from './proof.tsx'
import { words as usual } from './words.ts'

const reasons = {
  not_me: words.not_me_reason,
  not_received: words.not_received,
  wrong_amount: words.wrong_amount,
  wrong_goods: words.wrong_goods,
} as const

type Reason = keyof typeof reasons

/** A redemption, as `GET /me/redemptions` tells. */
interface Receipt {
  readonly redemption_id: string
  readonly voucher_id: string
  readonly name: Words
  readonly store: { readonly id: string; readonly name: string }
  readonly merchant: string
  /** The node whose shop it was, if it was another’s. */
  readonly node?: number
  readonly amount: number
  readonly state: 'committed' | 'reversed'
  readonly redeemed_at: number
  readonly collected_by?: string
  readonly leaf_hash: string
  readonly report?: {
    readonly reason: Reason
    readonly state: 'open' | 'reversed' | 'no_fault'
    readonly answer?: string
  }
}

/** Where, when and what; the proof of it; and what the member says against it. */
export function ReceiptScreen({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const [receipt, setReceipt] = useState<Receipt | null>()
  const [error, setError] = useState<unknown>()
  const load = useCallback(async () => {
    await askMember<{ items: Receipt[] }>('GET', '/me/redemptions').then(
      ({ items }) => setReceipt(items.find(({ redemption_id }) => redemption_id === id) ?? null),
      setError,
    )
  }, [id])
  useEffect(() => void load(), [load])
  if (!receipt) {
    return (
      <>
        <h1>{say(words.receipt)}</h1>
        <Trouble error={error} />
        {error === undefined && <p>{say(receipt === null ? usual.none_here : usual.loading)}</p>}
      </>
    )
  }
  const lines: readonly (readonly [Words, string])[] = [
    [
      words.where,
      receipt.node === undefined
        ? `${receipt.store.name} · ${receipt.merchant}`
        : say(words.elsewhere, { node: String(receipt.node) }),
    ],
    [words.when, timeText(receipt.redeemed_at, language)],
    [words.what, say(receipt.name)],
    [words.amount, moneyText(receipt.amount, language)],
    ...(receipt.collected_by ? [[words.picked_up_by, receipt.collected_by] as const] : []),
  ]
  return (
    <>
      <h1>{say(words.receipt)}</h1>
      {receipt.state === 'reversed' && <p className="note">{say(words.was_undone)}</p>}
      <dl className="card">
        {lines.map(([name, value]) => (
          <div key={name.en}>
            <dt className="soft">{say(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Proof voucher={receipt.voucher_id} leaf={receipt.leaf_hash} />
      <Case receipt={receipt} onChange={load} />
    </>
  )
}

function Case({
  receipt,
  onChange,
}: {
  readonly receipt: Receipt
  readonly onChange: () => Promise<void>
}) {
  const { say } = useLanguage()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState<Reason>('not_me')
  const [key] = useState(randomId)
  const [error, setError] = useState<unknown>()
  const { report } = receipt
  if (report) {
    return (
      <div className="note" role="status" data-case={report.state}>
        <p>{say(words[`case_${report.state}`], { reason: say(reasons[report.reason]) })}</p>
        {report.answer && <p>{report.answer}</p>}
      </div>
    )
  }
  if (receipt.state === 'reversed') return null
  async function send() {
    setError(undefined)
    const path = `/me/redemptions/${receipt.redemption_id}/report`
    await askMember('POST', path, { reason }, key).then(onChange, setError)
  }
  if (!asking) {
    return (
      <p>
        <button type="button" onClick={() => setAsking(true)}>
          {say(words.not_me)}
        </button>
      </p>
    )
  }
  return (
    <fieldset className="note">
      <legend>{say(words.report_lead)}</legend>
      {(Object.keys(reasons) as Reason[]).map((one) => (
        <label className="check" key={one}>
          <input
            type="radio"
            name="reason"
            checked={one === reason}
            onChange={() => setReason(one)}
          />
          {say(reasons[one])}
        </label>
      ))}
      <Trouble error={error} />
      <div className="bar">
        <button type="button" onClick={send}>
          {say(words.report_do)}
        </button>
        <button type="button" onClick={() => setAsking(false)}>
          {say(usual.no)}
        </button>
      </div>
    </fieldset>
  )
}
