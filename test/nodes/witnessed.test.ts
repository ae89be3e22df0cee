import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { hour, minute, second } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { deviceAgent } from '../../src/cli/demo/agent.ts'
import { must, openShop } from '../../src/cli/demo/desk.ts'
import { readLeaf } from '../../src/formats/leaf.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../src/formats/tlog/receipt.ts'
import { settleAsks } from '../../src/jobs/peer-asks.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { trustLog } from '../../src/ledger/witness.ts'
import { groundOf, joined, openBenefit, openPeers, type Peers, verified } from '../support/peers.ts'
import { claim, desk, till } from '../support/union.ts'

/** Home asks the shop's node to cosign, and the shop's node believes no receipt without that. */
describe.each([
  ['sqlite', 'postgres'],
  ['postgres', 'sqlite'],
] as const)('a shop’s node on %s that wants home’s log witnessed, home on %s', (shopOn, homeOn) => {
  const witnesses: { policy?: string } = {}
  const peerWitnesses: { policy?: string } = {}
  let peers: Peers
  let benefitId: string
  let text: string
  const key = crypto.randomUUID()
  let shown: { code: string }

  beforeAll(async () => {
    peers = await openPeers({ engine: shopOn, peerWitnesses }, { engine: homeOn, witnesses })
    benefitId = await openBenefit(peers)
    const { shop, home } = peers
    const { vkey } = shop.deployment.keyring.witness!
    const { logKey } = home.deployment
    await shop.store.transaction((tx) => trustLog(tx, logKey.vkey, shop.now))
    const file = join(mkdtempSync(join(tmpdir(), 'symbolon-quorum-')), 'policy.txt')
    text = `log ${logKey.vkey}\nwitness gs ${vkey} ${shop.url}/witness\nquorum gs\n`
    writeFileSync(file, text)
    peerWitnesses.policy = file
    await shop.restart()
    witnesses.policy = file
  })
  afterAll(async () => {
    await peers.shop.close()
    await peers.home.close()
  })

  const code = async () => {
    const member = await deviceAgent(peers.home, peers.member.device, peers.member.key)
    return { code: member.code(await claim(member, benefitId)) }
  }
  const redeem = async () => must(peers.counter.ask('POST', '/redemptions', await code()), 201)
  const later = (ms: number) => {
    peers.shop.now += ms
    peers.home.now += ms
  }
  const policy = () => parsePolicy(sha256, utf8(text))
  const settle = () => settleAsks({ ...groundOf(peers.shop), peerWitnesses: policy() })
  const bookings = () => {
    const { read } = peers.shop.store
    return read.select().from(read.tables.peerBookings)
  }
  const owed = async () => {
    const { ask } = await desk(peers.shop, { role: 'auditor' })
    const { items } = await must(ask('GET', '/audit/nodes'))
    return (items as unknown as Record<string, number>[])[0]
  }

  it('books nothing from a receipt that nobody has cosigned', async () => {
    shown = await code()
    const told = await peers.counter.ask('POST', '/redemptions', shown, { key })
    expect(told).toMatchObject({ status: 503, body: { code: 'TEMPORARILY_UNAVAILABLE' } })
    expect(told.headers.get('retry-after')).toBe('1')
    later(20 * second)
    expect(await settle()).toBe(0)
    expect(await bookings()).toEqual([])
    expect(await owed()).toMatchObject({ due_from: 0, asked: 1, disputed: 0 })
    expect((await joined(peers)).shop.dueFrom).toEqual({ ours: 0, theirs: 1000, pending: 1000 })
  })

  it('books it once they have', async () => {
    await peers.home.restart()
    const { cosignatures } = peers.home.store.read.tables
    const signed = async () =>
      expect(await peers.home.store.read.$count(cosignatures)).toBeGreaterThan(0)
    await vi.waitFor(signed, { timeout: 10_000 })
    later(40 * second)
    // The server's own job may be first.
    const booked = async () => {
      await settle()
      expect(await bookings()).toHaveLength(1)
    }
    await vi.waitFor(booked, { timeout: 10_000 })
    const { answer } = await must(peers.counter.ask('GET', `/redemptions/by-key/${key}`))
    const again = await peers.counter.ask('POST', '/redemptions', shown, { key })
    expect(again).toMatchObject({ status: 201, body: answer as object })
    await redeem()
    for (const { receipt } of await bookings()) {
      const proven = await verifyReceipt(sha256, verifyEd25519, policy(), parseReceipt(receipt))
      expect(proven.cosignatures).toHaveLength(1)
    }
    expect(await owed()).toMatchObject({ due_from: 2000, asked: 0 })
  })

  it('has a manager of the store undo it when the cashier may no longer, as home counts', async () => {
    const { shop, home, counter, store } = peers
    const made = [await redeem(), await redeem()]
    const path = `/redemptions/${made[0]!.redemption_id}/reverse`
    const why = { reason: 'goods_unavailable' }
    later(20 * minute)
    const late = await counter.ask('POST', path, why)
    expect(late.body).toMatchObject({ code: 'REVERSAL_WINDOW_PASSED' })
    const { ask } = await peers.shopDesk.signIn()
    const other = await openShop(shop, ask, { name: '茶馆', category: 'catering', now: shop.now })
    const stranger = await till(shop, ask, other.storeId, 'manager')
    expect((await stranger.ask('POST', path, why)).status).toBe(404)
    const manager = await till(shop, ask, store.storeId, 'manager')
    const undone = await must(manager.ask('POST', path, why))
    expect(undone).toMatchObject({ state: 'reversed', amount: 1000, uses_left: 1 })
    expect((await manager.ask('POST', path, why)).body.code).toBe('ALREADY_REVERSED')

    // One in twenty of that day: home counts for the store, by the name that it has of it.
    const second = `/redemptions/${made[1]!.redemption_id}/reverse`
    const more = await manager.ask('POST', second, why)
    expect(more).toMatchObject({ status: 422, body: { code: 'REVERSAL_LIMIT' } })
    later(25 * hour)
    const passed = await manager.ask('POST', second, why)
    expect(passed.body.code).toBe('REVERSAL_WINDOW_PASSED')

    const { journalEntries: j } = home.store.read.tables
    const theirs = await home.store.read.select().from(j).where(eq(j.kind, 'voucher.reverse'))
    expect(theirs.map(({ leaf }) => readLeaf(leaf))).toMatchObject([{ by: 'manager', peer: 62 }])
    const ours = (await bookings()).filter(({ kind }) => kind === 'reverse')
    expect(ours).toMatchObject([{ ref: theirs[0]!.leafHash, amount: 1000 }])
  })

  it('leaves both books and logs in agreement', async () => {
    const agreed = async () => {
      const both = await joined(peers)
      for (const side of [both.shop, both.home]) expect(side.findings).toEqual([])
      expect(both.shop).toMatchObject({ joined: 5, dueFrom: { ours: 3000, theirs: 3000 } })
      expect(both.home.dueTo).toEqual(both.shop.dueFrom)
    }
    await vi.waitFor(agreed, { timeout: 10_000 })
    for (const server of [peers.shop, peers.home]) expect(await verified(server)).toEqual([])
  })
})
