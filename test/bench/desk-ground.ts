import {
  createReadStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { type Instant, systemClock } from '../../src/base/clock.ts'
import { bucketOf, newId, newRandomId } from '../../src/base/id.ts'
import { benefitVersion } from '../../src/benefits/versions.ts'
import { type Deployment, openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { type OrganisationRow, readOrganisationFile } from '../../src/identity/organisation-file.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { rollUp } from '../../src/jobs/roll-up.ts'
import { sequence } from '../../src/jobs/sequencer.ts'
import { migratePostgres } from '../../src/store/postgres.ts'
import { createSqlite, migrateSqlite } from '../../src/store/sqlite.ts'
import { issueChunk, type Recipient } from '../../src/vouchers/issue.ts'
import { benchDatabase, type Engine } from './database.ts'
import { addHistory } from './desk-history.ts'
import { foundBench, publishCoupon } from './redeem-ground.ts'

/** The divisions of the country, and what one of them is called without 总工会. */
const country = new URL('../support/organisations.csv', import.meta.url)
/** Unions and people of the whole country that a share of 1 founds. */
const whole = { organisations: 334_000, members: 1_000_000 }
const unionsOfBigCounty = 1000

/** A union's node with its organisations, members and a voucher for each of them, counted. */
export interface DeskGround {
  readonly deployment: Deployment
  readonly config: ReturnType<typeof readConfig>
  readonly memberCount: number
  /** When it was founded: its offers are open around then. */
  readonly foundedAt: Instant
}

/**
 * Founds a share of the country, or opens what was founded before: on SQLite it is kept below
 * `data/`, on PostgreSQL where `DESK_DATABASE_URL` names a database. Says on standard error how
 * long each part took.
 */
export async function deskGround(engine: Engine, share: number): Promise<DeskGround> {
  const folder = join('data', `bench-desk-${engine}-${share}`)
  const memberCount = Math.round(whole.members * share)
  const mark = join(folder, 'founded.json')
  if (existsSync(mark)) {
    const { foundedAt, url } = JSON.parse(readFileSync(mark, 'utf8'))
    const config = configOf(url)
    // A newer schema than it was founded with is no reason to found it again.
    if (engine === 'sqlite') migrateSqlite(join(folder, 'symbolon.db'))
    else await migratePostgres(url)
    return {
      deployment: await openDeployment({ data: folder, config }),
      config,
      memberCount,
      foundedAt,
    }
  }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const url = await databaseIn(folder, engine)
  const foundedAt = systemClock()
  const config = configOf(url)
  await foundBench(url, folder)
  const deployment = await openDeployment({ data: folder, config })
  const unions = await timed('organisations', () => addOrganisations(deployment, share))
  const people = await timed('members', () => addMembers(deployment, unions, memberCount))
  await timed('vouchers', () => issueToAll(deployment, people))
  await timed('roll-up', () => count(deployment))
  await timed('history', () => addHistory(deployment, unions))
  const kept = engine === 'sqlite' || process.env.DESK_DATABASE_URL
  if (kept) writeFileSync(mark, JSON.stringify({ foundedAt, url }))
  return { deployment, config, memberCount, foundedAt }
}

async function databaseIn(folder: string, engine: Engine): Promise<string> {
  const named = process.env.DESK_DATABASE_URL
  if (engine === 'sqlite') createSqlite(join(folder, 'symbolon.db'))
  else if (!named) return (await benchDatabase(engine)).url
  else await migratePostgres(named)
  return engine === 'postgres' && named ? named : `sqlite:${join(folder, 'symbolon.db')}`
}

function configOf(url: string) {
  return readConfig({ DATABASE_URL: url, PORT: '0', LOG_LEVEL: 'error' })
}

async function timed<T>(what: string, run: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const result = await run()
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  const megabytes = Math.round(process.memoryUsage.rss() / 2 ** 20)
  process.stderr.write(`${what}: ${seconds} s, ${megabytes} MB\n`)
  return result
}

/** The divisions and below the counties, as one file would bring them; answers the grassroots. */
async function addOrganisations({ store }: Deployment, share: number): Promise<string[]> {
  const divisions = await readOrganisationFile(createReadStream(country))
  const grassroots = grassrootsOf(divisions, Math.round(whole.organisations * share))
  const rows = [...divisions, ...grassroots]
  await store.transaction((tx) => importOrganisations(tx, rows, systemClock()), { bulk: true })
  return grassroots.map(({ code }) => code)
}

const marks = [...'鑫宏瑞恒泰华盛祥德福兴隆源达通顺和安康美嘉信诚永昌广博远新天']
const trades = '建材 物流 餐饮 纺织 机械 电子 化工 服装 食品 医药 印刷 家具 环保'.split(' ')

/** One county in seventy has a thousand, the others share what is left. */
function grassrootsOf(divisions: readonly OrganisationRow[], total: number): OrganisationRow[] {
  const counties = divisions.filter(({ level }) => level === 'county')
  const count = total - divisions.length
  const big = Math.round(count / 8 / unionsOfBigCounty)
  return Array.from({ length: count }, (_, i) => {
    const inBig = Math.floor(i / unionsOfBigCounty)
    const county = counties[inBig < big ? inBig * 70 : i % counties.length] as OrganisationRow
    const place = county.nameZh.replace('总工会', '')
    const mark = (n: number) => marks[n % marks.length] ?? ''
    const trade = trades[(i * 7) % trades.length] ?? ''
    const name = mark(i) + mark(Math.floor(i / marks.length)) + trade
    return {
      row: divisions.length + i + 2,
      code: county.code + String(i).padStart(6, '0'),
      parentCode: county.code,
      level: 'grassroots',
      nameZh: `${place}${name}有限公司工会委员会`,
    }
  })
}

/** Gives what waits its place in the log, which SQLite does at each commit, and counts it. */
async function count({ store, logs }: Deployment): Promise<void> {
  const given = { store, clock: systemClock }
  const sequencing = { ...given, logs, onIncluded: () => {} }
  if (store.engine === 'postgres') while (await sequence(sequencing));
  while (await rollUp(given));
}

/** In the order of the persons' ids, so that no index is written all over the place. */
async function addMembers(
  { store }: Deployment,
  unions: readonly string[],
  count: number,
): Promise<Recipient[]> {
  const now = systemClock()
  const made: Recipient[] = []
  const ids = Array.from({ length: count }, () => newRandomId()).sort()
  for (let from = 0; from < count; from += 20_000) {
    const rows = ids.slice(from, from + 20_000).map((personId, i) => {
      const orgCode = unions[(from + i) % unions.length] ?? ''
      return { personId, memberId: newId(now), bucket: bucketOf(personId), n: from + i, orgCode }
    })
    await store.transaction(async (tx) => {
      const { persons, members } = tx.tables
      await tx.insertMany(
        persons,
        rows.map(({ personId }) => ({ id: personId, createdAt: now })),
      )
      await tx.insertMany(
        members,
        rows.map(({ memberId, bucket, personId, n, orgCode }) => ({
          ...{ id: memberId, bucket, personId, memberNo: `M${n}`, name: '王芳', orgCode },
          ...{ standing: standingOf(n), occupation: 'courier', createdAt: now, updatedAt: now },
        })),
      )
    })
    made.push(...rows)
  }
  return made
}

/** Two of a hundred are retired, one of five hundred is suspended. */
function standingOf(n: number): 'active' | 'retired' | 'suspended' {
  if (n % 50 === 7) return 'retired'
  return n % 500 === 3 ? 'suspended' : 'active'
}

async function issueToAll(deployment: Deployment, people: readonly Recipient[]): Promise<void> {
  const { store, node } = deployment
  const benefit = await benefitVersion(store.read, await publishCoupon(deployment, 1), 1)
  if (!benefit) throw new TypeError('the benefit is gone')
  for (let i = 0; i < people.length; i += 2000) {
    const recipients = people.slice(i, i + 2000)
    const given = { batchId: 'bench', benefit, delivery: 'offer' as const, recipients }
    await store.transaction((tx) => issueChunk(tx, node, { ...given, now: systemClock() }))
  }
}
