import { setTimeout as sleep } from 'node:timers/promises'

import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { fromBase64url, toBase64url, utf8 } from '../../src/base/bytes.ts'
import { day } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must, openShop } from '../../src/cli/demo/desk.ts'
import { parseVkey } from '../../src/formats/tlog/note.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { type VoucherReceipt, verifyVoucherReceipt } from '../../src/formats/voucher-receipt.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { expectAudited } from '../support/audited.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, desk, phone, type Till, till } from '../support/union.ts'
import { type Ground, openGround, openPrintedCode } from './ground.ts'

type Item = Record<string, unknown>

describe.each(engines)('what a member does after and beside the counter, on %s', (engine) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(engine)
  })
  afterAll(async () => {
    await ground.server.close()
  })

  const logged = async () => {
    const { store } = ground.server
    while ((await store.read.$count(store.read.tables.pendingLeaves)) > 0) await sleep(50)
  }
  const mine = async (id: unknown) => {
    const { items } = await must(ground.member.ask('GET', '/me/redemptions'))
    return (items as Item[]).find(({ redemption_id }) => redemption_id === id)
  }
  const several = (changes = {}) =>
    benefit(ground.maker.ask, ground.programmeId, {
      cap: { count: 9, per: 'ever' },
      stock: 20,
      ...changes,
    })

  describe('a receipt', () => {
    it('says where, when and what, and is proved by what the phone has', async () => {
      const { member, benefitId, till, server } = ground
      const voucher = await claim(member, benefitId)
      const made = await must(till.ask('POST', '/redemptions', { code: member.code(voucher) }), 201)
      await logged()
      const told = await mine(made.redemption_id)
      expect(told).toMatchObject({
        ...{ voucher_id: voucher, amount: 1000, state: 'committed' },
        ...{ store: { name: '面馆一店' }, merchant: '面馆', redeemed_at: made.redeemed_at },
      })
      const policyFile = await (await fetch(`${server.url}/log-policy`)).text()
      const policy = parsePolicy(sha256, utf8(policyFile))
      const path = server.deployment.logKey.name.split('/').slice(1).join('/')
      const promiseKey = parseVkey(
        sha256,
        (await (await fetch(`${server.url}/${path}/promise-key`)).text()).trim(),
      )
      const { items } = await must(member.ask('GET', `/me/vouchers/${voucher}/receipts`))
      const all = items as unknown as VoucherReceipt[]
      const receipt = all.find((one) => one.leaf_hash === told?.leaf_hash)
      if (!receipt) throw new Error('no receipt of the redemption')
      const tools = { sha256, verifyEd25519 }
      const believed = { policy, promiseKey }
      const proved = await verifyVoucherReceipt(tools, believed, { voucher, receipt })
      expect(proved).toMatchObject({ level: 'inclusion', kind: 'voucher.redeem' })

      const { receipt: _, ...early } = receipt
      const promised = await verifyVoucherReceipt(tools, believed, { voucher, receipt: early })
      expect(promised).toMatchObject({ level: 'promise', withinSeconds: 60 })
      const other = await claim(member, await several())
      for (const one of [receipt, early]) {
        const forged = { ...one, leaf_hash: toBase64url(new Uint8Array(32)) }
        const given = { voucher, receipt: forged }
        await expect(verifyVoucherReceipt(tools, believed, given)).rejects.toThrow(/something else/)
      }
      await expect(
        verifyVoucherReceipt(tools, believed, { voucher: other, receipt }),
      ).rejects.toThrow(/something else/)
      expect(fromBase64url(receipt.leaf_hash)).toHaveLength(32)
    })

    it('is nobody else’s', async () => {
      const { maker, people, server } = ground
      const other = await phone(server, maker.ask, people[1]!.memberNo)
      expect((await must(other.ask('GET', '/me/redemptions'))).items).toEqual([])
    })
  })

  describe('“not me”', () => {
    it('opens one case, which the union decides once, and tells the member', async () => {
      const { member, till, maker, people, server } = ground
      const code = member.code(await claim(member, await several()))
      const { redemption_id: id } = await must(till.ask('POST', '/redemptions', { code }), 201)
      const report = { reason: 'not_me' }
      const other = await phone(server, maker.ask, people[2]!.memberNo)
      const path = `/me/redemptions/${id}/report`
      expect((await other.ask('POST', path, report)).status).toBe(404)
      await must(member.ask('POST', path, report), 201)
      expect((await member.ask('POST', path, report)).body).toMatchObject({
        code: 'ALREADY_EXISTS',
      })

      const { items } = await must(maker.ask('GET', '/admin/cases?state=open'))
      const [opened] = items as Item[]
      expect(opened).toMatchObject({ reason: 'not_me', redemption: { id, settled: false } })
      const decide = `/admin/cases/${opened?.id}/decide`
      const verdict = { decision: 'reverse', answer: '已核实，退回您的券' }
      const elsewhere = await desk(server, { org: '640221' })
      expect((await elsewhere.ask('POST', decide, verdict)).status).toBe(404)
      const { persons, members } = server.store.read.tables
      const rows = await server.store.read.select().from(members)
      const self = rows.find(({ memberNo }) => memberNo === member.memberNo)
      expect(await server.store.read.$count(persons)).toBeGreaterThan(0)
      const own = await desk(server, { personId: self!.personId })
      expect((await own.ask('POST', decide, verdict)).body).toMatchObject({ code: 'SELF_APPROVAL' })
      await must(maker.ask('POST', decide, verdict))
      expect((await maker.ask('POST', decide, verdict)).body).toMatchObject({
        code: 'VERSION_CONFLICT',
      })
      expect(await mine(id)).toMatchObject({
        state: 'reversed',
        report: { state: 'reversed', answer: '已核实，退回您的券' },
      })
    })

    it('leaves a redemption that is in order as it is', async () => {
      const { member, till, maker } = ground
      const code = member.code(await claim(member, await several()))
      const { redemption_id: id } = await must(till.ask('POST', '/redemptions', { code }), 201)
      const path = `/me/redemptions/${id}/report`
      const opened = await must(member.ask('POST', path, { reason: 'not_received' }), 201)
      const verdict = { decision: 'no_fault', answer: '签收单在店里' }
      await must(maker.ask('POST', `/admin/cases/${opened.id}/decide`, verdict))
      expect(await mine(id)).toMatchObject({ state: 'committed', report: { state: 'no_fault' } })
    })
  })

  describe('a store’s printed code', () => {
    let manager: Till
    const accept = async (held: Item) => {
      const { items } = await must(manager.ask('GET', '/terminal/member-redemptions'))
      expect((items as Item[]).map(({ id }) => id)).toContain(held.redemption_id)
      const path = `/terminal/member-redemptions/${held.redemption_id}/accept`
      await must(manager.ask('POST', path, {}))
    }

    it('is good for nothing until the store has asked and the union agreed', async () => {
      const { member, shop, till: counter, maker, server } = ground
      const voucher_id = await claim(member, await several())
      const at = `/stores/${shop.storeId}`
      const use = () => member.ask('POST', `${at}/member-redemptions`, { voucher_id })
      const agree = () => maker.ask('PUT', `/admin${at}/printed-code`, { agreed: true })
      const want = { wanted: true }
      expect((await use()).body).toMatchObject({ code: 'PRINTED_CODE_OFF' })
      expect((await agree()).body).toMatchObject({ code: 'PRINTED_CODE_OFF' })
      expect((await counter.ask('PUT', '/terminal/printed-code', want)).status).toBe(403)
      const boss = await till(server, maker.ask, shop.storeId, 'manager')
      const asked = await must(boss.ask('PUT', '/terminal/printed-code', want))
      expect(asked).toEqual({ printed_code: 'asked' })
      expect((await use()).body).toMatchObject({ code: 'PRINTED_CODE_OFF' })
      expect(await must(member.ask('GET', at))).toMatchObject({ printed_code: false })
      await must(agree())
      expect(await must(boss.ask('PUT', '/terminal/printed-code', want))).toEqual({
        printed_code: 'on',
      })
      expect(await must(member.ask('GET', at))).toMatchObject({ printed_code: true })
      for (const one of [counter, boss, shop]) {
        await must(one.ask('POST', '/terminal/shifts/close', {}))
      }
      expect((await use()).body).toMatchObject({ code: 'COUNTER_CLOSED' })
      const shift = { cashier_id: counter.cashierId, pin: '2468' }
      await must(counter.ask('POST', '/terminal/shifts', shift), 201)
      manager = await openPrintedCode(ground)
      await must(use(), 201)
    })

    it('is used when the counter has said yes, and let go of when it said no', async () => {
      const { member, shop, server, maker } = ground
      const voucher_id = await claim(member, await several({ throttle_seconds: 0 }))
      const path = `/stores/${shop.storeId}/member-redemptions`
      const held = await must(member.ask('POST', path, { voucher_id }), 201)
      const mineAt = `/redemptions/${held.redemption_id}`
      const early = await member.ask('POST', `${mineAt}/member-confirm`, {})
      expect(early.body).toMatchObject({ code: 'AWAITING_COUNTER' })
      const away = await openShop(server, maker.ask, {
        ...{ name: '别家', category: 'food', now: server.now },
      })
      const answer = `/terminal/member-redemptions/${held.redemption_id}`
      expect((await away.ask('GET', '/terminal/member-redemptions')).body.items).toEqual([])
      expect((await away.ask('POST', `${answer}/accept`, {})).body).toMatchObject({
        code: 'PREPARATION_EXPIRED',
      })
      const ended = { state: 'inactive' }
      await must(maker.ask('POST', `/admin/stores/${away.storeId}/state`, ended))
      const no = () => manager.ask('POST', `${answer}/decline`, {})
      const answers = await Promise.all([no(), no(), no()])
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
      expect((await manager.ask('POST', `${answer}/accept`, {})).status).toBe(409)
      expect(await must(member.ask('GET', `${mineAt}/member-state`))).toEqual({ state: 'declined' })
      expect((await member.ask('POST', `${mineAt}/member-confirm`, {})).body).toMatchObject({
        code: 'PREPARATION_EXPIRED',
      })
      server.now += 1000
      const again = await must(member.ask('POST', path, { voucher_id }), 201)
      await accept(again)
      const next = `/redemptions/${again.redemption_id}`
      expect(await must(member.ask('GET', `${next}/member-state`))).toEqual({ state: 'accepted' })
      await must(member.ask('POST', `${next}/member-confirm`, {}), 201)
    })

    it('shows what may be used there, holds it, and redeems it once', async () => {
      const { member, shop, till, server, maker, people } = ground
      const voucher = await claim(member, await several({ throttle_seconds: 0 }))
      const at = `/stores/${shop.storeId}`
      const place = await must(member.ask('GET', at))
      expect(place).toMatchObject({ name: '面馆一店', merchant: '面馆', region: '640104' })
      expect(place.voucher_ids).toContain(voucher)
      const prepare = { voucher_id: voucher }
      const held = await must(member.ask('POST', `${at}/member-redemptions`, prepare), 201)
      expect(held).toMatchObject({ amount: 1000, store: { name: '面馆一店' } })
      const { body: elsewhere } = await till.ask('POST', '/redemptions', {
        code: member.code(voucher),
      })
      expect(elsewhere).toMatchObject({ code: 'PREPARED_ELSEWHERE' })

      const other = await phone(server, maker.ask, people[3]!.memberNo)
      const confirm = `/redemptions/${held.redemption_id}/member-confirm`
      expect((await other.ask('POST', confirm, {})).status).toBe(404)
      expect((await other.ask('POST', `${at}/member-redemptions`, prepare)).status).toBe(404)
      await accept(held)
      const answers = await Promise.all([1, 2, 3, 4].map(() => member.ask('POST', confirm, {})))
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
      const done = answers.find(({ status }) => status === 201)?.body
      expect(done).toMatchObject({ amount: 1000, uses_left: 0, store: { name: '面馆一店' } })
      expect(String(done?.promise).split('.')).toHaveLength(3)
      expect(await mine(done?.redemption_id)).toMatchObject({ state: 'committed' })
      const { items } = await must(till.ask('GET', '/terminal/redemptions'))
      expect((items as Item[]).map(({ redemption_id }) => redemption_id)).toContain(
        done?.redemption_id,
      )
    })

    it('lets go of what the member rejects, and of what was held too long', async () => {
      const { member, shop, till, server } = ground
      const voucher = await claim(member, await several())
      const hold = async () => {
        const path = `/stores/${shop.storeId}/member-redemptions`
        const held = await must(member.ask('POST', path, { voucher_id: voucher }), 201)
        return `/redemptions/${held.redemption_id}`
      }
      const rejected = await hold()
      await must(member.ask('POST', `${rejected}/member-reject`, {}))
      expect((await member.ask('POST', `${rejected}/member-confirm`, {})).body).toMatchObject({
        code: 'PREPARATION_EXPIRED',
      })
      server.now += 1000
      const late = await hold()
      server.now += 121_000
      expect((await member.ask('POST', `${late}/member-confirm`, {})).body).toMatchObject({
        code: 'PREPARATION_EXPIRED',
      })
      await must(till.ask('POST', '/redemptions', { code: member.code(voucher) }), 201)
    })

    it('is refused for an unknown store, and a closed one', async () => {
      const { member, shop, maker } = ground
      const voucher_id = await claim(member, await several())
      const nowhere = '/stores/nowhere/member-redemptions'
      expect((await member.ask('POST', nowhere, { voucher_id })).status).toBe(404)
      expect((await member.ask('GET', '/stores/nowhere')).status).toBe(404)
      const limited = await several()
      const rules = { rules: [{ target: 'category', value: 'hospital' }] }
      await must(maker.ask('PUT', `/admin/benefits/${limited}/acceptance`, rules))
      const other = { voucher_id: await claim(member, limited) }
      const here = `/stores/${shop.storeId}/member-redemptions`
      expect((await member.ask('POST', here, other)).body).toMatchObject({
        code: 'STORE_NOT_ACCEPTED',
      })
    })
  })

  describe('a collector', () => {
    const details = {
      ...{ kind: 'package', contents: ['水杯'], pick_up_point: '服务站' },
      collector_allowed: true,
    }
    const named = { name: '马小花', mobile_last4: '6789' }

    it('picks a package up with the digits, once, and the member is told', async () => {
      const { member, till, server } = ground
      const voucher = await claim(member, await several({ details }))
      const path = `/me/vouchers/${voucher}/delegations`
      const made = await must(member.ask('POST', path, named), 201)
      expect((await member.ask('POST', path, named)).body).toMatchObject({ code: 'ALREADY_EXISTS' })
      const { digits } = made
      const ready = await must(till.ask('POST', '/redemptions/prepare', { digits }), 201)
      expect(ready.collector).toEqual(named)
      const body = { preparation_id: ready.preparation_id }
      const wrong = await till.ask('POST', '/redemptions', { ...body, collector: '王五' })
      expect(wrong.body).toMatchObject({ code: 'DELEGATE_MISMATCH' })
      const done = await must(till.ask('POST', '/redemptions', body), 201)
      expect(await mine(done.redemption_id)).toMatchObject({ collected_by: '马小花' })
      const { items } = await must(member.ask('GET', path))
      expect(items).toMatchObject([{ state: 'used', ...named }])
      expect((await till.ask('POST', '/redemptions/prepare', { digits })).status).toBe(409)
      for (const table of ['journal_entries', 'redemptions', 'delegations']) {
        const rows = await server.store.read.rows<Item>(sql.raw(`select * from ${table}`))
        expect(JSON.stringify(rows)).not.toContain('马小花')
      }
    })

    it('is refused once taken back, before its day and after it', async () => {
      const { member, till, server } = ground
      const voucher = await claim(member, await several({ details }))
      const path = `/me/vouchers/${voucher}/delegations`
      const first = await must(member.ask('POST', path, named), 201)
      await must(member.ask('DELETE', `${path}/${first.id}`))
      expect((await member.ask('DELETE', `${path}/${first.id}`)).status).toBe(404)
      const dates = { valid_from: server.now + day, valid_to: server.now + 2 * day }
      const second = await must(member.ask('POST', path, { ...named, ...dates }), 201)
      for (const { digits } of [first, second]) {
        expect((await till.ask('POST', '/redemptions/prepare', { digits })).body).toMatchObject({
          code: 'DELEGATE_MISMATCH',
        })
      }
      const long = { ...named, valid_to: server.now + 400 * day }
      expect((await member.ask('POST', path, long)).status).toBe(400)
      const coupon = await claim(member, await several())
      const refused = await member.ask('POST', `/me/vouchers/${coupon}/delegations`, named)
      expect(refused.body).toMatchObject({ code: 'DELEGATE_MISMATCH' })
    })
  })

  it('finds stores by region and by benefit', async () => {
    const { member, maker, benefitId, programmeId, shop } = ground
    const names = async (query: string) => {
      const { items } = await must(member.ask('GET', `/stores${query}`))
      return (items as Item[]).map(({ name }) => name)
    }
    expect(await names('')).toEqual(['面馆一店'])
    expect(await names(`?region=6401&benefit=${benefitId}`)).toEqual(['面馆一店'])
    expect(await names('?region=6402')).toEqual([])
    const far = await benefit(maker.ask, programmeId, { stock: 1 })
    for (const [target, value, expected] of [
      ['region', '6402', []],
      ['region', '64', ['面馆一店']],
      ['category', 'food', ['面馆一店']],
      ['category', 'hospital', []],
      ['store', shop.storeId, ['面馆一店']],
    ] as const) {
      const rules = { rules: [{ target, value }] }
      await must(maker.ask('PUT', `/admin/benefits/${far}/acceptance`, rules))
      expect(await names(`?benefit=${far}`), `${target} ${value}`).toEqual(expected)
    }
    expect((await member.ask('GET', '/stores?benefit=nothing')).status).toBe(404)
    expect((await member.ask('GET', '/stores?region=x')).status).toBe(400)
    const below = async (within: string) =>
      (await must(member.ask('GET', `/regions?within=${within}`))).items as Item[]
    expect(await below('64')).toContainEqual({ region: '6401', name: '银川市' })
    expect(await below('6401')).toContainEqual({ region: '640104', name: '兴庆区' })
    expect((await below('6401')).every(({ region }) => /^6401\d\d$/.test(String(region)))).toBe(
      true,
    )
    expect(await below('640104')).toEqual([])
    expect(await below('11')).toEqual([])
  })

  it('hands a member all that is held about them, and nothing of keys or of the staff', async () => {
    const { member, people, maker } = ground
    const { data } = await must(member.ask('GET', '/me/export'))
    const held = data as Record<string, Item[]>
    const { memberNo, name, idNumber, mobile } = people[0]!
    expect(held.member).toMatchObject([
      { member_no: memberNo, name, id_number: idNumber, mobile: expect.stringContaining(mobile) },
    ])
    expect(held.collectors?.[0]).toMatchObject({ name: '马小花', mobile_last4: '6789' })
    expect(held.reports?.[0]).toMatchObject({ answer: '已核实，退回您的券' })
    for (const section of ['devices', 'vouchers', 'redemptions']) {
      expect(held[section]?.length, section).toBeGreaterThan(0)
    }
    const text = JSON.stringify(data)
    expect(text).not.toContain(maker.ownerId)
    expect(text).not.toMatch(/hash|spki|sealed|wrapped|principal/)
    expect(text).not.toContain(people[1]!.memberNo)
  })

  it('leaves books that the auditor signs', async () => {
    await logged()
    const { deployment } = ground.server
    const { store, logs } = deployment
    await expectAudited({ store, logs, close: async () => {} })
  })
})
