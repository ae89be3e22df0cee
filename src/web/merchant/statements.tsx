import { useLanguage } from '../parts/language.tsx'
import { moneyText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { useAsked } from './asked.ts'
import { words } from './office-words.ts'

/** A statement as the API gives it. */
export interface Statement {
  readonly id: string
  readonly month: string
  readonly state: 'issued' | 'confirmed' | 'disputed' | 'approved' | 'paid'
  readonly lines: number
  readonly redeemed: number
  readonly reversed: number
  readonly adjusted: number
  readonly total: number
  readonly by_silence: boolean
  readonly bank_reference?: string
  readonly dispute?: { readonly reason: DisputeReason; readonly answer?: string }
}

export type DisputeReason =
  | 'missing_redemption'
  | 'wrong_amount'
  | 'not_ours'
  | 'reversal_not_made'
  | 'other'

/** The merchant's statements, latest month first: two years of them. */
export function Statements() {
  const { say, language } = useLanguage()
  const { answer, error } = useAsked<{ items: readonly Statement[] }>(
    '/merchant/statements?limit=24',
  )
  if (!answer) return error === undefined ? <p>{say(words.loading)}</p> : <Trouble error={error} />
  return (
    <>
      <p className="soft">{say(words.statements_lead)}</p>
      {answer.items.length === 0 && <p>{say(words.statements_none)}</p>}
      <ul className="list">
        {answer.items.map(({ id, month, state, total }) => (
          <li key={id}>
            <a className="card pair" href={`#/statements/${id}`}>
              <span>{month}</span>
              <span>{say(words[`state_${state}`])}</span>
              <strong>{moneyText(total, language)}</strong>
            </a>
          </li>
        ))}
      </ul>
    </>
  )
}
