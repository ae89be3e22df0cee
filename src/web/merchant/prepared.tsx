import type { FormEvent } from 'react'
import { Answer } from '../parts/answer.tsx'
import { useLanguage } from '../parts/language.tsx'
import { moneyText } from '../parts/times.ts'
import type { Details, Preparation } from './redeeming.ts'
import { words } from './words.ts'

/** What is about to be redeemed, and what the benefit asks the counter for. */
export function Prepared({
  preparation,
  onRedeem,
  onBack,
}: {
  readonly preparation: Preparation
  readonly onRedeem: (preparation: Preparation, details: Details) => void
  readonly onBack: () => void
}) {
  const { say, language } = useLanguage()
  const { benefit, amount, member_name: name, uses_left: left, collector } = preparation
  const { needs, minimum_spend, pick_up_point, collector_allowed } = benefit

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (field: string) => String(form.get(field) ?? '').trim()
    onRedeem(preparation, {
      ...(text('order_amount') && { order_amount: Math.round(Number(text('order_amount')) * 100) }),
      ...(text('policy_number') && { policy_number: text('policy_number') }),
      ...(text('collector') && { collector: text('collector') }),
    })
  }

  const asks = needs.length > 0 || collector_allowed === true || collector !== undefined
  return (
    <Answer mood={asks ? 'warn' : 'good'} words={say(benefit.name)} spoken={say(words.ready)}>
      <p>
        {say(words.member, { name })} · {moneyText(amount, language)}
        {left > 1 && ` · ${say(words.uses_left, { left })}`}
      </p>
      {collector && (
        <p>
          <strong>
            {say(words.sent, { name: collector.name, digits: collector.mobile_last4 })}
          </strong>
        </p>
      )}
      {pick_up_point && <p>{say(words.pick_up, { place: pick_up_point })}</p>}
      <form onSubmit={submit}>
        {needs.includes('order_amount') && (
          <label>
            {say(words.order_amount)}{' '}
            {minimum_spend !== undefined &&
              say(words.minimum, { amount: moneyText(minimum_spend, language) })}
            <input name="order_amount" type="number" min="0" step="0.01" required />
          </label>
        )}
        {needs.includes('policy_number') && (
          <label>
            {say(words.policy_number)}
            <input name="policy_number" pattern="[!-~]{1,64}" required />
          </label>
        )}
        {collector_allowed && !collector && (
          <label>
            {say(words.collector)}
            <input name="collector" maxLength={64} />
          </label>
        )}
        <button type="submit" className="card">
          <strong>{say(words.redeem)}</strong>
        </button>
      </form>
      <button type="button" className="card" onClick={onBack}>
        {say(words.no)}
      </button>
    </Answer>
  )
}
