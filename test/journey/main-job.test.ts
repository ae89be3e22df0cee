import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { minute, second } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must, openShop } from '../../src/cli/demo/desk.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { urlSource } from '../../src/ledger/file-sources.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { engines } from '../support/engines.ts'
import { generated } from '../support/roster.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  claim,
  type Desk,
  desk,
  ended,
  importRoster,
  type Phone,
  phone,
  plantTree,
  programme,
  province,
} from '../support/union.ts'

const everybody = { fact: 'standing', op: 'eq', value: 'active' }
const batch = { supply: 'batch', stock: undefined, criteria: everybody }
const kinds = {
  coupon: { ...batch, details: { kind: 'coupon', face_value: 1000, minimum_spend: 3000 } },
  insurance: {
    ...batch,
    details: { kind: 'insurance', insurer: '互助会', cover_days: 365, sum_insured: 5_000_000 },
  },
  package: {
    ...batch,
    details: {
      kind: 'package',
      contents: ['毛巾'],
      pick_up_point: '服务站',
      collector_allowed: true,
    },
  },
  checkup: { ...batch, details: { kind: 'checkup', items: ['血压'] } },
}
const counterDetails: Record<string, object> = {
  coupon: { order_amount: 3500 },
  insurance: { policy_number: 'PICC-1' },
  package: { collector: '邻居' },
  checkup: {},
}
type Kind = keyof typeof kinds

describe.each(engines)('the main job over HTTP, on %s', (engine) => {
  let server: TestServer
  let maker: Desk
  let checker: Desk
  let shop: Awaited<ReturnType<typeof openShop>>
  let member: Phone
  const benefits = {} as Record<Kind, string>
  const batches = {} as Record<Kind, string>
  let stock: string

  beforeAll(async () => {
    server = await startServer(engine)
    const script = new URL('../support/make-members.mjs', import.meta.url).pathname
    const unions = ['--province', '64', '--grassroots', '5', '--organisations']
    const { stdout } = spawnSync(process.execPath, [script, ...unions], { encoding: 'utf8' })
    await plantTree(server, stdout.split('\n').slice(1).join('\n'))
    maker = await desk(server)
    checker = await desk(server)
  })
  afterAll(() => server.close())

  it('reads a roster in GB18030, and says of every refused row why', async () => {
    const options = ['--province', '64', '--grassroots', '5', '--members', '300']
    const { bytes, planted } = generated(...options, '--encoding', 'gb18030', '--bad', '0.05')
    const faulty = Object.values(planted).reduce((sum, n) => sum + n, 0)
    const done = await importRoster(server, maker, { org: province, file: bytes })
    expect(done).toMatchObject({ state: 'completed', read: 300, refused: faulty })
    expect(done.added).toBe(300 - faulty)
    const { text } = await must(maker.ask('GET', `/admin/imports/${done.id}/errors.csv`))
    expect(String(text).trim().split('\n').length).toBe(faulty + 1)
  })

  it('opens a programme with a budget, a benefit of each kind, and a counter', async () => {
    const id = await programme(server, maker.ask)
    for (const kind of Object.keys(kinds) as Kind[]) {
      benefits[kind] = await benefit(maker.ask, id, kinds[kind])
    }
    stock = await benefit(maker.ask, id, { stock: 3, criteria: everybody, returnable: true })
    shop = await openShop(server, maker.ask, { name: '面馆', category: 'food', now: server.now })
    const { balances } = await must(maker.ask('GET', `/admin/programmes/${id}/budget`))
    expect(Object.values(balances as object).reduce((sum, n) => sum + n, 0)).toBe(0)
  })

  it('issues by batches that another person has signed for', async () => {
    for (const kind of Object.keys(kinds) as Kind[]) {
      const draft = { benefit_id: benefits[kind], org_code: province, delivery: 'offer' }
      const { id } = await must(maker.ask('POST', '/admin/batches', draft), 201)
      batches[kind] = String(id)
      const at = `/admin/batches/${id}`
      const { digest } = await must(maker.ask('POST', `${at}/dry-run`, {}))
      await must(maker.ask('POST', `${at}/submit`, {}))
      const statement = checker.approval(String(id), String(digest))
      const decided = await must(checker.ask('POST', `${at}/decisions`, { statement }))
      expect(decided.state).toBe('approved')
      await must(maker.ask('POST', `${at}/start`, {}))
      const done = await ended(maker.ask, `${at}/progress`)
      expect(done).toMatchObject({ state: 'completed', issued: done.members })
      expect(done.issued).toBeGreaterThan(200)
    }
  })

  it('lets a member enrol, claim what was offered, show a code, and use it once', async () => {
    const listed = await must(maker.ask('GET', `/admin/members?org_code=${province}&limit=1`))
    const [first] = listed.items as unknown as { member_no: string }[]
    member = await phone(server, maker.ask, first!.member_no)
    const { items } = await must(member.ask('GET', '/me/vouchers'))
    const held = items as unknown as { id: string; kind: Kind; state: string }[]
    expect(held.map(({ kind }) => kind).toSorted()).toEqual(Object.keys(kinds).toSorted())
    for (const { id, kind, state } of held) {
      expect(state).toBe('offered')
      await must(member.ask('POST', `/me/vouchers/${id}/claim`, {}))
      const shown = { code: member.code(id) }
      const prepared = await must(shop.ask('POST', '/redemptions/prepare', shown), 201)
      const spent = { preparation_id: prepared.preparation_id, ...counterDetails[kind] }
      const made = await must(shop.ask('POST', '/redemptions', spent), 201)
      expect(made).toMatchObject({ voucher_id: id, state: 'committed', uses_left: 0 })
      const again = await shop.ask('POST', '/redemptions', { code: member.code(id, 1) })
      expect(again.body).toMatchObject({
        code: 'ALREADY_REDEEMED',
        first_redeemed_at: made.redeemed_at,
      })
    }
  })

  it('undoes a redemption, and takes the voucher again by its digits', async () => {
    const id = await claim(member, stock)
    const made = await must(shop.ask('POST', '/redemptions', { code: member.code(id) }), 201)
    const undo = { reason: 'wrong_amount' }
    const undone = await must(shop.ask('POST', `/redemptions/${made.redemption_id}/reverse`, undo))
    expect(undone).toMatchObject({ state: 'reversed', uses_left: 1 })
    server.now += minute
    const fresh = { code: member.code(id) }
    const alias = await must(member.ask('POST', `/me/vouchers/${id}/numeric-code`, fresh), 201)
    await must(shop.ask('POST', '/redemptions', { digits: alias.digits }), 201)
    const shown = await must(member.ask('GET', `/me/vouchers/${id}`))
    expect(shown).toMatchObject({ state: 'used', redemptions: [{}, {}] })
    const events = (await must(maker.ask('GET', `/admin/vouchers/${id}`))).events
    expect((events as unknown as object[]).length).toBe(4)
  })

  it('takes back a unit of stock, and recalls a batch from those who did not use it', async () => {
    const list = await must(maker.ask('GET', `/admin/members?org_code=${province}&limit=2`))
    const [, other] = list.items as unknown as { member_no: string }[]
    const second = await phone(server, maker.ask, other!.member_no)
    const id = await claim(second, stock)
    const back = await must(second.ask('POST', `/me/vouchers/${id}/return`, {}))
    expect(back.state).toBe('returned')
    const at = `/admin/batches/${batches.coupon}`
    await must(checker.ask('POST', `${at}/recall`, {}))
    const done = await ended(maker.ask, `${at}/progress`)
    expect(done).toMatchObject({ state: 'recalled', recalled: Number(done.issued) - 1 })
    const { items } = await must(second.ask('GET', '/me/vouchers?state=void'))
    expect(items).toMatchObject([{ kind: 'coupon' }])
  })

  it('leaves a log that the auditor finds whole, in the database and over HTTP', async () => {
    const { logKey, location, store } = server.deployment
    const waits = async () => (await store.read.$count(store.read.tables.pendingLeaves)) > 0
    const patience = AbortSignal.timeout(20 * second)
    while ((await waits()) && !patience.aborted) await new Promise((r) => setTimeout(r, 20))
    const policy = parsePolicy(sha256, Buffer.from(`log ${logKey.vkey}\nquorum none\n`))
    const whole = await readSnapshot(location, (reader) =>
      verifyLog(databaseSource(reader, logKey.name), policy, { database: reader }),
    )
    expect(whole.findings).toEqual([])
    expect(whole.vouchers).toBeGreaterThan(800)
    const path = logKey.name.split('/').slice(1).join('/')
    const outside = await verifyLog(urlSource(`${server.url}/${path}`), policy)
    expect(outside).toMatchObject({ ok: true, findings: [], leaves: whole.leaves })
  })
})
