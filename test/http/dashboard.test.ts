import readWorkbook from 'read-excel-file/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { rollUp } from '../../src/jobs/roll-up.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, counties, desk, programme, province } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'

describe.each(engines)('the dashboard on %s', (engine) => {
  let ground: Ground
  let voucher: string
  beforeAll(async () => {
    ground = await openGround(engine)
    const { member, benefitId, till } = ground
    voucher = await claim(member, benefitId)
    const code = await member.code(voucher)
    await must(till.ask('POST', '/redemptions', { code }), 201)
  }, 60_000)
  afterAll(() => ground.server.close())

  const read = (path: string, ask = ground.maker.ask) => must(ask('GET', path))
  const figures = { issued: 1, claimed: 1, redeemed: 1, redeemed_amount: 1000, settled: 0 }
  const file = (path: string) => {
    const headers = { authorization: `Bearer ${ground.maker.token}` }
    return fetch(`${ground.server.url}/api/v1${path}`, { headers })
  }

  it('sums what is below, and goes down the tree to the organisation itself', async () => {
    const total = async () => (await read('/admin/funnel')).total
    await expect.poll(total, { timeout: 10_000 }).toMatchObject(figures)
    const all = await read('/admin/funnel')
    expect(all.total).toMatchObject(figures)
    expect(all.above).toMatchObject([{ code: province }])
    let code = ''
    let rows = all.items as { key: string; deeper: boolean }[]
    for (let depth = 0; depth < 5 && rows[0]?.key !== code; depth++) {
      expect(rows).toMatchObject([figures])
      code = rows[0]!.key
      rows = (await read(`/admin/funnel?org_code=${code}`)).items as typeof rows
    }
    expect(rows).toMatchObject([{ key: counties[0], deeper: false }])
  })

  it('tells the same by benefit and by day', async () => {
    const { items: benefits } = await read('/admin/funnel?by=benefit')
    const named = { key: ground.benefitId, name_zh: '洗车券', name_en: 'car wash' }
    expect(benefits).toMatchObject([{ ...named, ...figures }])
    const { items: days } = await read('/admin/funnel?by=day')
    expect(days).toMatchObject([figures])
    const { key } = (days as { key: string }[])[0]!
    expect(await read(`/admin/funnel?from=${key}&to=${key}`)).toMatchObject({ total: figures })
    expect(await read('/admin/funnel?to=2001-01-01')).toMatchObject({ total: { issued: 0 } })
    expect(await read('/admin/funnel?benefit=none')).toMatchObject({ total: { issued: 0 } })
    const only = `/admin/funnel?programme=${ground.programmeId}`
    expect(await read(only)).toMatchObject({ total: figures })
  })

  it('shows nothing of other subtrees', async () => {
    const other = await desk(ground.server, { org: counties[1] })
    expect(await read('/admin/funnel', other.ask)).toMatchObject({
      total: { issued: 0 },
      items: [],
    })
    const refused = await other.ask('GET', `/admin/funnel?org_code=${counties[0]}`)
    expect(refused.status).toBe(403)
    expect(await read('/admin/budget-burn', other.ask)).toEqual({ items: [] })
    expect(await read('/admin/alerts', other.ask)).toEqual({ items: [] })
    const merchants = await desk(ground.server, { role: 'registrar' })
    expect((await merchants.ask('GET', '/admin/funnel')).status).toBe(403)
  })

  it('says what became of the money', async () => {
    const { items } = await read('/admin/budget-burn')
    const [{ months }] = items as [{ months: object[] }]
    const { available } = await read(`/admin/programmes/${ground.programmeId}/budget`)
    expect(months.at(-1)).toMatchObject({ available, consumed: 1000, committed: 999_000 })
  })

  it('has the codes of refusals, most frequent first', async () => {
    const { member, till, server } = ground
    const again = await member.code(voucher)
    for (let i = 0; i < 2; i++) await till.ask('POST', '/redemptions', { code: again })
    const clock = () => server.now + 120_000
    while (await rollUp({ store: server.store, clock }));
    const { items } = await read('/admin/refusals')
    expect((items as object[]).length).toBeGreaterThan(0)
  })

  it('tells of a batch that waits', async () => {
    const { id } = await submittedBatch(ground, await freshBenefit())
    const { items } = await read('/admin/alerts')
    expect(items).toContainEqual(expect.objectContaining({ kind: 'approval_waiting', id }))
  })

  async function freshBenefit(): Promise<string> {
    const { maker, programmeId } = ground
    return benefit(maker.ask, programmeId, {
      ...{ supply: 'batch', stock: undefined },
      name: { zh: '=1+1', en: '@sum' },
    })
  }

  it('exports CSV with a BOM, and a workbook, and neither runs anything', async () => {
    const csv = Buffer.from(await (await file('/admin/funnel/file?by=benefit')).arrayBuffer())
    expect(csv.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    const lines = csv.toString('utf8').trim().split('\r\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toContain('洗车券,1,1,1,0,0,0,0,0,10,0,0')
    const sent = await file('/admin/funnel/file?by=org&format=xlsx&language=en')
    const rows = await readWorkbook(Buffer.from(await sent.arrayBuffer()))
    expect(JSON.stringify(rows)).toContain('"Issued"')
    expect(JSON.stringify(rows)).toContain('"Total",1,1,1')
  })

  it('tells of a budget and a stock that are nearly gone, and of a store that undoes much', async () => {
    const { maker, member, till, server, programmeId, shop } = ground
    const poor = await programme(server, maker.ask)
    await benefit(maker.ask, poor, { stock: 9_001 })
    const last = await benefit(maker.ask, programmeId, { stock: 1 })
    const before = (await read('/admin/alerts')).items as { kind: string; id: string }[]
    expect(before.filter(({ kind }) => kind !== 'approval_waiting')).toEqual([])

    const held = await claim(member, last)
    for (let i = 0; i < 3; i++) {
      const given = { code: await member.code(held) }
      const { redemption_id } = await must(till.ask('POST', '/redemptions', given), 201)
      const reason = { reason: 'wrong_voucher' }
      await must(till.ask('POST', `/redemptions/${redemption_id}/reverse`, reason))
      server.now += 60_000
    }
    const told = async () => {
      const { items } = await read('/admin/alerts')
      return (items as { kind: string }[]).filter(({ kind }) => kind !== 'approval_waiting')
    }
    await expect
      .poll(told, { timeout: 10_000 })
      .toEqual([
        expect.objectContaining({ kind: 'budget_low', id: poor, left: 999_000, of: 10_000_000 }),
        expect.objectContaining({ kind: 'stock_low', id: last, name_zh: '洗车券', left: 0, of: 1 }),
        expect.objectContaining({ kind: 'many_reversals', id: shop.storeId, left: 3, of: 4 }),
      ])
    const other = await desk(server, { org: counties[1] })
    expect(await read('/admin/alerts', other.ask)).toEqual({ items: [] })
  })
})
