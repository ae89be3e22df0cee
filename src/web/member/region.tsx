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

/** A place, as `GET /regions` tells. */
interface Place {
  readonly region: string
  readonly name: string
}

/** The places directly below a region; none before one is chosen. */
function usePlaces(within: string): readonly Place[] {
  const [told, setTold] = useState<{ within: string; items: readonly Place[] }>()
  useEffect(() => {
    if (within.length !== 2 && within.length !== 4) return
    let over = false
    askMember<{ items: Place[] }>('GET', `/regions?within=${within}`).then(
      ({ items }) => over || setTold({ within, items }),
      () => {},
    )
    return () => {
      over = true
    }
  }, [within])
  return told?.within === within ? told.items : []
}

/** The names of the chosen region, from the province down, and what lies below each. */
function useChosen() {
  const { say } = useLanguage()
  const [region, choose] = useRegion()
  const province = region.slice(0, 2)
  const cities = usePlaces(province)
  const city = cities.find((one) => region.startsWith(one.region))
  const districts = usePlaces(city?.region.length === 4 ? city.region : '')
  const district = districts.find((one) => region.startsWith(one.region))
  const [, words] = provinces.find(([code]) => code === province) ?? []
  const names = [words && say(words), city?.name, district?.name].filter((one) => one !== undefined)
  return { region, choose, province, cities, city, districts, district, names }
}

/** Tells where a store is, as far down as the names of the chosen region's places reach. */
export function usePlaceName(): (code: string) => string {
  const { say } = useLanguage()
  const { cities, districts } = useChosen()
  return (code) => {
    const [, province] = provinces.find(([prefix]) => code.startsWith(prefix)) ?? []
    const below = [cities, districts].map((of) => of.find(({ region }) => code.startsWith(region)))
    const names = [province && say(province), ...below.map((place) => place?.name)]
    return names.filter((one) => one !== undefined).join(' · ') || code
  }
}

/** A select whose first choice is the whole of what lies above it. */
function Level({
  label,
  whole,
  value,
  of,
  onChoose,
}: {
  readonly label: string
  readonly whole: readonly [value: string, name: string]
  readonly value: string
  readonly of: readonly Place[]
  readonly onChoose: (region: string) => void
}) {
  return (
    <label>
      {label}
      <select value={value} onChange={({ target }) => onChoose(target.value)}>
        <option value={whole[0]}>{whole[1]}</option>
        {of.map(({ region, name }) => (
          <option key={region} value={region}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Chooses the region whose benefits and stores come first: province, city, district. */
export function RegionChoice() {
  const { say } = useLanguage()
  const { choose, province, cities, city, districts, district, names } = useChosen()
  const all = provinces.map(([region, name]) => ({ region, name: say(name) }))
  const everywhere = say(words.everywhere)
  return (
    <>
      <Level
        {...{ label: say(words.region), whole: ['', everywhere], of: all, onChoose: choose }}
        value={province}
      />
      {cities.length > 0 && (
        <Level
          {...{ label: say(words.city), whole: [province, say(words.whole)], of: cities }}
          {...{ value: city?.region ?? province, onChoose: choose }}
        />
      )}
      {city && districts.length > 0 && (
        <Level
          {...{ label: say(words.district), whole: [city.region, say(words.whole)] }}
          {...{ of: districts, value: district?.region ?? city.region, onChoose: choose }}
        />
      )}
      <p className="soft" role="status">
        {say(words.shown_first, { place: names.join(' · ') || everywhere })}
      </p>
    </>
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
