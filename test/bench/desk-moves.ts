import { sql } from 'drizzle-orm'

import { systemClock } from '../../src/base/clock.ts'
import { mergeOrganisation, planMerger } from '../../src/benefits/merge-organisation.ts'
import { moveOrganisation } from '../../src/identity/organisations.ts'
import type { Store, Tx } from '../../src/store/store.ts'

/** What is tried is undone: the ground stays as it was. */
class Undone extends Error {}

/**
 * What moving and merging the county with the most unions costs, in milliseconds of the
 * transaction, and what it moves; and the move of the province with the most.
 */
export async function benchMoves(store: Store): Promise<Record<string, string>> {
  const county = await largest(store, 'county', 6)
  const others = await store.read.rows<{ code: string }>(sql`
    select code from organisations where level = 'county' and code <> ${county.code}
    order by code desc limit 1`)
  const into = others[0]?.code ?? ''
  const merging = { code: county.code, into }
  const { organisations, members } = await planMerger(store.read, merging)
  const below = `${organisations} unions below it, ${members} members of its own`
  const plan = await undone(store, (tx) => planMerger(tx, merging))
  const merge = await undone(store, (tx) => mergeOrganisation(tx, merging, systemClock()))
  const [city] = await store.read.rows<{ parent: string }>(sql`
    select parent_code as "parent" from organisations where code = ${into}`)
  const parent = city?.parent ?? ''
  const move = await undone(store, (tx) => moveOrganisation(tx, county.code, parent))
  const municipal = await largest(store, 'municipal', 4)
  const [province] = await store.read.rows<{ code: string }>(sql`
    select code from organisations where level = 'provincial'
    and code <> ${`${municipal.code.slice(0, 2)}0000`} order by code desc limit 1`)
  const target = province?.code ?? ''
  const moveCity = await undone(store, (tx) => moveOrganisation(tx, municipal.code, target))
  return {
    merge_planned: `${plan} ms`,
    merge_county: `${merge} ms (${below})`,
    move_county: `${move} ms`,
    move_city: `${moveCity} ms (${municipal.count} below it)`,
  }
}

/** The organisation of a level with the most below it, by the beginning of their codes. */
async function largest({ read }: Store, level: string, digits: number) {
  const [found] = await read.rows<{ code: string; count: number }>(sql`
    select o.code as "code", n.count as "count" from organisations o join (
      select substr(code, 1, cast(${digits} as integer)) as start, count(*) as count
      from organisations group by 1) n on n.start = substr(o.code, 1, cast(${digits} as integer))
    where o.level = ${level} order by n.count desc, o.code limit 1`)
  if (!found) throw new TypeError(`no ${level}`)
  return found
}

async function undone(store: Store, work: (tx: Tx) => Promise<unknown>): Promise<number> {
  const times: number[] = []
  await store
    .transaction(
      async (tx) => {
        const begun = performance.now()
        await work(tx)
        times.push(performance.now() - begun)
        throw new Undone()
      },
      { bulk: true },
    )
    .catch((error) => {
      if (!(error instanceof Undone)) throw error
    })
  return Math.round(times[0] ?? Number.NaN)
}
