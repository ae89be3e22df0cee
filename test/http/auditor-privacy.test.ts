import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { toBase64url } from '../../src/base/bytes.ts'
import { day } from '../../src/base/clock.ts'
import { keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { said } from '../joining/applicant.ts'
import { engines } from '../support/engines.ts'
import { jpeg } from '../support/portrait.ts'
import {
  benefit,
  claim,
  counties,
  type Desk,
  desk,
  ended,
  phone,
  roster,
} from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'
import { type Operation, operationsOf } from './operations.ts'

const [here, there] = counties

describe.each(engines)('what an auditor is told of members, on %s', (engine) => {
  let ground: Ground
  let auditor: Desk
  let known: Record<string, string>
  let planted: string[]
  let readings: Operation[]
  beforeAll(async () => {
    ground = await openGround(engine)
    auditor = await desk(ground.server, { role: 'auditor' })
    const stranger = roster(here, 13).people[12]!
    known = await plant(ground, stranger)
    const { members } = ground.server.store.read.tables
    const rows = await ground.server.store.read.select({ id: members.id }).from(members)
    const people = [...ground.people, stranger]
    planted = [
      ...rows.map(({ id }) => id),
      ...people.flatMap(({ memberNo, name, idNumber, mobile }) => [
        ...[memberNo, name, idNumber, mobile],
        ...[`${memberNo.slice(0, 2)}****`, `${name[0]}*`, `*${mobile.slice(-4)}`],
      ]),
    ]
    readings = (await operationsOf(ground)).filter(
      ({ method, tag }) => method === 'GET' && (tag === 'admin' || tag === 'auditor'),
    )
  })
  afterAll(() => ground.server.close())

  const told = async (operation: Operation, { token }: Desk) => {
    const url = `${ground.server.url}${filled(operation, known)}`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    return { status: answer.status, text: await answer.text() }
  }
  /** Which of what was planted a text holds: the end of a number only behind its mask. */
  const found = (text: string, ids = false) =>
    planted.filter((one) => text.includes(one) && !(ids && /^[0-9a-f-]{36}$/.test(one)))

  it('is no number, name or id of anybody, wherever the desk or the audit is read', async () => {
    expect(readings.length).toBeGreaterThan(60)
    const refused = []
    for (const operation of readings) {
      const { status, text } = await told(operation, auditor)
      // Looks are told by the id that the member, too, is told by.
      const ids = operation.path.endsWith('/looks')
      expect([operation.path, found(text, ids)]).toEqual([operation.path, []])
      expect([operation.path, status < 500]).toEqual([operation.path, true])
      if (status === 403) refused.push(operation.path.replace('/api/v1/admin', ''))
    }
    expect(refused).toEqual(expect.arrayContaining(['/members', '/batches/{id}/left-out']))
    const open = readings.length - refused.length
    expect(open).toBeGreaterThan(30)
  })
  it('is what an administrator reads at the same addresses', async () => {
    const [leaks, absent]: string[][] = [[], []]
    for (const operation of readings.filter(({ tag }) => tag === 'admin')) {
      const { status, text } = await told(operation, ground.maker)
      const path = operation.path.replace('/api/v1/admin', '')
      if (status !== 200) absent!.push(`${path} ${status}`)
      if (found(text).length > 0) leaks!.push(path)
    }
    expect(leaks).toEqual([
      ...['/members', '/members/{id}', '/applications', '/applications/{id}', '/transfers'],
      ...['/portraits', '/batches/{id}/dry-run', '/batches/{id}/left-out', '/proposals'],
      ...['/proposals/{id}', '/vouchers/{id}'],
    ])
    expect(absent?.filter((path) => !/^\/(imports|draws|statements)\/\{id\}/.test(path))).toEqual(
      [],
    )
  })

  it('is all figures, and what is signed about money and vouchers', async () => {
    const { ask } = auditor
    const { batches, segments } = known
    const { report } = await must(ask('GET', `/admin/batches/${batches}/dry-run`))
    expect(report).toMatchObject({ considered: 5, eligible: 5, sample: [] })
    const progress = await must(ask('GET', `/admin/batches/${batches}/progress`))
    expect(progress).toMatchObject({ issued: 4, left_out: { not_entitled: 1 } })
    const { items } = await must(ask('GET', '/admin/proposals'))
    const told = (items as { kind: string; content?: string }[]).map((one) => [
      one.kind,
      typeof one.content,
    ])
    expect(told).toEqual([
      ['extend', 'string'],
      ['recall', 'undefined'],
      ['budget', 'string'],
    ])
    const criteria = { segment: segments }
    const tried = await ask('POST', '/admin/criteria/preview', { criteria, org_code: here })
    expect(tried).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } })
  })
})

/** A path with what there is in the place of its parameters, and the queries it needs. */
function filled({ path, query }: Operation, known: Record<string, string>): string {
  const at = path.replace(
    /([^/]+)\/\{(?:id|code)\}/g,
    (_, of: string) => `${of}/${known[of] ?? 'x'}`,
  )
  const asked = new URLSearchParams({
    ...('org_code' in query && { org_code: here }),
    ...('into' in query && { into: there }),
  })
  return `${at}?${asked}`
}

/** A union in which everything has happened that an answer could tell of; the ids by their paths. */
async function plant(
  { server, maker: { ask }, people, programmeId, benefitId, shop, till, member }: Ground,
  stranger: (typeof people)[number],
): Promise<Record<string, string>> {
  const id = (items: unknown) => (items as { id: string }[])[0]!.id
  const approver = await desk(server)
  const third = await desk(server, { role: 'approver' })
  const numbers = people.slice(1, 6).map(({ memberNo }) => memberNo)
  const list = await must(ask('POST', '/admin/lists', { name: '名单', org_code: here }), 201)
  await must(ask('POST', `/admin/lists/${list.id}/members`, { member_nos: numbers }))
  const rule = { name: '人群', org_code: here, criteria: { list: list.id } }
  const segment = await must(ask('POST', '/admin/segments', rule), 201)
  const worth = {
    amount: 1_100_000,
    details: { kind: 'coupon', face_value: 1_100_000, minimum_spend: 0 },
  }
  const dear = await benefit(ask, programmeId, { supply: 'batch', stock: undefined, ...worth })
  const draft = { benefit_id: dear, org_code: here, list_id: list.id, delivery: 'active' }
  const { id: batch } = await must(ask('POST', '/admin/batches', draft), 201)
  const { digest } = await must(ask('POST', `/admin/batches/${batch}/dry-run`, {}))
  await must(ask('POST', `/admin/batches/${batch}/submit`, {}))
  for (const by of [approver, third]) {
    const statement = by.approval(String(batch), String(digest))
    await must(by.ask('POST', `/admin/batches/${batch}/decisions`, { statement }))
  }
  const away = await phone(server, ask, numbers[4]!)
  await must(ask('POST', `/admin/members/${away.memberId}/standing`, { change: 'suspend' }))
  await must(ask('POST', `/admin/batches/${batch}/start`, {}))
  await ended(ask, `/admin/batches/${batch}/progress`)
  const selection = { member_nos: numbers.slice(0, 3) }
  const wish = { selection, reason: 'sent twice' }
  const recall = await must(approver.ask('POST', `/admin/batches/${batch}/recalls`, wish))
  const waits = await must(approver.ask('POST', `/admin/recalls/${recall.id}/submit`, {}))
  const lucky = await phone(server, ask, numbers[3]!)
  const { items: mine } = await must(lucky.ask('GET', '/me/vouchers'))
  const longer = { reason: 'complaint', valid_to: server.now + 100 * day }
  await must(ask('POST', `/admin/vouchers/${id(mine)}/extend`, longer))
  const voucher = await claim(member, benefitId)
  const { redemption_id: spent } = await must(
    till.ask('POST', '/redemptions', { code: member.code(voucher) }),
    201,
  )
  await must(member.ask('POST', `/me/redemptions/${spent}/report`, { reason: 'not_me' }), 201)
  await must(member.ask('POST', '/me/transfers', { org_code: there }), 201)
  await must(member.ask('POST', '/me/portrait', { jpeg: toBase64url(jpeg(1)) }), 201)
  const { items: pictures } = await must(ask('GET', '/admin/portraits'))
  const { code } = await must(ask('POST', '/admin/join-codes', { org_code: here }), 201)
  await must(keyAgent(server).ask('POST', '/applications', { code, ...said(stranger) }), 201)
  const { items: applied } = await must(ask('GET', `/admin/applications?org_code=${here}`))
  const { items: files } = await must(ask('GET', `/admin/imports?org_code=${here}`))
  const { items: merchants } = await must(ask('GET', '/admin/merchants'))
  return Object.fromEntries(
    Object.entries({
      ...{ lists: list.id, segments: segment.id, benefits: dear, batches: batch },
      ...{ recalls: recall.id, proposals: waits.proposal_id, programmes: programmeId },
      ...{ vouchers: voucher, members: member.memberId, stores: shop.storeId },
      ...{ portraits: id(pictures), applications: id(applied), merchants: id(merchants) },
      ...{ imports: id(files), organisations: here },
    }).map(([name, one]) => [name, String(one)]),
  )
}
