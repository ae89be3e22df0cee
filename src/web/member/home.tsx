import { Suspense } from 'react'
import { Link } from 'wouter'

import { day } from '../../base/clock.ts'
import { useLanguage } from '../parts/language.tsx'
import { late } from '../parts/late.tsx'
import { now } from '../parts/server-clock.ts'
import { VoucherCard } from './vouchers.tsx'
import { useWallet } from './wallet.tsx'
import { words } from './words.ts'

const expiringDays = 14

const HomeRegion = late(async () => ({ default: (await import('./region.tsx')).HomeRegion }))

const PortraitPicture = late(
  async () => ({ default: (await import('./portrait-picture.tsx')).PortraitPicture }),
  () => null,
)

/** The card, what is about to expire, and the one thing most people come for. */
export function Home() {
  const { say } = useLanguage()
  const { holdings } = useWallet()
  if (!holdings) return <p>{say(words.loading)}</p>
  const { profile, vouchers } = holdings
  const usable = vouchers
    .filter(({ state }) => state === 'active')
    .toSorted((a, b) => a.valid_to - b.valid_to)
  const expiring = usable.filter(({ valid_to }) => valid_to < now() + expiringDays * day)
  const offered = vouchers.filter(({ state }) => state === 'offered')
  const [next] = usable
  return (
    <>
      <h1 className="hidden">{say(words.title)}</h1>
      <Link href="/card" className="card id holder">
        <Suspense fallback={null}>
          <PortraitPicture />
        </Suspense>
        <div>
          <span className="soft">{profile.node.name}</span>
          <p>
            <strong className="digits">{profile.name_masked}</strong>
          </p>
          <p>{profile.organisation.name}</p>
          <p className="soft">{profile.member_no}</p>
          <strong>{say(words.show_card)} ›</strong>
        </div>
      </Link>
      {next && (
        <Link href={`/vouchers/${next.id}`} className="button main">
          {say(words.show_code)}
        </Link>
      )}
      <Link href="/scan" className="button">
        {say(words.scan_request)}
      </Link>
      {offered.length > 0 && (
        <section aria-label={say(words.offered)}>
          <h2>{say(words.offered)}</h2>
          {offered.map((voucher) => (
            <VoucherCard key={voucher.id} voucher={voucher} />
          ))}
        </section>
      )}
      <section aria-label={say(words.expiring)}>
        <h2>{say(words.expiring)}</h2>
        {expiring.length === 0 && <p className="soft">{say(words.none_expiring)}</p>}
        {expiring.map((voucher) => (
          <VoucherCard key={voucher.id} voucher={voucher} />
        ))}
      </section>
      <Suspense fallback={null}>
        <HomeRegion />
      </Suspense>
    </>
  )
}
