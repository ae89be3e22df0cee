import { useState } from 'react'
import { Link } from 'wouter'

import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { dayText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { useWallet, type Voucher } from './wallet.tsx'
import { words } from './words.ts'

const states = {
  suspended: words.state_suspended,
  returned: words.state_returned,
  void: words.state_void,
  expired: words.state_expired,
  used: words.used,
} as const

/** The member's vouchers by what can be done with them; readable without a network. */
export function Vouchers() {
  const { say } = useLanguage()
  const { holdings } = useWallet()
  if (!holdings) return <p>{say(words.loading)}</p>
  const of = (...wanted: Voucher['state'][]) =>
    holdings.vouchers.filter(({ state }) => wanted.includes(state))
  const groups = [
    [words.available, of('active')],
    [words.offered, of('offered')],
    [words.used, of('used')],
    [words.over, of('suspended', 'returned', 'void', 'expired')],
  ] as const
  return (
    <>
      <h1>{say(words.vouchers)}</h1>
      {groups.map(([title, vouchers]) => (
        <section key={title.en} aria-label={say(title)}>
          <h2>
            {say(title)} {vouchers.length > 0 && <span className="soft">{vouchers.length}</span>}
          </h2>
          {vouchers.length === 0 && <p className="soft">{say(words.none_here)}</p>}
          {vouchers.map((voucher) => (
            <VoucherCard key={voucher.id} voucher={voucher} />
          ))}
        </section>
      ))}
    </>
  )
}

/** One voucher in a list. An offered one is taken here, an active one opens its code. */
export function VoucherCard({ voucher }: { readonly voucher: Voucher }) {
  const { say, language } = useLanguage()
  const { id, name, state, uses_total, uses_left, valid_to } = voucher
  const text = (
    <>
      <strong>{say(name)}</strong>
      <p className="soft">
        {state === 'active' || state === 'offered'
          ? say(words.valid_to, { time: dayText(valid_to - 1, language) })
          : say(states[state])}
        {uses_total > 1 && ` · ${say(words.uses_left, { left: uses_left })}`}
      </p>
    </>
  )
  if (state === 'offered') {
    return (
      <div className="card">
        {text}
        <Accept voucher={voucher} />
      </div>
    )
  }
  return (
    <Link href={`/vouchers/${id}`} className="card">
      {text}
    </Link>
  )
}

function Accept({ voucher }: { readonly voucher: Voucher }) {
  const { say } = useLanguage()
  const { refresh } = useWallet()
  const [key] = useState(randomId)
  const [error, setError] = useState<unknown>()
  async function accept() {
    setError(undefined)
    await askMember('POST', `/me/vouchers/${voucher.id}/claim`, {}, key).then(refresh, setError)
  }
  return (
    <>
      <Trouble error={error} />
      <button type="button" className="main" onClick={accept}>
        {say(words.accept)}
      </button>
    </>
  )
}
