import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBatch, editBatch } from '../../src/benefits/batches/edit.ts'
import {
  createBenefit,
  editBenefit,
  listBenefits,
  readBenefit,
  versionsOf,
} from '../../src/benefits/benefits.ts'
import { createList } from '../../src/benefits/lists.ts'
import { budgetOf, readProgramme } from '../../src/benefits/programmes.ts'
import {
  pauseBenefit,
  publishBenefit,
  resumeBenefit,
  stopBenefit,
} from '../../src/benefits/publish.ts'
import { benefitVersion } from '../../src/benefits/versions.ts'
import type { Tx } from '../../src/store/store.ts'
import { engines } from '../support/engines.ts'
import {
  actor,
  definition,
  freshWorld,
  funded,
  maker,
  now,
  published,
  type World,
} from './support.ts'

const stock = (units: number, changes: object = {}) => ({
  supply: 'stock',
  stock: units,
  ...changes,
})
const stranger = actor('stranger', '000000/620000/')

describe.each(engines)('benefits on %s', (engine) => {
  let world: World
  let programmeId: string
  beforeAll(async () => {
    world = await freshWorld(engine)
    programmeId = (await funded(world, 0)).id
  })
  afterAll(() => world.store.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => world.store.transaction(work)
  const create = (given: unknown, by = maker) =>
    does((tx) => createBenefit(tx, programmeId, given, by, now))
  const edit = (id: string, given: unknown, by = maker) =>
    does((tx) => editBenefit(tx, id, given, by))
  const publish = (id: string, by = maker) =>
    does((tx) => publishBenefit(tx, world.node, id, by, now))
  const stop = (id: string, by = maker) => does((tx) => stopBenefit(tx, world.node, id, by, now))

  it('are drafts that nobody can use, and that can be written over', async () => {
    const { benefitId, version } = await create(definition())
    expect(version).toBe(1)
    expect(await benefitVersion(world.store.read, benefitId, 1)).toBeUndefined()
    const again = await edit(benefitId, definition({ amount: 1500 }))
    expect(again).toMatchObject({ version: 1, definition: { amount: 1500 } })
    expect(await versionsOf(world.store.read, benefitId)).toMatchObject([
      { version: 1, definition: { amount: 1500 }, publishedAt: undefined },
    ])
    expect(await readBenefit(world.store.read, benefitId)).toMatchObject({
      state: 'draft',
      version: 0,
      kind: 'coupon',
    })
  })

  it('are frozen when published; an edit then begins the next version', async () => {
    const id = await published(world, programmeId)
    const next = await edit(id, definition({ amount: 2000 }))
    expect(next.version).toBe(2)
    expect((await edit(id, definition({ amount: 2500 }))).version).toBe(2)
    expect((await benefitVersion(world.store.read, id, 1))?.definition.amount).toBe(1000)
    expect((await publish(id)).version).toBe(2)
    expect((await benefitVersion(world.store.read, id, 2))?.definition.amount).toBe(2500)
    await expect(publish(id)).rejects.toMatchObject({ code: 'BENEFIT_STATE' })
  })

  it('keep a rule that names what the editor does not reach, while it stays as it is', async () => {
    const above = await does((tx) =>
      createList(tx, { name: '省名单', orgCode: '640000' }, maker, now),
    )
    const { id: below } = await funded(world, 0, '640100')
    const county = actor('county', '000000/640000/640100/')
    const criteria = { list: above.id }
    const unknown = { code: 'CRITERIA_INVALID', detail: { reason: 'list_unknown' } }
    const own = does((tx) => createBenefit(tx, below, definition({ criteria }), county, now))
    await expect(own).rejects.toMatchObject(unknown)
    const given = await published(world, below, { criteria })
    expect(await edit(given, definition({ criteria, amount: 900 }), county)).toMatchObject({
      version: 2,
    })
    expect((await publish(given, county)).version).toBe(2)
    const narrower = definition({ criteria: { not: criteria } })
    await expect(edit(given, narrower, county)).rejects.toMatchObject(unknown)
    const content = { orgCode: '640100', listId: above.id, delivery: 'offer', note: '' } as const
    const batch = await does((tx) => createBatch(tx, given, content, maker, now))
    const change = { ...content, note: '六月' }
    await does((tx) => editBatch(tx, batch.id, change, batch.version, county))
    const another = does((tx) => createBatch(tx, given, content, county, now))
    await expect(another).rejects.toMatchObject({ code: 'NOT_FOUND', detail: { what: 'list' } })
  })

  it('publish once when two do it', async () => {
    const { benefitId } = await create(definition())
    const both = await Promise.allSettled([publish(benefitId), publish(benefitId)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('refuse what cannot be read, names nothing, or is out of scope', async () => {
    await expect(create({})).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    const rule = (criteria: object) => create(definition({ criteria }))
    await expect(rule({ fact: 'shoe_size' })).rejects.toMatchObject({ code: 'CRITERIA_INVALID' })
    for (const [criteria, reason] of [
      [{ list: 'none' }, 'list_unknown'],
      [{ segment: 'none' }, 'segment_unknown'],
      [{ org: { within: ['640000', 'none'] } }, 'organisation_unknown'],
      [
        { history: { benefit: 'none', event: 'issued', within: 'ever', op: 'ge', count: 1 } },
        'benefit_unknown',
      ],
    ] as const) {
      await expect(rule(criteria)).rejects.toMatchObject({
        code: 'CRITERIA_INVALID',
        detail: { reason, names: ['none'] },
      })
    }
    const { benefitId: id } = await create(definition())
    for (const act of [
      () => create(definition(), stranger),
      () => edit(id, definition(), stranger),
      () => publish(id, stranger),
      () => stop(id, stranger),
      () => does((tx) => pauseBenefit(tx, id, stranger)),
      () => does((tx) => resumeBenefit(tx, id, stranger)),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    await expect(publish('none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const nowhere = does((tx) => createBenefit(tx, 'none', definition(), maker, now))
    await expect(nowhere).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('go through their states and no others', async () => {
    const { benefitId: id } = await create(definition())
    const pause = () => does((tx) => pauseBenefit(tx, id, maker))
    const resume = () => does((tx) => resumeBenefit(tx, id, maker))
    const no = { code: 'BENEFIT_STATE' }
    await expect(pause()).rejects.toMatchObject({ ...no, detail: { state: 'draft' } })
    await expect(stop(id)).rejects.toMatchObject(no)
    await publish(id)
    await expect(resume()).rejects.toMatchObject(no)
    expect((await pause()).state).toBe('paused')
    await edit(id, definition({ amount: 1 }))
    expect(await publish(id)).toMatchObject({ state: 'paused', version: 2 })
    expect((await resume()).state).toBe('published')
    expect((await stop(id)).state).toBe('stopped')
    for (const act of [pause, resume, () => stop(id), () => publish(id)]) {
      await expect(act()).rejects.toMatchObject({ ...no, detail: { state: 'stopped' } })
    }
    await expect(edit(id, definition())).rejects.toMatchObject(no)
  })

  it('move money into open stock, and back what nobody took', async () => {
    const programme = await funded(world, 10_000)
    const id = await published(world, programme.id, stock(4, { uses: 2 }))
    const { quotas } = world.store.read.tables
    const quotaOf = async () =>
      (await world.store.read.select().from(quotas)).find(({ benefitId }) => benefitId === id)
    expect(await quotaOf()).toMatchObject({ scope: 'total', total: 4, used: 0 })
    expect(await budgetOf(world.store.read, programme.id)).toMatchObject({
      available: 2000,
      balances: { fund_bank: 10_000, budget_available: -2000, stock_reserved: -8000 },
    })
    await does(async (tx) => {
      await tx.update(tx.tables.quotas).set({ used: 1 })
    })
    await stop(id)
    expect(await quotaOf()).toMatchObject({ total: 1, used: 1 })
    expect(await budgetOf(world.store.read, programme.id)).toMatchObject({
      available: 8000,
      balances: { budget_available: -8000, stock_reserved: -2000 },
    })
  })

  it('open no stock that the budget does not hold: ten of twelve at once', async () => {
    const programme = await funded(world, 10_000)
    const drafts = await Promise.all(
      Array.from({ length: 12 }, () =>
        does((tx) => createBenefit(tx, programme.id, definition(stock(1)), maker, now)),
      ),
    )
    const all = await Promise.allSettled(drafts.map(({ benefitId }) => publish(benefitId)))
    const refused = all.filter((one) => one.status === 'rejected')
    expect(refused).toHaveLength(2)
    expect(refused[0]?.reason).toMatchObject({ code: 'BUDGET_EXHAUSTED', detail: { available: 0 } })
    expect(await readProgramme(world.store.read, programme.id)).toMatchObject({ available: 0 })
  })

  it('keep kind and supply, and what stock was opened with', async () => {
    const programme = await funded(world, 10_000)
    const open = await published(world, programme.id, stock(1))
    const batch = await published(world, programme.id)
    const details = { kind: 'insurance', insurer: 'x', cover_days: 1, sum_insured: 1 }
    for (const [id, changes] of [
      [batch, { details }],
      [batch, stock(1)],
      [open, {}],
      [open, stock(2)],
      [open, stock(1, { amount: 1 })],
      [open, stock(1, { uses: 2 })],
    ] as const) {
      await expect(edit(id, definition(changes))).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      })
    }
    const name = { zh: '新', en: 'new' }
    expect((await edit(open, definition(stock(1, { name })))).version).toBe(2)
    expect((await publish(open)).version).toBe(2)
    expect(await readProgramme(world.store.read, programme.id)).toMatchObject({ available: 9000 })
  })

  it('open stock that costs nothing', async () => {
    const id = await published(world, programmeId, stock(3, { amount: 0 }))
    expect((await stop(id)).state).toBe('stopped')
  })

  it('are listed by programme, state and scope', async () => {
    const programme = await funded(world, 0)
    const one = await published(world, programme.id)
    const two = await does((tx) => createBenefit(tx, programme.id, definition(), maker, now))
    const list = (more: object, paths = ['000000/640000/']) =>
      listBenefits(world.store.read, paths, { programmeId: programme.id, limit: 9, ...more })
    expect((await list({})).map(({ id }) => id)).toEqual([one, two.benefitId])
    expect((await list({ states: ['draft'] })).map(({ id }) => id)).toEqual([two.benefitId])
    expect((await list({ after: one })).map(({ id }) => id)).toEqual([two.benefitId])
    expect(await list({}, ['000000/620000/'])).toEqual([])
  })
})
