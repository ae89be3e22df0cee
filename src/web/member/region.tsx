import { useEffect, useState } from 'react'
import { Link } from 'wouter'

import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { useRemembered } from '../parts/remembered.ts'
import { afterWords as words } from './after-words.ts'
import { provinces } from './regions.ts'
import { useWallet } from './wallet.tsx'

/** A store, as `GET /stores` tells. */
export interface Store {
  readonly id: string
  readonly name: string
  readonly merchant: string
  readonly region: string
}

/** The region the member has chosen, their union's until they do; '' is everywhere. */
export function useRegion(): readonly [string, (region: string) => void] {
  const [chosen, choose] = useRemembered('region')
  const { holdings } = useWallet()
  const own = holdings?.profile.organisation.code.slice(0, 2) ?? ''
  const known = provinces.some(([code]) => code === own) ? own : ''
  return [chosen ?? known, choose]
}

/** Chooses the region whose benefits and stores come first. */
export function RegionChoice() {
  const { say } = useLanguage()
  const [region, choose] = useRegion()
  return (
    <label>
      {say(words.region)}
      <select value={region} onChange={({ target }) => choose(target.value)}>
        <option value="">{say(words.everywhere)}</option>
        {provinces.map(([code, name]) => (
          <option key={code} value={code}>
            {say(name)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** The benefits that some store of the chosen region takes; none while nobody has said. */
export function useTakenHere(): ReadonlySet<string> {
  const [region] = useRegion()
  const [benefits, setBenefits] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    if (region === '') return setBenefits(new Set())
    let over = false
    askMember<{ benefit_ids: string[] }>('GET', `/regions/${region}/benefits`).then(
      ({ benefit_ids }) => over || setBenefits(new Set(benefit_ids)),
      () => {},
    )
    return () => {
      over = true
    }
  }, [region])
  return benefits
}

/** On the first screen: the region, what the member is entitled to there, and its stores. */
export function HomeRegion() {
  const { say } = useLanguage()
  const { holdings } = useWallet()
  const [region] = useRegion()
  const [stores, setStores] = useState<readonly Store[]>([])
  const benefits = useTakenHere()
  useEffect(() => {
    const asked = region === '' ? '' : `&region=${region}`
    askMember<{ items: Store[] }>('GET', `/stores?limit=3${asked}`).then(
      ({ items }) => setStores(items),
      () => {},
    )
  }, [region])
  const mine: readonly { readonly benefit_id: string; readonly name: Words }[] =
    holdings?.rights.filter(
      ({ status, benefit_id }) => status === 'eligible' && benefits.has(benefit_id),
    ) ?? []
  return (
    <section aria-label={say(words.here_first)}>
      <h2>{say(words.here_first)}</h2>
      <RegionChoice />
      {mine.slice(0, 3).map(({ benefit_id, name }) => (
        <Link key={benefit_id} href={`/rights/${benefit_id}`} className="card">
          <strong>{say(name)}</strong>
        </Link>
      ))}
      {stores.map(({ id, name, merchant }) => (
        <div className="card" key={id}>
          {name} <span className="soft">{merchant}</span>
        </div>
      ))}
      <Link href="/stores" className="button">
        {say(words.find_stores)}
      </Link>
    </section>
  )
}
