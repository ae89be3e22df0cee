import { isNull } from 'drizzle-orm'

import { systemClock } from '../../src/base/clock.ts'
import { adminAgent, type Server } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { type Deployment, serve } from '../../src/compose.ts'
import { createClient, createStaff } from '../../src/identity/principals.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import type { Store } from '../../src/store/store.ts'
import { type Engine, quantile } from './database.ts'
import { type DeskGround, deskGround } from './desk-ground.ts'
import { benchMoves } from './desk-moves.ts'

const asked = Number(process.env.DESK_ASKED ?? 200)

type Agent = Awaited<ReturnType<typeof adminAgent>>
type Operations = Record<string, (i: number) => Promise<unknown>>

/**
 * What a desk asks for most, over HTTP and one after the other, with 334 000 organisations and a
 * million members, each of whom has a voucher in the roll-ups: milliseconds by percentile.
 * `DESK_SHARE` founds a part of that (0.1), `DESK_ASKED` asks less of each than 200, `DESK_ONLY`
 * names what is asked.
 */
export async function benchDesk(engine: Engine) {
  const ground = await deskGround(engine, Number(process.env.DESK_SHARE ?? 1))
  const { deployment, config, foundedAt } = ground
  // As if it had been founded just now: no offer has lapsed.
  const ahead = systemClock() - foundedAt
  const clock = () => systemClock() - ahead
  const { id, key } = await addDesk(deployment)
  const { url } = await serve(deployment, { config, clock })
  const agent = await adminAgent({ url, clock } as Server, id, key)
  const only = process.env.DESK_ONLY?.split(',')
  const result: Record<string, string> = {}
  for (const [name, operation] of Object.entries(await operationsOf(ground, agent))) {
    if (only && !only.includes(name)) continue
    const { times, processor } = await timesOf(operation)
    const at = (share: number) => quantile(times, share).toFixed(1)
    const waited = `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`
    result[name] = `${waited}, processor ${processor.toFixed(1)} ms`
    process.stderr.write(`${name} ${result[name]}\n`)
  }
  if (only && !only.includes('moves')) return result
  return { ...result, ...(await benchMoves(deployment.store)) }
}

async function operationsOf(ground: DeskGround, { ask }: Agent): Promise<Operations> {
  const { deployment, memberCount } = ground
  const { inner, unions, members } = await subjects(deployment.store, memberCount)
  const any = <Item>(items: readonly Item[], i: number): Item =>
    items[(i * 7919) % items.length] as Item
  const get = (path: string) => must(ask('GET', `/admin${path}`))
  const found = (text: string) => get(`/organisations?search=${encodeURIComponent(text)}`)
  const name = (i: number) => any(unions, i).nameZh
  return {
    tops: () => get('/organisations'),
    children: (i) => get(`/organisations/${any(inner, i)}/children`),
    search_common: (i) => found(['工会', '有限公司', '建材', '县'][i % 4] ?? ''),
    search_begin: (i) => found(name(i).slice(0, 4)),
    search_middle: (i) => found(name(i).slice(-14, -9)),
    search_two: (i) => found(name(i).slice(-13, -11)),
    search_whole: (i) => found(name(i)),
    search_none: (i) => found(['没有', 'zq', `没有这样的名称${i}`, 'Q'][i % 4] ?? ''),
    search_code: (i) => found(any(unions, i).code.slice(0, i % 2 ? 8 : 12)),
    members: (i) => get(`/members?org_code=${any(inner, i)}`),
    members_retired: (i) => get(`/members?org_code=${any(inner, i)}&standing=retired`),
    members_suspended: (i) => get(`/members?org_code=${any(inner, i)}&standing=suspended`),
    members_left: () => get('/members?org_code=000000&standing=left'),
    member: (i) => get(`/members/${any(members, i)}`),
    member_vouchers: (i) => get(`/members/${any(members, i)}/vouchers`),
    find: (i) => {
      const member_no = `M${(i * 7919) % memberCount}`
      return must(ask('POST', '/admin/members/search', { member_no }))
    },
    funnel: (i) => get(`/funnel?org_code=${any(inner, i)}`),
    funnel_day: (i) => get(`/funnel?by=day&org_code=${any(inner, i)}`),
    funnel_top: () => get('/funnel'),
    funnel_top_benefit: () => get('/funnel?by=benefit'),
    funnel_top_day: () => get('/funnel?by=day'),
    funnel_province: (i) => get(`/funnel?org_code=${i % 2 ? '640000' : '440000'}`),
    alerts: () => get('/alerts'),
    budget_burn: () => get('/budget-burn'),
    refusals: () => get('/refusals'),
    approvals: () => get('/batches?state=submitted'),
    batches: () => get('/batches'),
    applications: (i) => get(`/applications?org_code=${any(inner, i)}&state=waiting`),
    applications_top: () => get('/applications?org_code=000000&state=waiting'),
    applications_all: (i) => get(`/applications?org_code=${any(inner, i)}`),
    join_codes: (i) => get(`/join-codes?org_code=${i % 2 ? '000000' : any(inner, i)}`),
    transfers: () => get('/transfers?state=waiting'),
    portraits: () => get('/portraits'),
    programmes: () => get('/programmes'),
    merchants: () => get('/merchants'),
    statements: () => get('/statements'),
    freezes: () => get('/freezes'),
    outbox: () => get('/outbox'),
    merger: (i) =>
      get(`/organisations/${any(unions, i).code}/merger?into=${any(unions, i + 1).code}`),
  }
}

/** Whom and what is asked for: every organisation above others, and some of the rest. */
async function subjects({ read }: Store, memberCount: number) {
  const { organisations: o, members: m } = read.tables
  const all = await read
    .select({ code: o.code, nameZh: o.nameZh, level: o.level })
    .from(o)
    .where(isNull(o.mergedInto))
  const unions = all.filter(({ level }) => level === 'grassroots')
  const inner = all.flatMap(({ code, level }) => (level === 'grassroots' ? [] : [code]))
  const some = await read.select({ id: m.id }).from(m).limit(Math.min(memberCount, 20_000))
  return { inner, unions, members: some.map(({ id }) => id) }
}

/** Also what one costs the processor, with the client's part: of use where others are at work. */
async function timesOf(operation: (i: number) => Promise<unknown>) {
  for (let i = 0; i < 5; i++) await operation(i + asked)
  const times: number[] = []
  const before = process.cpuUsage()
  for (let i = 0; i < asked; i++) {
    const begun = performance.now()
    await operation(i)
    times.push(performance.now() - begun)
  }
  const { user, system } = process.cpuUsage(before)
  return { times, processor: (user + system) / 1000 / asked }
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
