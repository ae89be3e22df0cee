import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hour, minute } from '../../src/base/clock.ts'
import { Weather } from '../../src/base/refusal.ts'
import { monthNamed } from '../../src/benefits/criteria/month.ts'
import { deviceAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { settleAsks } from '../../src/jobs/peer-asks.ts'
import { type AcceptanceRule, setAcceptance } from '../../src/merchants/acceptance.ts'
import { closeStatement } from '../../src/merchants/close-statement.ts'
import type { Store } from '../../src/store/store.ts'
import { askPeer } from '../../src/trust/ask-peer.ts'
import { entryOf } from '../../src/trust/publish-list.ts'
import { tamper } from '../ledger/tampering.ts'
import { symbolon } from '../support/command-line.ts'
import {
  codeOf,
  groundOf,
  joined,
  openBenefit,
  openPeers,
  type Peers,
  verified,
} from '../support/peers.ts'
import { claim, desk, till } from '../support/union.ts'
import { newNode } from '../trust/nodes.ts'

const answers = /\/http\/write\./
const machine = /\/jobs\/peer-asks\./

/** A store that can be made to fail whoever calls it from there, as a lost database does. */
function breakable() {
  const state: { broken?: RegExp | undefined } = {}
  const watch = (store: Store): Store => ({
    ...store,
    transaction: (work, options) => {
      if (state.broken?.test(new Error().stack ?? ''))
        return Promise.reject(new Weather('the database is gone', undefined))
      return store.transaction(work, options)
    },
  })
  return { state, watch }
}

describe.each([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
] as const)('a member of a node on %s at a shop of one on %s', (homeEngine, shopEngine) => {
  const [atShop, atHome] = [breakable(), breakable()]
  let peers: Peers
  let benefitId: string
  beforeAll(async () => {
    peers = await openPeers(
      { engine: shopEngine, watch: atShop.watch },
      { engine: homeEngine, watch: atHome.watch },
    )
    benefitId = await openBenefit(peers)
  })
  afterAll(async () => {
    await peers.shop.close()
    await peers.home.close()
  })

  const signedIn = ({ home, member } = peers) => deviceAgent(home, member.device, member.key)
  const voucherCode = async (id = benefitId) => {
    const member = await signedIn()
    return member.code(await claim(member, id))
  }
  const later = (ms: number) => {
    peers.shop.now += ms
    peers.home.now += ms
  }
  const owed = async () => {
    const { ask } = await desk(peers.shop, { role: 'auditor' })
    const { items } = await must(ask('GET', '/audit/nodes'))
    return (items as unknown as Record<string, number>[])[0]
  }
  /** One ask is settled: by us, or by the server's own machine, which may be faster. */
  const settled = async (ground: Parameters<typeof settleAsks>[0]) => {
    const byUs = await settleAsks(ground)
    expect(byUs).toBeLessThanOrEqual(1)
    while (byUs === 0 && (await owed())?.asked !== 0) await sleep(50)
  }

  it('redeems a voucher by its code, once, and both books say so', async () => {
    const { counter, member, home } = peers
    const voucher = await claim(member, benefitId)
    const shown = { code: member.code(voucher) }
    const key = crypto.randomUUID()
    const made = await counter.ask('POST', '/redemptions', shown, { key })
    expect(made).toMatchObject({ status: 201, body: { amount: 1000, voucher_id: voucher } })
    expect(made.body.member_name).toMatch(/^欧/)
    const again = await counter.ask('POST', '/redemptions', shown, { key })
    expect(again).toMatchObject({ status: 201, body: made.body })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    const learned = await must(counter.ask('GET', `/redemptions/by-key/${key}`))
    expect(learned.answer).toEqual(made.body)
    const other = await counter.ask('POST', '/redemptions', { code: member.code(voucher, 1) })
    expect(other).toMatchObject({ status: 409, body: { code: 'ALREADY_REDEEMED' } })
    expect(other.body.first_redeemed_at).toBe(home.now)
    const reused = await counter.ask('POST', '/redemptions', { code: 'SY1:' }, { key })
    expect(reused.body.code).toBe('IDEMPOTENCY_KEY_REUSED')
    const at = `/redemptions/${made.body.redemption_id}/receipt`
    expect((await must(counter.ask('GET', at))).leaf_hash).toBe(made.body.leaf_hash)
    expect(await owed()).toEqual({ node: 64, due_from: 1000, due_to: 0, asked: 0, disputed: 0 })
    const seen = await must(member.ask('GET', `/me/vouchers/${voucher}`))
    expect(seen.state).toBe('used')
  })

  it('is a receipt of the member’s, and a case that home’s desk sees but cannot undo', async () => {
    const { member, home, shop } = peers
    const mine = async () => {
      const { items } = await must(member.ask('GET', '/me/redemptions'))
      return (items as Record<string, unknown>[])[0]
    }
    const { number: node } = shop.deployment.node
    const made = await mine()
    expect(made).toMatchObject({ node, state: 'committed', store: { name: '' } })
    const at = `/me/redemptions/${made!.redemption_id}/report`
    const { id } = await must(member.ask('POST', at, { reason: 'not_me' }), 201)
    const { ask } = await desk(home)
    const { items } = await must(ask('GET', '/admin/cases?state=open'))
    expect(items).toMatchObject([
      { id, voucher_id: made!.voucher_id, redemption: { node, amount: 1000 } },
    ])
    const decide = (decision: string) =>
      ask('POST', `/admin/cases/${id}/decide`, { decision, answer: '已向对方核实' })
    expect(await decide('reverse')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
    await must(decide('no_fault'))
    expect((await mine())?.report).toMatchObject({ state: 'no_fault', answer: '已向对方核实' })
  })

  it('tells the desk which nodes there are, and where a benefit is taken', async () => {
    const { home, shop } = peers
    const { ask } = await desk(home)
    const { items } = await must(ask('GET', '/admin/nodes'))
    expect(items).toEqual([{ number: 62, name: '甘肃省总工会', url: shop.url }])
    const at = `/admin/benefits/${benefitId}/acceptance`
    const { rules } = (await must(ask('GET', at))) as unknown as { rules: object[] }
    expect(rules).toEqual([
      { target: 'category', value: 'catering' },
      { target: 'node', value: '62' },
    ])
    expect(await must(ask('PUT', at, { rules }))).toEqual({ rules })
    const node = 'neither a node on the trust list nor *'
    const wrong = ['abc', '64', '63'].map((value) => ({ target: 'node', value }))
    const issues = [1, 2, 3].map((i) => `rules.${i}.value: ${node}`)
    const refused = await ask('PUT', at, { rules: [rules[0], ...wrong] })
    expect(refused).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED', issues } })
    expect((await must(ask('GET', at))).rules).toEqual(rules)
    // As from before node 63 was withdrawn: what is in force may be sent again.
    const before = [...rules, { target: 'node', value: '63' }] as AcceptanceRule[]
    await home.store.transaction((tx) => setAcceptance(tx, benefitId, before))
    expect(await must(ask('PUT', at, { rules: before }))).toEqual({ rules: before })
    await must(ask('PUT', at, { rules }))
    expect((await ask('PUT', at, { rules: before })).status).toBe(400)
    const registrar = await desk(home, { role: 'registrar' })
    for (const path of ['/admin/nodes', at]) {
      expect((await registrar.ask('GET', path)).body.code).toBe('FORBIDDEN')
    }
  })

  it('holds it first, and asks for what the benefit needs', async () => {
    const { counter } = peers
    const details = { kind: 'coupon', face_value: 1000, minimum_spend: 3000 }
    const code = await voucherCode(await openBenefit(peers, { details }))
    const held = await must(counter.ask('POST', '/redemptions/prepare', { code }), 201)
    expect(held.benefit).toMatchObject({ needs: ['order_amount'], minimum_spend: 3000 })
    const by = { preparation_id: held.preparation_id }
    const bare = await counter.ask('POST', '/redemptions', by)
    expect(bare.body).toMatchObject({ code: 'CONFIRMATION_REQUIRED', needs: ['order_amount'] })
    const less = await counter.ask('POST', '/redemptions', { ...by, order_amount: 1 })
    expect(less.body).toMatchObject({ code: 'MIN_SPEND_NOT_MET', minimum_spend: 3000 })
    const enough = { ...by, order_amount: 3000 }
    const elsewhere = await till(peers.shop, peers.shopDesk.ask, peers.store.storeId)
    expect((await elsewhere.ask('POST', '/redemptions', enough)).body.code).toBe(
      'VOUCHER_NOT_FOUND',
    )
    const made = await must(counter.ask('POST', '/redemptions', enough), 201)
    expect(made.voucher_id).toBe(held.voucher_id)
  })

  it('is refused where the benefit lets no other node in, and for a node nobody lists', async () => {
    const { counter, member } = peers
    const closed = await openBenefit(peers, {}, [{ target: 'all', value: '' }])
    const shown = { code: await voucherCode(closed) }
    for (const path of ['/redemptions/prepare', '/redemptions']) {
      const told = await counter.ask('POST', path, shown)
      expect(told).toMatchObject({ status: 422, body: { code: 'STORE_NOT_ACCEPTED' } })
    }
    const unknown = codeOf(peers, 99, await claim(member, benefitId))
    const none = codeOf(peers, 64, '0'.repeat(32))
    for (const code of [unknown, none]) {
      const told = await counter.ask('POST', '/redemptions', { code })
      expect(told).toMatchObject({ status: 404, body: { code: 'VOUCHER_NOT_FOUND' } })
    }
  })

  it('leaves the key open while home does not answer, and redeems once it does', async () => {
    const { counter } = peers
    const shown = { code: await voucherCode() }
    const key = crypto.randomUUID()
    atHome.state.broken = answers
    const down = await counter.ask('POST', '/redemptions', shown, { key })
    expect(down).toMatchObject({ status: 503, body: { code: 'TEMPORARILY_UNAVAILABLE' } })
    expect((await counter.ask('GET', `/redemptions/by-key/${key}`)).status).toBe(503)
    atHome.state.broken = undefined
    await must(counter.ask('POST', '/redemptions', shown, { key }), 201)
  })

  it('is booked by itself after a crash between home’s commit and the shop’s', async () => {
    const { counter, shop } = peers
    const shown = { code: await voucherCode() }
    const key = crypto.randomUUID()
    atShop.state.broken = answers
    expect((await counter.ask('POST', '/redemptions', shown, { key })).status).toBe(503)
    atShop.state.broken = machine
    expect(await owed()).toMatchObject({ asked: 1 })
    expect((await joined(peers)).shop.dueFrom.pending).toBe(1000)
    later(11 * minute)
    expect((await joined(peers)).shop.findings).toEqual([
      expect.stringMatching(/^leaf [\w-]{43} is not booked here$/),
    ])
    atShop.state.broken = undefined
    await settled(groundOf(shop))
    expect(await settleAsks(groundOf(shop))).toBe(0)
    const { answer } = await must(counter.ask('GET', `/redemptions/by-key/${key}`))
    const told = await counter.ask('POST', '/redemptions', shown, { key })
    expect(told).toMatchObject({ status: 201, body: answer as object })
    expect(await owed()).toMatchObject({ asked: 0 })
  })

  it('is undone at both, by the same rules, and can be redeemed again', async () => {
    const { counter, homeDesk, shop } = peers
    const member = await signedIn()
    const voucher = await claim(member, benefitId)
    const made = await must(
      counter.ask('POST', '/redemptions', { code: member.code(voucher) }),
      201,
    )
    const path = `/redemptions/${made.redemption_id}/reverse`
    const why = { reason: 'wrong_voucher' }
    const other = await till(shop, (await peers.shopDesk.signIn()).ask, peers.store.storeId)
    expect((await other.ask('POST', path, why)).status).toBe(404)
    const key = crypto.randomUUID()
    atShop.state.broken = answers
    expect((await counter.ask('POST', path, why, { key })).status).toBe(503)
    atShop.state.broken = undefined
    const undone = await must(counter.ask('POST', path, why, { key }))
    expect(undone).toMatchObject({ state: 'reversed', amount: 1000, uses_left: 1 })
    expect((await counter.ask('POST', path, why)).body.code).toBe('ALREADY_REVERSED')
    later(minute)
    const again = { code: member.code(voucher) }
    const second = await must(counter.ask('POST', '/redemptions', again), 201)
    later(11 * minute)
    const late = await counter.ask('POST', `/redemptions/${second.redemption_id}/reverse`, why)
    expect(late.body.code).toBe('REVERSAL_WINDOW_PASSED')
    const { redemptions: r } = peers.home.store.read.tables
    const rows = await peers.home.store.read.select({ bucket: r.bucket, id: r.id }).from(r)
    const [one] = rows
    const theirs = `${one!.bucket.toString(16).padStart(3, '0')}.${one!.id}`
    const { ask } = await homeDesk.signIn()
    const staff = await ask('POST', `/admin/redemptions/${theirs}/reverse`, why)
    expect(staff.body.code).toBe('FORBIDDEN')
    const here = `/admin/redemptions/${second.redemption_id}/reverse`
    const own = await (await peers.shopDesk.signIn()).ask('POST', here, why)
    expect(own.body.code).toBe('NOT_FOUND')
  })

  it('is asked for by nodes that the list names alone, each for its own', async () => {
    const { home, shop, root, lists } = peers
    const ground = groundOf(shop)
    const to = { number: 64, url: home.url, name: 'nx', vkeys: [] }
    const learn = { path: '/redemptions/by-key/nobodys-key' }
    expect((await askPeer(ground, to, learn)).body).toMatchObject({ code: 'NOT_FOUND' })
    const bare = await fetch(`${home.url}/api/v1/node${learn.path}`)
    expect(await bare.json()).toMatchObject({ code: 'AUTH_REQUIRED' })
    const stranger = await newNode(root, 'https://xz.example', shop.now)
    const { roles } = ground
    const wrong = { ...roles, current: () => roles.current('issuer') }
    const mistaken = { ...roles.current('redeemer'), kid: stranger.roles.current('redeemer').kid }
    for (const own of [stranger.roles, wrong, { ...roles, current: () => mistaken }]) {
      const told = await askPeer({ ...ground, roles: own }, to, learn)
      expect(told).toMatchObject({ status: 401, body: { code: 'PROOF_INVALID' } })
    }
    const shown = { code: await voucherCode() }
    const key = crypto.randomUUID()
    await lists.publish([shop, home], [shop])
    expect((await askPeer(ground, to, learn)).body).toMatchObject({ code: 'PROOF_INVALID' })
    const told = await peers.counter.ask('POST', '/redemptions', shown, { key })
    expect(told.body.code).toBe('TEMPORARILY_UNAVAILABLE')
    later(20_000)
    await lists.publish([shop, home])
    expect(await settleAsks(ground)).toBe(0)
    later(6 * minute)
    await settled(ground)
    const learned = await peers.counter.ask('GET', `/redemptions/by-key/${key}`)
    expect(learned.body.code).toBe('NOT_FOUND')
  })

  it('books nothing from an answer that its receipt does not prove', async () => {
    const { shop, home, root, lists, counter } = peers
    const { peerAsks: t } = shop.store.read.tables
    const [real] = await shop.store.read.select().from(t).where(eq(t.state, 'done'))
    const to = { number: 64, url: home.url, name: 'nx', vkeys: [] }
    const told = await askPeer(groundOf(shop), to, { path: `/redemptions/by-key/${real!.id}` })
    const liar = await lyingNode((told.body as { answer: object }).answer)
    const keys = await newNode(root, liar.url, shop.now)
    const vkeys = keys.logs.map(({ vkey }) => vkey)
    const lie = { url: liar.url, number: 71, nameZh: '某省总工会' }
    await lists.publish([shop, home], [], [entryOf(keys.roles, lie, { vkeys, types: [] })])
    const key = crypto.randomUUID()
    const shown = { code: codeOf(peers, 71, liar.voucher) }
    for (const _ of [1, 2]) {
      const answer = await counter.ask('POST', '/redemptions', shown, { key })
      expect(answer).toMatchObject({ status: 503, body: { code: 'TEMPORARILY_UNAVAILABLE' } })
    }
    const { ask } = await desk(shop, { role: 'auditor' })
    const { items } = await must(ask('GET', '/audit/nodes'))
    expect(items).toContainEqual({ node: 71, due_from: 0, due_to: 0, asked: 0, disputed: 1 })
    liar.close()
    const gone = await counter.ask('POST', '/redemptions', shown)
    expect(gone.body.code).toBe('TEMPORARILY_UNAVAILABLE')
  })

  it('is stated to the merchant, and every book and both logs agree in the end', async () => {
    const { shop } = peers
    while (!(await allLogged(peers))) await sleep(50)
    const before = await joined(peers)
    for (const side of [before.shop, before.home]) expect(side.findings).toEqual([])
    expect(before.shop.joined).toBe(7)
    expect(before.shop.dueFrom).toEqual({ ours: 5000, theirs: 5000, pending: 0 })
    expect(before.home.dueTo).toEqual(before.shop.dueFrom)
    expect(await owed()).toMatchObject({ due_from: 5000, asked: 0 })
    const month = monthNamed('2026-06')
    const now = month.to + 25 * hour
    later(now - shop.now)
    const { redemptions: r } = shop.store.read.tables
    const [row] = await shop.store.read.select({ merchantId: r.merchantId }).from(r)
    const closing = { merchantId: row!.merchantId, month, by: null, now }
    const statement = await shop.store.transaction((tx) =>
      closeStatement(tx, shop.deployment.node, closing),
    )
    expect(statement).toMatchObject({ total: 5000, redeemed: 6000, reversed: 1000 })
    while (!(await allLogged(peers))) await sleep(50)
    for (const server of [shop, peers.home]) expect(await verified(server)).toEqual([])
  })

  it('is joined from the command line, which notices a reference that was changed', async () => {
    const { shop, home } = peers
    const policy = join(mkdtempSync(join(tmpdir(), 'symbolon-peer-')), 'policy.txt')
    writeFileSync(policy, `log ${home.deployment.logKey.vkey}\nquorum none\n`)
    const from = ['--policy', policy, '--url', `${home.url}/2026`]
    const { DATABASE_URL: db = '' } = shop.deployment.env
    const ran = await symbolon(['ledger', 'reconcile', '--db', db, '--peer', '64', ...from])
    expect(ran).toMatchObject({
      err: '',
      code: 0,
      out: expect.stringMatching(/^7 leaves joined\n/),
    })
    await tamper(db, 'peer_bookings', 'ref', '$hash', '1 = 1')
    expect(await verified(shop)).toMatchObject([{ check: 'peer' }])
  })
})

/** A node that answers whatever it is asked with what another has answered to something else. */
async function lyingNode(answer: object) {
  const server = createServer((_request, response) => {
    response.statusCode = 201
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const voucher = String((answer as { voucher_id?: unknown }).voucher_id)
  return { url: `http://localhost:${port}`, voucher, close: () => server.close() }
}

async function allLogged({ shop, home }: Peers): Promise<boolean> {
  const waiting = await Promise.all(
    [shop, home].map(({ store: { read } }) => read.$count(read.tables.pendingLeaves)),
  )
  return waiting.every((count) => count === 0)
}
