import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketOf } from '../../src/base/id.ts'
import { Refusal } from '../../src/base/refusal.ts'
import {
  budgetOf,
  changeBudget,
  createProgramme,
  listProgrammes,
  type Programme,
  readProgramme,
} from '../../src/benefits/programmes.ts'
import { engines } from '../support/engines.ts'
import { actor, freshWorld, funded, maker, now, type World } from './support.ts'

describe.each(engines)('programmes on %s', (engine) => {
  let world: World
  beforeAll(async () => {
    world = await freshWorld(engine)
  })
  afterAll(() => world.store.close())

  const change = (programme: Programme, amount: number, expectedVersion = programme.version) =>
    world.store.transaction((tx) =>
      changeBudget(
        tx,
        world.node,
        { programmeId: programme.id, amount, expectedVersion, reason: 'plan' },
        maker,
        now,
      ),
    )

  it('begin without money, in the bucket of their id', async () => {
    const programme = await funded(world, 0)
    expect(programme).toMatchObject({ available: 0, version: 1, bucket: bucketOf(programme.id) })
    expect(await readProgramme(world.store.read, programme.id)).toEqual(programme)
  })

  it('gain and lose money in the books as in the row', async () => {
    const programme = await funded(world, 5000)
    const less = await change(programme, -2000)
    expect(less).toMatchObject({ available: 3000, version: programme.version + 1 })
    const budget = await budgetOf(world.store.read, programme.id)
    expect(budget).toMatchObject({ available: 3000, version: less.version })
    expect(budget.balances).toMatchObject({
      fund_bank: 3000,
      budget_available: -3000,
      voucher_liability: 0,
    })
    const kinds = await world.store.read.rows(
      sql`select e.kind as kind, count(*) as n from journal_entries e join postings p
        on p.bucket = e.bucket and p.entry_id = e.id
        where p.programme_id = ${programme.id} group by e.kind`,
    )
    expect(kinds).toEqual([{ kind: 'budget.allocate', n: 4 }])
  })

  it('let one of two win who change the budget of one version', async () => {
    const programme = await funded(world, 100)
    const both = await Promise.allSettled([change(programme, 5), change(programme, 7)])
    const lost = both.filter((one) => one.status === 'rejected')
    expect(lost).toHaveLength(1)
    expect(lost[0]?.reason).toMatchObject({ code: 'VERSION_CONFLICT', detail: { version: 3 } })
  })

  it('never fall below nothing', async () => {
    const programme = await funded(world, 100)
    const code = { code: 'BUDGET_EXHAUSTED', detail: { available: 100 } }
    await expect(change(programme, -101)).rejects.toMatchObject(code)
    await expect(change(programme, Number.MAX_SAFE_INTEGER)).rejects.toMatchObject(code)
    expect(await readProgramme(world.store.read, programme.id)).toEqual(programme)
    expect((await change(programme, -100)).available).toBe(0)
  })

  it('refuse what is no amount, nobody has, or is out of scope', async () => {
    const programme = await funded(world, 0)
    for (const amount of [0, 0.5, Number.NaN]) {
      await expect(change(programme, amount)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    }
    const nothing = { ...programme, id: 'none' }
    await expect(change(nothing, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const given = { programmeId: programme.id, amount: 1, expectedVersion: 1 }
    // Neither the version nor what is available is told to those who may not see the programme.
    for (const change of [given, { ...given, expectedVersion: 99 }, { ...given, amount: -1e12 }]) {
      const elsewhere = world.store.transaction((tx) =>
        changeBudget(tx, world.node, change, actor('other', '000000/620000/'), now),
      )
      await expect(elsewhere).rejects.toMatchObject({
        code: 'NOT_FOUND',
        detail: { what: 'programme' },
      })
    }
    expect(await readProgramme(world.store.read, programme.id)).toEqual(programme)
  })

  it('refuse a wrong period, zone or public id, what is taken and places out of reach', async () => {
    const good = {
      publicId: 'taken',
      nameZh: '项目',
      nameEn: 'programme',
      orgCode: '640000',
      periodFrom: 1,
      periodTo: 2,
      timeZone: 'Asia/Urumqi',
    }
    const create = (changes: object, by = maker) =>
      world.store.transaction((tx) => createProgramme(tx, { ...good, ...changes }, by, now))
    await create({})
    await expect(create({})).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    for (const wrong of [{ periodTo: 1 }, { timeZone: 'Asia/Nowhere' }, { publicId: '券' }]) {
      await expect(create(wrong)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    }
    await expect(create({ orgCode: '1' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const low = actor('low', '000000/640000/640100/')
    await expect(create({ publicId: 'x' }, low)).rejects.toBeInstanceOf(Refusal)
    await expect(create({ publicId: 'x' }, low)).rejects.toMatchObject({ code: 'OUT_OF_SCOPE' })
  })

  it('are listed by scope, a page at a time', async () => {
    const mine = await funded(world, 0, '620000')
    const other = await funded(world, 0, '620000')
    const ids = [mine.id, other.id].sort()
    const list = (after?: string) =>
      listProgrammes(world.store.read, ['000000/620000/'], { after, limit: 1 })
    expect((await list()).map(({ id }) => id)).toEqual([ids[0]])
    expect((await list(ids[0])).map(({ id }) => id)).toEqual([ids[1]])
    expect(await list(ids[1])).toEqual([])
    expect(await listProgrammes(world.store.read, [], { limit: 9 })).toEqual([])
  })
})
