import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react'

import type { Instant } from '../../base/clock.ts'
import { keepSealed, recallSealed } from '../parts/kept.ts'
import type { Words } from '../parts/language.tsx'
import { askMember, type Enrolment, enrolment } from '../parts/member-api.ts'
import { now } from '../parts/server-clock.ts'

/** The member, as `GET /me` tells. */
export interface Profile {
  readonly member_no: string
  readonly name_masked: string
  readonly standing: string
  readonly organisation: { readonly code: string; readonly name: string }
  readonly node: { readonly number: number; readonly name: string }
  /** Of the accepted portrait, as the credential states it. */
  readonly portrait_digest?: string
  /** None in what an older page has kept. */
  readonly unread_messages?: number
}

/** A voucher, as `GET /me/vouchers` tells. */
export interface Voucher {
  readonly id: string
  readonly benefit_id: string
  readonly kind: 'checkup' | 'insurance' | 'package' | 'coupon'
  readonly name: Words
  readonly state: 'offered' | 'active' | 'used' | 'suspended' | 'returned' | 'void' | 'expired'
  readonly uses_total: number
  readonly uses_left: number
  readonly amount: number
  readonly valid_from: Instant
  readonly valid_to: Instant
  readonly returnable: boolean
}

/** A benefit and what it is to this member, as `GET /me/rights` tells. */
export interface Right {
  readonly benefit_id: string
  readonly name: Words
  readonly description: Words
  readonly supply: 'batch' | 'stock'
  /** The stock is drawn. */
  readonly allocation?: 'fair_window' | 'lottery'
  readonly status: 'eligible' | 'not_yet' | 'ineligible' | 'need_info' | 'exhausted'
  readonly left?: number
  readonly because: readonly Words[]
  readonly blocked_by: readonly (Words & { readonly known: boolean })[]
  readonly how_to_fix: readonly Words[]
  readonly eligible_from?: string
}

/** What the phone holds, and when it last heard from the server. */
export interface Holdings {
  readonly profile: Profile
  readonly vouchers: readonly Voucher[]
  readonly rights: readonly Right[]
  readonly syncedAt: Instant
}

interface Wallet {
  /** `undefined` while it is being read, `null` before this phone is enrolled. */
  readonly enrolled: Enrolment | null | undefined
  readonly holdings: Holdings | undefined
  /** True when the latest try got no answer. */
  readonly offline: boolean
  refresh(): Promise<void>
  /** Reads again who this phone is: after it was enrolled, or has left. */
  reload(): Promise<void>
}

const keptName = 'holdings'
const Context = createContext<Wallet | undefined>(undefined)

/** What every screen reads from: the kept copy at once, the server's as soon as it answers. */
export function WalletProvider({ children }: { readonly children: ReactNode }) {
  const [enrolled, setEnrolled] = useState<Enrolment | null>()
  const [holdings, setHoldings] = useState<Holdings>()
  const [offline, setOffline] = useState(false)

  const refresh = useCallback(async () => {
    try {
      const fresh = await fetchHoldings()
      setHoldings(fresh)
      setOffline(false)
      await keepSealed(keptName, fresh)
      // The card is made ready while there is a network: it will be wanted where there is none.
      const { prepareCard } = await import('./capsule.ts')
      await prepareCard(fresh.profile).catch(() => {})
    } catch {
      setOffline(true)
    }
  }, [])
  const reload = useCallback(async () => {
    const known = (await enrolment()) ?? null
    const kept = known && (await recallSealed<Holdings>(keptName))
    setHoldings((shown) => (known ? (kept ?? shown) : undefined))
    setEnrolled(known)
    if (known) await refresh()
  }, [refresh])

  useEffect(() => {
    void reload()
    const again = () => document.visibilityState === 'visible' && void reload()
    addEventListener('online', again)
    document.addEventListener('visibilitychange', again)
    return () => {
      removeEventListener('online', again)
      document.removeEventListener('visibilitychange', again)
    }
  }, [reload])

  return <Context value={{ enrolled, holdings, offline, refresh, reload }}>{children}</Context>
}

/** The wallet of the page. */
export function useWallet(): Wallet {
  const wallet = useContext(Context)
  if (!wallet) throw new TypeError('no wallet around this screen')
  return wallet
}

async function fetchHoldings(): Promise<Holdings> {
  const [profile, vouchers, rights] = await Promise.all([
    askMember<Profile>('GET', '/me'),
    fetchVouchers(),
    askMember<{ items: Right[] }>('GET', '/me/rights'),
  ])
  return { profile, vouchers, rights: rights.items, syncedAt: now() }
}

async function fetchVouchers(): Promise<Voucher[]> {
  const all: Voucher[] = []
  let after: string | undefined = ''
  while (after !== undefined) {
    const path = `/me/vouchers?limit=200&after=${encodeURIComponent(after)}`
    const page: { items: Voucher[]; next?: string } = await askMember('GET', path)
    all.push(...page.items)
    after = page.next
  }
  return all
}
