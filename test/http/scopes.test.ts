import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  claim,
  counties,
  type Desk,
  desk,
  ended,
  importRoster,
  phone,
  plantTree,
  programme,
  roster,
  till,
} from '../support/union.ts'
import { submittedBatch } from './ground.ts'

/** What one county has, as its desk names it. */
interface County {
  readonly org: string
  readonly desk: Desk
  readonly ids: Record<
    | 'member'
    | 'import'
    | 'programme'
    | 'proposal'
    | 'benefit'
    | 'stock'
    | 'batch'
    | 'list'
    | 'segment'
    | 'merchant'
    | 'store'
    | 'terminal'
    | 'cashier'
    | 'voucher'
    | 'redemption'
    | 'principal',
    string
  >
}

async function plant(server: TestServer, org: string, provincial: Desk): Promise<County> {
  const own = await desk(server, { org })
  const { ask } = own
  const { people, csv } = roster(org, 4)
  const { id: imported } = await importRoster(server, own, { org, file: csv })
  const programmeId = await programme(server, ask, org)
  const changes = await must(ask('GET', `/admin/proposals?subject=${programmeId}`))
  const [proposal] = changes.items as unknown as { id: string }[]
  const benefitId = await benefit(ask, programmeId, { supply: 'batch', stock: undefined })
  const stock = await benefit(ask, programmeId)
  const contract = { contract_from: server.now - day, contract_to: server.now + day }
  const merchant = await must(
    ask('POST', '/admin/merchants', { name: `商户${org}`, org_code: org, ...contract }),
    201,
  )
  const shop = { name: '店', category: 'food', region: Number(org) }
  const store = await must(ask('POST', `/admin/merchants/${merchant.id}/stores`, shop), 201)
  const counter = await till(server, ask, String(store.id))
  const list = await must(ask('POST', '/admin/lists', { name: org, org_code: org }), 201)
  const rule = { name: org, org_code: org, criteria: { fact: 'gender', op: 'exists' } }
  const segment = await must(ask('POST', '/admin/segments', rule), 201)
  const batch = await submittedBatch({ maker: own }, benefitId, org)
  const statement = provincial.approval(batch.id, batch.digest)
  await must(provincial.ask('POST', `/admin/batches/${batch.id}/decisions`, { statement }))
  await must(ask('POST', `/admin/batches/${batch.id}/start`, {}))
  await ended(ask, `/admin/batches/${batch.id}/progress`)
  const member = await phone(server, ask, people[0]!.memberNo)
  const voucher = await claim(member, stock)
  const shown = { code: member.code(voucher) }
  const { redemption_id } = await must(counter.ask('POST', '/redemptions', shown), 201)
  const grants = [{ role: 'maker', org_code: org }]
  const staff = await must(ask('POST', '/admin/staff', { name: '员', grants }), 201)
  const ids = {
    ...{ member: member.memberId, import: imported, programme: programmeId, benefit: benefitId },
    ...{
      proposal: proposal!.id,
      stock,
      batch: batch.id,
      list: list.id,
      segment: segment.id,
      merchant: merchant.id,
      store: store.id,
    },
    ...{ terminal: counter.terminalId, cashier: counter.cashierId, voucher },
    ...{ redemption: redemption_id, principal: staff.id },
  }
  const text = Object.entries(ids).map(([name, id]) => [name, String(id)])
  return { org, desk: own, ids: Object.fromEntries(text) as County['ids'] }
}

describe.each(engines)('a desk of one county, on %s', (engine) => {
  let server: TestServer
  let here: County
  let there: County
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    const provincial = await desk(server)
    here = await plant(server, counties[0], provincial)
    there = await plant(server, counties[1], provincial)
  })
  afterAll(() => server.close())

  it.each([
    '/admin/programmes',
    '/admin/benefits',
    '/admin/batches',
    '/admin/proposals',
    '/admin/lists',
    '/admin/segments',
    '/admin/merchants',
    '/admin/members',
    '/admin/imports',
  ])('sees its own in %s, and nothing of another', async (path) => {
    const asks = /members|imports/.test(path) ? `${path}?org_code=${here.org}` : path
    const { items } = await must(here.desk.ask('GET', asks))
    const ids = (items as unknown as { id: string }[]).map(({ id }) => id)
    const own = Object.values(here.ids)
    expect(ids.some((id) => own.includes(id))).toBe(true)
    for (const id of Object.values(there.ids)) expect(ids).not.toContain(id)
    expect(JSON.stringify(items)).not.toContain(there.org)
    if (asks !== path) {
      const other = await here.desk.ask('GET', `${path}?org_code=${there.org}`)
      expect(other).toMatchObject({ status: 403, body: { code: 'OUT_OF_SCOPE' } })
    }
  })

  const unknown = '01989d10-0000-7000-8000-000000000000'
  const reason = { reason: 'wrong_voucher' }
  const acts: readonly [method: string, path: string, name: keyof County['ids'], body?: object][] =
    [
      ['GET', '/members/:id', 'member'],
      ['POST', '/members/:id/activations', 'member', {}],
      ['POST', '/members/:id/standing', 'member', { change: 'suspend' }],
      ['POST', '/members/:id/transfer', 'member', { org_code: counties[0] }],
      ['POST', '/members/:id/devices/revoke', 'member', {}],
      ['GET', '/imports/:id', 'import'],
      ['GET', '/imports/:id/errors.csv', 'import'],
      ['GET', '/programmes/:id/budget', 'programme'],
      [
        ...(['POST', '/programmes/:id/budget-changes', 'programme'] as const),
        { amount: 1, expected_version: 9, reason: 'plan' },
      ],
      ['GET', '/proposals/:id', 'proposal'],
      ['POST', '/proposals/:id/withdraw', 'proposal', {}],
      ['GET', '/benefits/:id', 'benefit'],
      ['GET', '/benefits/:id/quotas', 'benefit'],
      ['POST', '/benefits/:id/pause', 'benefit', {}],
      ['PUT', '/benefits/:id/draft', 'benefit', { definition: {} }],
      ['GET', '/benefits/:id/acceptance', 'benefit'],
      ['PUT', '/benefits/:id/acceptance', 'benefit', { rules: [] }],
      ['GET', '/batches/:id/progress', 'batch'],
      ['GET', '/batches/:id/dry-run', 'batch'],
      ['GET', '/batches/:id/left-out', 'batch'],
      ['GET', '/batches/:id/progress/events', 'batch'],
      ['POST', '/vouchers/:id/extend', 'voucher', { reason: 'complaint', valid_to: 1 }],
      ['POST', '/vouchers/:id/reissue', 'voucher', { reason: 'lost' }],
      ['POST', '/batches/:id/retry-failed', 'batch', {}],
      ['GET', '/batches/:id/recalls', 'batch'],
      ['POST', '/batches/:id/recalls', 'batch', { selection: {}, reason: 'none' }],
      ['POST', '/batches/:id/dry-run', 'batch', {}],
      ['POST', '/batches/:id/cancel', 'batch', {}],
      ['POST', '/batches/:id/recall', 'batch', {}],
      ['GET', '/segments/:id', 'segment'],
      [
        ...(['PUT', '/segments/:id', 'segment'] as const),
        { name: 'x', criteria: { fact: 'gender', op: 'exists' }, expected_version: 1 },
      ],
      ['DELETE', '/segments/:id', 'segment'],
      ['GET', '/imports/:id/mapping', 'import'],
      ['PUT', '/imports/:id/mapping', 'import', {}],
      ['POST', '/imports/:id/start', 'import', {}],
      ['POST', '/imports/:id/discard', 'import', {}],
      ['GET', '/imports/:id/refused.csv', 'import'],
      ['POST', '/lists/:id/members', 'list', { member_nos: ['T1'] }],
      ['POST', '/lists/:id/imports', 'list', {}],
      ['GET', '/merchants/:id/stores', 'merchant'],
      ['POST', '/merchants/:id/state', 'merchant', { state: 'suspended' }],
      ['POST', '/stores/:id/state', 'store', { state: 'inactive' }],
      ['POST', '/stores/:id/terminals', 'store', { name: 'x' }],
      ['POST', '/stores/:id/cashiers', 'store', { name: 'x', pin: '1234' }],
      ['POST', '/terminals/:id/provisionings', 'terminal', {}],
      ['POST', '/terminals/:id/revoke', 'terminal', {}],
      ['POST', '/cashiers/:id/pin', 'cashier', { pin: '1234' }],
      ['GET', '/vouchers/:id', 'voucher'],
      ['POST', '/vouchers/:id/suspend', 'voucher', { reason: 'complaint' }],
      ['POST', '/vouchers/:id/resume', 'voucher', { reason: 'cleared' }],
      ['POST', '/vouchers/:id/void', 'voucher', { reason: 'fraud' }],
      ['POST', '/redemptions/:id/reverse', 'redemption', reason],
      ['POST', '/principals/:id/confirm', 'principal', {}],
      ['DELETE', '/principals/:id', 'principal'],
    ]
  it.each(acts)('cannot tell another’s from none: %s %s', async (method, path, name, body) => {
    const nothing = { voucher: '0'.repeat(32), redemption: `000.${unknown}` }[name as string]
    const asked = (id: string) => here.desk.ask(method, `/admin${path.replace(':id', id)}`, body)
    const [theirs, none] = [await asked(there.ids[name]), await asked(nothing ?? unknown)]
    expect(theirs.status).toBe(404)
    expect(theirs.body).toEqual(none.body)
    expect(theirs.status).toBe(none.status)
  })

  it('cannot find another’s member by any number, nor put them on a list', async () => {
    const [person] = roster(there.org, 1).people
    const { memberNo, idNumber, mobile } = person!
    const ways = [
      { member_no: memberNo },
      { mobile },
      { id_type: 'resident_id', id_number: idNumber },
    ]
    for (const way of ways) {
      const found = await here.desk.ask('POST', '/admin/members/search', way)
      expect(found).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
      expect((await there.desk.ask('POST', '/admin/members/search', way)).status).toBe(200)
    }
    const path = `/admin/lists/${here.ids.list}/members`
    const { matched, unknown } = await must(
      here.desk.ask('POST', path, { member_nos: [memberNo, 'T-none'] }),
    )
    expect([matched, unknown]).toEqual([0, [memberNo, 'T-none']])
  })

  it('cannot name another’s list or segment in a rule or a batch, nor count whom it finds', async () => {
    const { ids, desk: by, org: org_code } = here
    const draft = { benefit_id: ids.benefit, org_code, delivery: 'offer' }
    const ways: ((criteria: object) => readonly [path: string, body: object])[] = [
      (criteria) => ['/criteria/preview', { criteria, org_code }],
      (criteria) => ['/criteria/explain', { criteria, member_id: ids.member }],
      (criteria) => ['/batches', { ...draft, criteria }],
      (criteria) => ['/benefits', { programme_id: ids.programme, definition: coupon(criteria) }],
      (criteria) => ['/segments', { name: 'x', org_code, criteria }],
    ]
    const saying = async (path: string, body: object, id: string) => {
      const { status, body: told } = await by.ask('POST', `/admin${path}`, body)
      return [status, JSON.stringify(told).replaceAll(id, '')]
    }
    for (const [i, way] of ways.entries()) {
      for (const kind of i < 4 ? (['list', 'segment'] as const) : (['list'] as const)) {
        const named = (id: string) => way({ not: { [kind]: id } })
        const [path, mine] = named(ids[kind])
        expect([path, (await by.ask('POST', `/admin${path}`, mine)).status < 300]).toEqual([
          path,
          true,
        ])
        const theirs = await saying(...named(there.ids[kind]), there.ids[kind])
        expect(theirs).toEqual(await saying(...named(unknown), unknown))
        expect(theirs).toEqual([422, expect.stringContaining(`${kind}_unknown`)])
      }
    }
    const listed = (list_id: string) => by.ask('POST', '/admin/batches', { ...draft, list_id })
    await must(listed(ids.list), 201)
    const { body } = await listed(unknown)
    expect(await listed(there.ids.list)).toMatchObject({ status: 404, body })
  })

  it('cannot give roles, register clients or open things elsewhere', async () => {
    const grants = [{ role: 'maker', org_code: there.org }]
    const period = { period_from: 1, period_to: 2 }
    const names = { public_id: 'x', name_zh: 'x', name_en: 'x' }
    const wrong: [string, object, string][] = [
      ['/staff', { name: 'x', grants }, 'OUT_OF_SCOPE'],
      ['/clients', { owner_id: there.ids.principal, name: 'x', grants: [] }, 'VALIDATION_FAILED'],
      [
        '/clients',
        {
          owner_id: there.ids.principal,
          name: 'x',
          grants: [{ role: 'maker', org_code: here.org }],
        },
        'NOT_FOUND',
      ],
      ['/lists', { name: 'x', org_code: there.org }, 'OUT_OF_SCOPE'],
      ['/programmes', { ...names, ...period, org_code: there.org }, 'OUT_OF_SCOPE'],
      ['/benefits', { programme_id: there.ids.programme, definition: {} }, 'NOT_FOUND'],
      [
        '/merchants',
        { name: 'x', org_code: there.org, contract_from: 1, contract_to: 2 },
        'OUT_OF_SCOPE',
      ],
    ]
    for (const [path, body, code] of wrong) {
      expect((await here.desk.ask('POST', `/admin${path}`, body)).body.code).toBe(code)
    }
  })
})

/** A benefit by a rule, as far as it is drafted. */
function coupon(criteria: object) {
  return {
    ...{ name: { zh: '券', en: 'coupon' }, description: { zh: '券', en: 'coupon' } },
    details: { kind: 'coupon', face_value: 1000, minimum_spend: 0 },
    ...{ amount: 1000, validity: { days_after_claim: 30 }, supply: 'batch', criteria },
  }
}
