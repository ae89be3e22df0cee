import { setTimeout as sleep } from 'node:timers/promises'

import { type Instant, minute } from '../../base/clock.ts'
import { type Ask, memberAgent, type Server } from './agent.ts'
import {
  type DemoBenefit,
  type DemoShop,
  issueByRule,
  must,
  openProgrammes,
  openShop,
  type SignedIn,
} from './desk.ts'
import { toGb18030 } from './gb18030.ts'
import { type DemoUnion, demoRoster } from './roster.ts'
import { demoProvince } from './seed.ts'

/** Tells one step of the story, with what came of it. */
export type Tell = (step: string) => void

/** What the story came to. */
export interface StoryTold {
  readonly roster: { readonly read: number; readonly added: number; readonly refused: number }
  readonly issued: number
  readonly redeemed: number
  readonly refused: readonly string[]
  readonly reversed: number
}

const columns = { read: 'number', added: 'number', refused: 'number' } as const

/** A roster comes in over HTTP, as a file in GB18030 with a few wrong rows. */
export async function sendRoster(
  server: Server,
  token: string,
  ask: Ask,
  unions: readonly DemoUnion[],
): Promise<StoryTold['roster']> {
  const roster = demoRoster(unions, 2000, { seed: 3, faultEvery: 200 })
  const answer = await fetch(`${server.url}/api/v1/admin/imports?org_code=${demoProvince}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'text/csv',
      'idempotency-key': crypto.randomUUID(),
    },
    body: Buffer.from(toGb18030(roster.csv)),
  })
  const { id } = (await answer.json()) as { id: string }
  for (const end = server.clock() + minute; server.clock() < end; await sleep(50)) {
    const body = await must(ask('GET', `/admin/imports/${id}`))
    if (body.state === 'completed') {
      const counts = Object.keys(columns).map((name) => [name, Number(body[name])])
      const told = Object.fromEntries(counts) as StoryTold['roster']
      if (told.refused !== roster.faulty) throw new Error(`${told.refused} rows were refused`)
      return told
    }
    if (body.state === 'failed') throw new Error(`the import failed: ${String(body.failure)}`)
  }
  throw new Error('the import does not end')
}

/** The whole main job, over HTTP, a line a step. */
export async function playStory(
  server: Server,
  desks: SignedIn,
  unions: readonly DemoUnion[],
  tell: Tell,
): Promise<StoryTold> {
  const { maker } = desks
  const roster = await sendRoster(server, maker.token, maker.ask, unions)
  tell(`a roster in GB18030 comes in: ${roster.added} members, ${roster.refused} rows refused`)

  const now = server.clock()
  const benefits = await openProgrammes(desks, now)
  tell(`${benefits.length} programmes, one of each kind, with budgets and rules`)
  const shops = await openShops(server, maker.ask, benefits, now)
  tell(`${shops.length} merchants, each with a provisioned terminal and an open shift`)

  let issued = 0
  for (const benefit of benefits.filter((one) => one.programme.definition.supply === 'batch')) {
    const batch = await issueByRule(desks, benefit)
    issued += batch.issued
    const { name_en } = benefit.programme
    tell(`${name_en}: dry run, the maker may not approve, others sign, ${batch.issued} issued`)
  }

  const spent = await spend(server, maker.ask, { benefits, shops, tell })
  return { roster, issued, ...spent }
}

/** One shop for every category that a benefit is taken in. */
export async function openShops(
  server: Server,
  ask: Ask,
  benefits: readonly DemoBenefit[],
  now: Instant,
): Promise<DemoShop[]> {
  const names: Record<string, string> = {
    clinic: '银川体检中心',
    insurer: '互助保障服务网点',
    service_station: '户外劳动者服务站',
    shop: '洁净洗车理发',
  }
  const shops: DemoShop[] = []
  for (const { programme } of benefits) {
    const { category } = programme
    shops.push(await openShop(server, ask, { name: names[category] ?? category, category, now }))
  }
  return shops
}

interface Ground {
  readonly benefits: readonly DemoBenefit[]
  readonly shops: readonly DemoShop[]
  readonly tell: Tell
}

/** A member enrols a phone, claims, shows codes; terminals redeem, once. */
async function spend(server: Server, desk: Ask, { benefits, shops, tell }: Ground) {
  const refused: string[] = []
  const member = await enrolled(server, desk, benefits)
  tell('a member enrols a phone with a one-time activation code')
  const { items } = (await must(member.ask('GET', '/me/vouchers'))) as {
    items: { id: string; kind: string; state: string }[]
  }
  let redeemed = 0
  const details: Record<string, object> = {
    insurance: { policy_number: 'PICC-2026-000123' },
    coupon: { order_amount: 3_500 },
  }
  for (const { id, kind } of items) {
    await must(member.ask('POST', `/me/vouchers/${id}/claim`, {}))
    const shop = shopFor(kind, benefits, shops)
    const shown = { code: member.code(id) }
    const held = await must(shop.ask('POST', '/redemptions/prepare', shown), 201)
    const body = { preparation_id: held.preparation_id, ...details[kind] }
    await must(shop.ask('POST', '/redemptions', body), 201)
    redeemed++
    tell(`${kind}: offered, claimed, shown as a signed code, prepared and redeemed`)
  }
  const coupon = benefits.find(({ programme }) => programme.definition.supply === 'stock')
  const shop = shopFor('coupon', benefits, shops)
  const path = `/benefits/${coupon?.benefitId}/claims`
  const { id } = await must(member.ask('POST', path, {}), 201)
  const code = member.code(String(id))
  const paid = { code, ...details.coupon }
  const done = await must(shop.ask('POST', '/redemptions', paid), 201)
  redeemed++
  tell('coupon: claimed from open stock and redeemed')

  const again = await shop.ask('POST', '/redemptions', paid)
  if (again.body.code !== 'ALREADY_REDEEMED') throw new Error('it was redeemed twice')
  refused.push('ALREADY_REDEEMED')
  tell('the same code a second time is refused: ALREADY_REDEEMED')
  const undo = { reason: 'wrong_amount' }
  await must(shop.ask('POST', `/redemptions/${done.redemption_id}/reverse`, undo))
  tell('the cashier undoes it within ten minutes, and the voucher is the member’s again')
  const stale = await shop.ask('POST', '/redemptions', {
    ...paid,
    code: member.code(String(id), -9),
  })
  if (stale.body.code !== 'TOKEN_EXPIRED') throw new Error('a screenshot was taken')
  refused.push('TOKEN_EXPIRED')
  tell('a screenshot of an old code is refused: TOKEN_EXPIRED')
  return { redeemed, refused, reversed: 1 }
}

function shopFor(
  kind: string,
  benefits: readonly DemoBenefit[],
  shops: readonly DemoShop[],
): DemoShop {
  const benefit = benefits.find(({ programme }) => {
    const { details } = programme.definition as { details: { kind: string } }
    return details.kind === kind
  })
  const shop = shops.find(({ category }) => category === benefit?.programme.category)
  if (!shop) throw new Error(`no shop takes ${kind}`)
  return shop
}

/** The first member who was offered something, with an enrolled phone. */
async function enrolled(server: Server, desk: Ask, benefits: readonly DemoBenefit[]) {
  for (let i = 1; i <= 50; i++) {
    const memberNo = `NX${String(i).padStart(8, '0')}`
    const found = await desk('POST', '/admin/members/search', { member_no: memberNo })
    if (found.status !== 200) continue
    const path = `/admin/members/${found.body.id}/activations`
    const { activation_code } = await must(desk('POST', path, {}), 201)
    const given = { memberNo, activationCode: String(activation_code) }
    const member = await memberAgent(server, given)
    const { items } = (await must(member.ask('GET', '/me/vouchers'))) as { items: unknown[] }
    if (items.length > 0 && benefits.length > 0) return member
  }
  throw new Error('nobody was offered anything')
}
