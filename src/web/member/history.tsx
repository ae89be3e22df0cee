import { useEffect, useState } from 'react'
import { Link } from 'wouter'

import type { Instant } from '../../base/clock.ts'
import { useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { moneyText, timeText } from '../parts/times.ts'
import type { Voucher } from './wallet.tsx'
import { words } from './words.ts'

interface Redemption {
  readonly redemption_id: string
  readonly state: 'committed' | 'reversed'
  readonly amount: number
  readonly redeemed_at: Instant
  readonly reversed_at?: Instant
}

/** When and for how much a voucher was used, while there is a network to ask. */
export function History({ voucher }: { readonly voucher: Voucher }) {
  const { say, language } = useLanguage()
  const [made, setMade] = useState<readonly Redemption[]>([])
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when something happened
  useEffect(() => {
    askMember<{ redemptions: Redemption[] }>('GET', `/me/vouchers/${voucher.id}`)
      .then(({ redemptions }) => setMade(redemptions))
      .catch(() => {})
  }, [voucher.id, voucher.uses_left, voucher.state])
  if (made.length === 0) return null
  return (
    <section aria-label={say(words.history)}>
      <h2>{say(words.history)}</h2>
      {made.map((one) => (
        <Link className="card" key={one.redemption_id} href={`/redemptions/${one.redemption_id}`}>
          {say(words.redeemed_at, { time: timeText(one.redeemed_at, language) })}
          {' · '}
          {moneyText(one.amount, language)}
          {one.reversed_at !== undefined && (
            <p className="soft">
              {say(words.undone_at, { time: timeText(one.reversed_at, language) })}
            </p>
          )}
        </Link>
      ))}
    </section>
  )
}
