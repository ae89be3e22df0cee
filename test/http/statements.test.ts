import { setTimeout as sleep } from 'node:timers/promises'
import { inflateSync } from 'node:zlib'

import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hour } from '../../src/base/clock.ts'
import { monthNamed, unionZone } from '../../src/benefits/criteria/month.ts'
import { dayIn } from '../../src/benefits/criteria/zone.ts'
import { signedRequest, terminalAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { closeStatements } from '../../src/jobs/close-statements.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, desk } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

type Body = Record<string, unknown>

describe.each(engines)('being paid over HTTP, on %s', (engine) => {
  let ground: Ground
  let manager: Awaited<ReturnType<typeof terminalAgent>>
  let reopen: () => Promise<unknown>
  let statement: Body
  let redemptionId: unknown
  let merchantId: string

  const logged = async () => {
    const { pendingLeaves } = ground.server.store.read.tables
    while ((await ground.server.store.read.$count(pendingLeaves)) > 0) await sleep(50)
  }
  const monthOver = () => {
    const { server } = ground
    const month = monthNamed(dayIn(unionZone, server.now).slice(0, 7))
    server.now = month.to + 25 * hour
    return month.name
  }
  const spend = async () => {
    const { maker, member, programmeId, till } = ground
    const danger = { name: { zh: '=cmd|券', en: '=cmd' } }
    const benefitId = await benefit((await maker.signIn()).ask, programmeId, danger)
    const code = member.code(await claim(member, benefitId))
    return must(till.ask('POST', '/redemptions', { code }), 201)
  }
  const download = async (path: string, by = manager) => {
    const { server } = ground
    const request = signedRequest(server, by, 'GET', `/api/v1${path}`)
    return fetch(`${server.url}/api/v1${path}`, request)
  }

  beforeAll(async () => {
    ground = await openGround(engine)
    const { server, shop, maker } = ground
    const at = `/admin/stores/${shop.storeId}`
    const given = { name: '店长', pin: '8642', role: 'manager' }
    const { id: cashier } = await must(maker.ask('POST', `${at}/cashiers`, given), 201)
    const { id } = await must(maker.ask('POST', `${at}/terminals`, { name: 'back' }), 201)
    const { token } = await must(maker.ask('POST', `/admin/terminals/${id}/provisionings`, {}), 201)
    manager = await terminalAgent(server, String(token))
    reopen = () => manager.ask('POST', '/terminal/shifts', { cashier_id: cashier, pin: '8642' })
    await reopen()
    const info = await must(manager.ask('GET', '/terminal/info'))
    expect(info.shift).toMatchObject({ cashier: '店长', role: 'manager' })
    merchantId = (info.merchant as { id: string }).id
    redemptionId = (await spend()).redemption_id
    await logged()
  })
  afterAll(() => ground.server.close())

  it('closes a month once, for whoever may', async () => {
    const { server } = ground
    const running = dayIn(unionZone, server.now).slice(0, 7)
    const body = { merchant_id: merchantId, month: running }
    const early = await desk(server)
    expect(await early.ask('POST', '/admin/statements/close', body)).toMatchObject({
      status: 400,
      body: { code: 'VALIDATION_FAILED' },
    })
    const month = monthOver()
    const elsewhere = await desk(server, { org: '640221' })
    expect((await elsewhere.ask('POST', '/admin/statements/close', body)).status).toBe(404)
    const approver = await desk(server, { role: 'approver' })
    expect((await approver.ask('POST', '/admin/statements/close', body)).status).toBe(403)
    const clerk = await desk(server, { role: 'merchant_manager' })
    const made = await must(clerk.ask('POST', '/admin/statements/close', body))
    statement = made.statement as Body
    expect(statement).toMatchObject({ month, state: 'issued', lines: 1, total: 1000 })
    const again = await must(clerk.ask('POST', '/admin/statements/close', body))
    expect(again).toEqual({ closed: false })
    const list = await must(clerk.ask('GET', `/admin/statements?month=${month}`))
    expect(list.items).toMatchObject([{ id: statement.id }])
    expect(await must(elsewhere.ask('GET', '/admin/statements'))).toEqual({ items: [] })
    expect((await elsewhere.ask('GET', `/admin/statements/${statement.id}`)).status).toBe(404)
  })

  it('refuses to undo what is stated: REVERSAL_SETTLED', async () => {
    const { ask } = await desk(ground.server)
    const path = `/admin/redemptions/${redemptionId}/reverse`
    expect(await ask('POST', path, { reason: 'wrong_voucher' })).toMatchObject({
      body: { code: 'REVERSAL_SETTLED' },
      status: 422,
    })
  })

  it('shows statements to a manager on shift of the merchant, and to nobody else there', async () => {
    const path = `/merchant/statements/${statement.id}`
    const { items } = await must(manager.ask('GET', '/merchant/statements'))
    expect(items).toMatchObject([{ id: statement.id, total: 1000 }])
    const lines = await must(manager.ask('GET', `${path}/lines`))
    expect(lines.items).toMatchObject([
      { line: 1, kind: 'redemption', amount: 1000, benefit: { zh: '=cmd|券' } },
    ])
    for (const at of ['/merchant/statements', path, `${path}.csv`]) {
      expect(await ground.till.ask('GET', at)).toMatchObject({ body: { code: 'FORBIDDEN' } })
    }
    const unknown = await manager.ask('GET', `/merchant/statements/${crypto.randomUUID()}`)
    expect(unknown).toMatchObject({ status: 404, body: { what: 'statement' } })
  })

  it('gives its lines as CSV, in UTF-8 with a BOM and in GB18030, with no formula in it', async () => {
    const path = `/merchant/statements/${statement.id}.csv`
    const utf8 = Buffer.from(await (await download(path)).arrayBuffer())
    expect(utf8.subarray(0, 3).toString('hex')).toBe('efbbbf')
    expect(utf8.toString()).toContain('金额（元）')
    expect(utf8.toString()).toContain(",'=cmd|券,10.00,")
    const answer = await download(`${path}?encoding=gb18030`)
    expect(answer.headers.get('content-type')).toContain('gb18030')
    const other = iconv.decode(Buffer.from(await answer.arrayBuffer()), 'gb18030')
    expect(other).toBe(utf8.toString().replace('\uFEFF', ''))
    expect((await download(`${path}?encoding=utf-7`)).status).toBe(400)
    const { token } = await desk(ground.server)
    const headers = { authorization: `Bearer ${token}` }
    const url = `${ground.server.url}/api/v1/admin/statements/${statement.id}.csv`
    expect(Buffer.from(await (await fetch(url, { headers })).arrayBuffer())).toEqual(utf8)
  })

  it('gives a PDF whose embedded font has the Chinese in it', async () => {
    const answer = await download(`/merchant/statements/${statement.id}.pdf`)
    expect(answer.headers.get('content-type')).toBe('application/pdf')
    const pdf = Buffer.from(await answer.arrayBuffer())
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect(pdf.length).toBeLessThan(100_000)
    const mapped = charactersOf(pdf)
    for (const character of '商户对账单洗车券核销合计¥') {
      if ('洗车'.includes(character)) continue
      expect(mapped, character).toContain(character)
    }
  })

  it('is confirmed, approved by two persons, and paid once', async () => {
    const { server } = ground
    const path = `/merchant/statements/${statement.id}`
    expect(await ground.till.ask('POST', `${path}/confirm`, {})).toMatchObject({
      body: { code: 'FORBIDDEN' },
    })
    expect(await must(manager.ask('POST', `${path}/confirm`, {}))).toMatchObject({
      state: 'confirmed',
      by_silence: false,
    })
    const late = await manager.ask('POST', `${path}/disputes`, { reason: 'wrong_amount' })
    expect(late).toMatchObject({ status: 409, body: { code: 'STATEMENT_STATE' } })
    const at = `/admin/statements/${statement.id}`
    const word = { digest: statement.digest }
    const [one, two] = [
      await desk(server, { role: 'approver' }),
      await desk(server, { role: 'approver' }),
    ]
    const clerk = await desk(server, { role: 'merchant_manager' })
    const pay = { bank_reference: 'ICBC2026110200017' }
    expect((await clerk.ask('POST', `${at}/mark-paid`, pay)).body.code).toBe('STATEMENT_STATE')
    expect((await clerk.ask('POST', `${at}/approve`, word)).body.code).toBe('FORBIDDEN')
    await must(one.ask('POST', `${at}/approve`, word))
    expect((await one.ask('POST', `${at}/approve`, word)).body.code).toBe('ALREADY_EXISTS')
    expect(await must(two.ask('POST', `${at}/approve`, word))).toMatchObject({ state: 'approved' })
    for (const person of ['13912345678', '64010419900101123X', '6222021234567890123']) {
      const wrong = await clerk.ask('POST', `${at}/mark-paid`, { bank_reference: person })
      expect(wrong.body.code).toBe('VALIDATION_FAILED')
    }
    expect(await must(clerk.ask('POST', `${at}/mark-paid`, pay))).toMatchObject({ state: 'paid' })
    expect((await clerk.ask('POST', `${at}/mark-paid`, pay)).body.code).toBe('STATEMENT_STATE')
    await logged()
    expect((await reconcile(server.store.read, server.now)).good).toBe(true)
  })

  it('closes by itself on the second of the month, and puts a correction in', async () => {
    const { server, programmeId } = ground
    const { ask } = await desk(server, { role: 'admin' })
    const at = `/admin/statements/${statement.id}/adjustments`
    const given = { programme_id: programmeId, amount: 500, reason: 'price_corrected' }
    await must(ask('POST', at, given), 201)
    await logged()
    monthOver()
    const { store, deployment, clock } = server
    const job = { store, node: deployment.node, clock }
    expect(await closeStatements(job)).toBe(0)
    server.now += 2 * hour
    const closed = await Promise.all([closeStatements(job), closeStatements(job)])
    expect(closed.reduce((sum, one) => sum + one, 0)).toBe(1)
    const { items } = await must(manager.ask('GET', '/merchant/statements?limit=1'))
    const [second] = items as Body[]
    expect(second).toMatchObject({ adjusted: 500, total: 500, merchant_id: merchantId })
    const path = `/merchant/statements/${second!.id}/disputes`
    const dispute = { reason: 'missing_redemption', text: '少一笔' }
    expect(await must(manager.ask('POST', path, dispute))).toMatchObject({ state: 'disputed' })
    const fresh = await desk(server)
    const answer = { answer: '下月补' }
    const answered = fresh.ask('POST', `/admin/statements/${second!.id}/answer`, answer)
    expect(await must(answered)).toMatchObject({ dispute: { answer: '下月补' } })
  })
})

/** Every character that the ToUnicode maps of a PDF name. */
function charactersOf(pdf: Buffer): string {
  const text = pdf.toString('latin1')
  const streams = [...text.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, body]) => {
    try {
      return inflateSync(Buffer.from(body ?? '', 'latin1')).toString('latin1')
    } catch {
      return ''
    }
  })
  return streams
    .filter((stream) => stream.includes('beginbfrange') || stream.includes('beginbfchar'))
    .flatMap((stream) => [...stream.matchAll(/<([0-9a-f]{4,})>/gi)])
    .map(([, hex]) =>
      Buffer.from(hex ?? '', 'hex')
        .swap16()
        .toString('utf16le'),
    )
    .join('')
}
