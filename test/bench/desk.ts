import { systemClock } from '../../src/base/clock.ts'
import { bucketOf, newId, newRandomId } from '../../src/base/id.ts'
import { benefitVersion } from '../../src/benefits/versions.ts'
import { adminAgent, type Server } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { type Deployment, openDeployment, serve } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { createClient, createStaff } from '../../src/identity/principals.ts'
import { rollUp } from '../../src/jobs/roll-up.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import type { Tx } from '../../src/store/store.ts'
import { issueChunk, type Recipient } from '../../src/vouchers/issue.ts'
import { benchDatabase, type Engine, quantile } from './database.ts'
import { foundBench, publishCoupon } from './redeem-ground.ts'

/** 31 provinces of 11 cities of 10 counties, and grassroots below each county: 334 000 in all. */
const shape = { provinces: 31, cities: 11, counties: 10, grassroots: 330_000 }
const memberCount = 1_000_000
const asked = 200

type Org = Tx['tables']['organisations']['$inferInsert']

/**
 * What a desk asks for most, over HTTP and one after the other, with 334 000 organisations and a
 * million members, each of whom has a voucher in the roll-ups: milliseconds by percentile.
 */
export async function benchDesk(engine: Engine) {
  const database = await benchDatabase(engine)
  const data = await foundBench(database.url)
  const config = readConfig({
    ...{ DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'error' },
  })
  const deployment = await openDeployment({ data, config })
  const orgs = await addOrganisations(deployment)
  const people = await addMembers(
    deployment,
    orgs.filter(({ level }) => level === 'grassroots'),
  )
  await issueToAll(deployment, people)
  const begun = performance.now()
  while (await rollUp({ store: deployment.store, clock: systemClock }));
  const counting = Math.round(performance.now() - begun)
  const { id, key } = await addDesk(deployment)
  const { url } = await serve(deployment, { config })
  const agent = await adminAgent({ url, clock: systemClock } as Server, id, key)
  const get = (path: string) => () => must(agent.ask('GET', path))
  const inner = orgs.filter(({ level }) => level !== 'grassroots')
  const any = <Item>(items: readonly Item[], i: number): Item =>
    items[(i * 7919) % items.length] as Item
  const operations: Record<string, (i: number) => () => Promise<unknown>> = {
    children: (i) => get(`/admin/organisations/${any(inner, i).code}/children`),
    search: (i) => get(`/admin/organisations?search=${encodeURIComponent(searches(orgs, i))}`),
    members: (i) => get(`/admin/members?org_code=${any(inner, i).code}`),
    member: (i) => get(`/admin/members/${any(people, i).memberId}`),
    find: (i) => () =>
      must(
        agent.ask('POST', '/admin/members/search', { member_no: `M${(i * 7919) % memberCount}` }),
      ),
    funnel: (i) => get(`/admin/funnel?org_code=${any(i % 4 ? inner : inner.slice(0, 1), i).code}`),
    funnel_top: () => get('/admin/funnel'),
    funnel_day: () => get('/admin/funnel?by=day'),
  }
  const result: Record<string, string | number> = { roll_up_ms: counting }
  for (const [name, operation] of Object.entries(operations)) {
    const times = await timesOf(operation)
    const at = (share: number) => quantile(times, share).toFixed(1)
    result[name] = `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`
  }
  return result
}

/** Names that many have, that one has, that nobody has, and codes by their beginning. */
function searches(orgs: readonly Org[], i: number): string {
  const one = orgs[(i * 7919) % orgs.length]
  return ['工会', one?.nameZh ?? '', `没有这样的名称${i}`, one?.code.slice(0, 8) ?? ''][i % 4] ?? ''
}

async function timesOf(operation: (i: number) => () => Promise<unknown>): Promise<number[]> {
  for (let i = 0; i < 5; i++) await operation(i + asked)()
  const times: number[] = []
  for (let i = 0; i < asked; i++) {
    const begun = performance.now()
    await operation(i)()
    times.push(performance.now() - begun)
  }
  return times
}

async function addOrganisations({ store }: Deployment): Promise<Org[]> {
  const createdAt = systemClock()
  const rows: Org[] = []
  const add = (parent: Pick<Org, 'code' | 'path'>, code: string, level: Org['level']) => {
    const path = `${parent.path}${code}/`
    const nameZh = `${code}号${level === 'grassroots' ? '企业' : '地方'}工会`
    const region = Number(code.slice(0, 6))
    const row: Org = { code, parentCode: parent.code, level, nameZh, path, region, createdAt }
    rows.push(row)
    return row
  }
  const two = (n: number) => String(n + 10)
  const counties: Org[] = []
  for (let p = 0; p < shape.provinces; p++) {
    const root = { code: '000000', path: '000000/' }
    const province = add(root, `${two(p)}0000`, 'provincial')
    for (let c = 0; c < shape.cities; c++) {
      const city = add(province, `${two(p)}${two(c)}00`, 'municipal')
      for (let d = 0; d < shape.counties; d++) {
        counties.push(add(city, `${two(p)}${two(c)}${two(d)}`, 'county'))
      }
    }
  }
  for (let i = 0; i < shape.grassroots; i++) {
    const county = counties[i % counties.length]
    if (county) add(county, `${county.code}${String(i).padStart(6, '0')}`, 'grassroots')
  }
  for (let i = 0; i < rows.length; i += 10_000) {
    const part = rows.slice(i, i + 10_000)
    await store.transaction((tx) => tx.insertMany(tx.tables.organisations, part))
  }
  return rows
}

async function addMembers({ store }: Deployment, orgs: readonly Org[]): Promise<Recipient[]> {
  const now = systemClock()
  const made: Recipient[] = []
  for (let from = 0; from < memberCount; from += 10_000) {
    const rows = Array.from({ length: 10_000 }, (_, i) => {
      const personId = newRandomId()
      const orgCode = orgs[(from + i) % orgs.length]?.code ?? ''
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
          ...{ standing: 'active' as const, occupation: 'courier', createdAt: now, updatedAt: now },
        })),
      )
    })
    made.push(...rows)
  }
  return made
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

async function addDesk({ store, node }: Deployment) {
  const now = systemClock()
  const key = newEs256Key()
  const { id } = await store.transaction(async (tx) => {
    const owner = await createStaff(tx, { name: 'bench', grants: [], now })
    const grants = [{ role: 'admin' as const, orgCode: '000000' }]
    return createClient(tx, node, { ownerId: owner.id, name: 'desk', grants, now, jwk: key.jwk })
  })
  return { id, key }
}
