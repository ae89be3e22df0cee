import { useLanguage } from '../parts/language.tsx'
import { moneyText, timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { useAsked } from './asked.ts'
import { words } from './office-words.ts'

interface Taken {
  readonly redemption_id: string
  readonly state: 'committed' | 'reversed'
  readonly amount: number
  readonly redeemed_at: number
}

/** What this terminal redeemed today, latest first, with its totals. No member is named. */
export function Today() {
  const { say, language } = useLanguage()
  const { answer, error } = useAsked<{ items: readonly Taken[] }>('/terminal/redemptions')
  if (!answer) return error === undefined ? <p>{say(words.loading)}</p> : <Trouble error={error} />
  const { items } = answer
  const stand = items.filter(({ state }) => state === 'committed')
  if (items.length === 0) return <p>{say(words.today_none)}</p>
  const amount = moneyText(
    stand.reduce((sum, one) => sum + one.amount, 0),
    language,
  )
  const undone = items.length - stand.length
  return (
    <>
      <p className="note good">
        {say(words.today_totals, { count: stand.length, undone, amount })}
      </p>
      <ul className="list">
        {items.map((one) => (
          <li key={one.redemption_id} className="card pair">
            <span>{timeText(one.redeemed_at, language)}</span>
            <span>{say(words[one.state])}</span>
            <strong>{moneyText(one.amount, language)}</strong>
          </li>
        ))}
      </ul>
    </>
  )
}
