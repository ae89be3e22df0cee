import { useEffect, useState } from 'react'

import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import { afterWords as words } from './after-words.ts'
import { RegionChoice, type Store, usePlaceName, useRegion } from './region.tsx'
import { useWallet } from './wallet.tsx'

interface Page {
  readonly items: readonly Store[]
  readonly next?: string
  readonly pick_up_point?: string
}

/** Where vouchers are taken: a list, by region and benefit. */
export function StoresScreen() {
  const { say } = useLanguage()
  const { holdings } = useWallet()
  const [region] = useRegion()
  const placeName = usePlaceName()
  const [benefit, setBenefit] = useState('')
  const [after, setAfter] = useState('')
  const [found, setFound] = useState<readonly Store[]>([])
  const [page, setPage] = useState<Page>()
  const [error, setError] = useState<unknown>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question starts from the top
  useEffect(() => setAfter(''), [region, benefit])
  useEffect(() => {
    const query = new URLSearchParams({ limit: '30', after })
    if (region !== '') query.set('region', region)
    if (benefit !== '') query.set('benefit', benefit)
    setError(undefined)
    let over = false
    askMember<Page>('GET', `/stores?${query}`).then((one) => {
      if (over) return
      setPage(one)
      setFound((before) => (after === '' ? one.items : [...before, ...one.items]))
    }, setError)
    return () => {
      over = true
    }
  }, [region, benefit, after])
  const known = new Map<string, Words>()
  for (const { benefit_id, name } of [...(holdings?.vouchers ?? []), ...(holdings?.rights ?? [])]) {
    known.set(benefit_id, name)
  }
  return (
    <>
      <h1>{say(words.find_stores)}</h1>
      <RegionChoice />
      <label>
        {say(words.benefit)}
        <select value={benefit} onChange={({ target }) => setBenefit(target.value)}>
          <option value="">{say(words.any_benefit)}</option>
          {[...known].map(([id, name]) => (
            <option key={id} value={id}>
              {say(name)}
            </option>
          ))}
        </select>
      </label>
      <Trouble error={error} />
      {page?.pick_up_point && (
        <p className="note">{say(words.pick_up_point, { place: page.pick_up_point })}</p>
      )}
      {page && found.length === 0 && <p>{say(words.no_stores)}</p>}
      {found.map(({ id, name, merchant, region: code }) => (
        <div className="card" key={id}>
          <strong>{name}</strong>
          <p className="soft">
            {merchant} · {placeName(code)}
          </p>
        </div>
      ))}
      {page?.next && (
        <button type="button" onClick={() => setAfter(page.next ?? '')}>
          {say(words.more)}
        </button>
      )}
    </>
  )
}
