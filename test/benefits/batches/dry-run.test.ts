import { asc, eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toHex } from '../../../src/base/bytes.ts'
import { listBatches, readBatch } from '../../../src/benefits/batches/batch.ts'
import {
  collectDryRun,
  measureDryRun,
  planDryRun,
  readDryRun,
  storeDryRun,
} from '../../../src/benefits/batches/dry-run.ts'
import { type BatchContent, createBatch, editBatch } from '../../../src/benefits/batches/edit.ts'
import { createBenefit, editBenefit } from '../../../src/benefits/benefits.ts'
import { addToList, createList } from '../../../src/benefits/lists.ts'
import { pauseBenefit, publishBenefit } from '../../../src/benefits/publish.ts'
import type { Actor } from '../../../src/benefits/scope.ts'
import type { Tx } from '../../../src/store/store.ts'
import { engines } from '../../support/engines.ts'
import {
  actor,
  addMember,
  definition,
  freshWorld,
  funded,
  maker,
  now,
  published,
  type World,
} from '../support.ts'
import { addMembers, collectAll, content, draft, dryRun } from './support.ts'

describe.each(engines)('a dry run on %s', (engine) => {
  let world: World
  let programmeId: string
  let benefitId: string
  beforeEach(async () => {
    world = await freshWorld(engine)
    programmeId = (await funded(world, 4000)).id
    benefitId = await published(world, programmeId)
    await world.store.transaction(async (tx) => {
      await addMembers(tx, 5)
      await addMember(tx, 'b1', { orgCode: '640300' })
      await addMember(tx, 'c1', { orgCode: '620000' })
      await addMember(tx, 'n1', { occupation: null })
      await addMember(tx, 'n2', { occupation: 'sanitation' })
      await addMember(tx, 'n3', { standing: 'suspended' })
      await addMember(tx, 'n4')
      const cap = { bucket: 7, personId: 'person-n4', benefitId, period: 'ever', seq: 1 }
      await tx.insert(tx.tables.claims).values({ ...cap, voucherId: 'v', at: now })
    })
  })
  afterEach(() => world.store.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => world.store.transaction(work)
  const edit = (id: string, changes: Partial<BatchContent>, version: number, by: Actor = maker) =>
    does((tx) => editBatch(tx, id, { ...content, ...changes }, version, by))
  const members = async (dryRunId: string) => {
    const { dryRunMembers: t } = world.store.read.tables
    const rows = await world.store.read
      .select()
      .from(t)
      .where(eq(t.dryRunId, dryRunId))
      .orderBy(asc(t.memberId))
    return rows.map(({ memberId }) => memberId)
  }

  it('finds the members it would reach, and says why not the others', async () => {
    const { id } = await draft(world.store, benefitId)
    const { report, plan, batch, digest } = await dryRun(world.store, id)
    expect(await members(plan.dryRunId)).toEqual(['b1', 'm00', 'm01', 'm02', 'm03', 'm04'])
    expect(report).toMatchObject({
      considered: 10,
      eligible: 6,
      excluded: { not_active: 1, not_eligible: 1, fact_unknown: 1, cap_reached: 1 },
      by_organisation: [
        { org_code: '640100', count: 5 },
        { org_code: '640300', count: 1 },
      ],
      by_occupation: [{ occupation: 'courier', count: 6 }],
      budget: { amount: 1000, uses: 1, total: 6000, available: 4000, sufficient: false },
    })
    expect(report.sample).toContainEqual({ member_no: '64****00', org_code: '640100' })
    expect(JSON.stringify(report)).not.toContain('6401-0000')
    expect(batch).toMatchObject({ state: 'ready', dryRunId: plan.dryRunId })
    const stored = await readDryRun(world.store.read, batch)
    expect(stored.report).toEqual(report)
    expect([...stored.digest]).toEqual([...digest])
  })

  it('is the same in any number of steps, and when it is done again', async () => {
    const { id } = await draft(world.store, benefitId)
    const first = await dryRun(world.store, id)
    for (const size of [1, 2, 11, 12]) {
      const again = await dryRun(world.store, id, now, size)
      expect(toHex(again.digest)).toBe(toHex(first.digest))
      const { difference, ...report } = again.report
      expect(report).toEqual(first.report)
      expect(difference).toEqual({ since: now, joined: 0, left: 0 })
    }
  })

  it('says who joined and who left since the dry run before', async () => {
    const { id } = await draft(world.store, benefitId)
    expect((await dryRun(world.store, id)).report.difference).toBeUndefined()
    const { version } = await readBatch(world.store.read, id)
    await edit(id, { orgCode: '640100' }, version)
    const { report } = await dryRun(world.store, id)
    expect(report.difference).toEqual({ since: now, joined: 0, left: 1 })
  })

  it('has another digest when anything is another', async () => {
    const { id } = await draft(world.store, benefitId)
    const digests = [toHex((await dryRun(world.store, id)).digest)]
    const again = async (changes: Partial<BatchContent>) => {
      const { version } = await readBatch(world.store.read, id)
      await edit(id, changes, version)
      digests.push(toHex((await dryRun(world.store, id)).digest))
    }
    await again({ orgCode: '640100' })
    await again({ delivery: 'active' })
    await again({ note: 'July' })
    await again({ criteria: { fact: 'gender', op: 'eq', value: 'female' } })
    await does((tx) => addMember(tx, 'm99'))
    await again({})
    for (const changes of [{ amount: 1 }, { uses: 2 }, { validity: { days_after_claim: 9 } }]) {
      await does(async (tx) => {
        await editBenefit(tx, benefitId, definition(changes), maker)
        await publishBenefit(tx, world.node, benefitId, maker, now)
      })
      await again({})
    }
    const other = await draft(world.store, benefitId)
    digests.push(toHex((await dryRun(world.store, other.id)).digest))
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('looks at a list as at any other criterion', async () => {
    const list = await does(async (tx) => {
      const made = await createList(tx, { name: 'l', orgCode: '640000' }, actor('clerk'), now)
      const numbers = ['m01', 'm02', 'n2', 'n3'].map((one) => `6401-0000-${one}`)
      await addToList(tx, made.id, numbers, actor('clerk'))
      return made
    })
    const batch = await draft(world.store, benefitId, { listId: list.id })
    expect(batch).toMatchObject({ source: 'list', listId: list.id })
    const { report, plan } = await dryRun(world.store, batch.id)
    expect(await members(plan.dryRunId)).toEqual(['m01', 'm02'])
    expect(report).toMatchObject({
      considered: 4,
      excluded: { not_active: 1, not_eligible: 1, fact_unknown: 0, cap_reached: 0 },
    })
    const { batchEditors } = world.store.read.tables
    const hands = await world.store.read.select().from(batchEditors)
    expect(hands.map(({ personId }) => personId).sort()).toEqual(['clerk', 'maker'])
  })

  it('counts for nothing when the batch was edited meanwhile', async () => {
    const { id } = await draft(world.store, benefitId)
    const plan = await planDryRun(world.store.read, id, now)
    await collectAll(world.store, plan, 100)
    const report = await measureDryRun(world.store.read, plan)
    const edited = await edit(id, { note: 'other' }, 1, actor('second'))
    const store = () => does((tx) => storeDryRun(tx, plan, report))
    await expect(store()).rejects.toMatchObject({ code: 'VERSION_CONFLICT' })
    expect(await readBatch(world.store.read, id)).toEqual(edited)
    await dryRun(world.store, id)
    const { version } = await readBatch(world.store.read, id)
    expect(await edit(id, {}, version)).toMatchObject({ state: 'draft', dryRunId: null })
    await does(async (tx) => {
      await tx.update(tx.tables.batches).set({ state: 'cancelled' })
    })
    await expect(store()).rejects.toMatchObject({ code: 'BATCH_STATE' })
    await expect(edit(id, {}, version + 1)).rejects.toMatchObject({ code: 'BATCH_STATE' })
    await expect(dryRun(world.store, id)).rejects.toMatchObject({ code: 'BATCH_STATE' })
  })

  it('lets one of two edits of one version win', async () => {
    const { id } = await draft(world.store, benefitId)
    const both = await Promise.allSettled([edit(id, { note: 'a' }, 1), edit(id, { note: 'b' }, 1)])
    const lost = both.filter((one) => one.status === 'rejected')
    expect(lost.map(({ reason }) => reason.code)).toEqual(['VERSION_CONFLICT'])
  })

  it('asks that the batch was written for the version in force', async () => {
    const { id } = await draft(world.store, benefitId)
    await does(async (tx) => {
      await editBenefit(tx, benefitId, definition({ amount: 2 }), maker)
      await publishBenefit(tx, world.node, benefitId, maker, now)
    })
    await expect(dryRun(world.store, id)).rejects.toMatchObject({ code: 'DRY_RUN_STALE' })
    expect(await edit(id, {}, 1)).toMatchObject({ benefitVersion: 2 })
    await dryRun(world.store, id)
    await does((tx) => pauseBenefit(tx, benefitId, maker))
    await expect(dryRun(world.store, id)).rejects.toMatchObject({ code: 'BENEFIT_STATE' })
    await expect(draft(world.store, benefitId)).rejects.toMatchObject({ code: 'BENEFIT_STATE' })
  })

  it('is of a batch that may be: refusals of making one', async () => {
    const make = (changes: Partial<BatchContent>, by: Actor = maker, benefit = benefitId) =>
      does((tx) => createBatch(tx, benefit, { ...content, ...changes }, by, now))
    const low = actor('low', '000000/640000/640100/')
    await expect(make({}, low)).rejects.toMatchObject({ code: 'OUT_OF_SCOPE' })
    await expect(make({ orgCode: '000000' })).rejects.toMatchObject({ code: 'OUT_OF_SCOPE' })
    await expect(make({ orgCode: '620000' })).rejects.toMatchObject({ code: 'OUT_OF_SCOPE' })
    await expect(make({ orgCode: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(make({ listId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(make({}, maker, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const invalid = { code: 'CRITERIA_INVALID' }
    await expect(make({ criteria: {} })).rejects.toMatchObject(invalid)
    await expect(make({ criteria: { list: 'none' } })).rejects.toMatchObject(invalid)
    const stock = await published(world, programmeId, { supply: 'stock', stock: 1 })
    await expect(make({}, maker, stock)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    const { benefitId: unpublished } = await does((tx) =>
      createBenefit(tx, programmeId, definition(), maker, now),
    )
    await expect(make({}, maker, unpublished)).rejects.toMatchObject({ code: 'BENEFIT_STATE' })
    const { id } = await make({ orgCode: '640300' })
    await expect(edit(id, { orgCode: '640100' }, 1, low)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(edit('none', {}, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(dryRun(world.store, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const list = (path: string) => listBatches(world.store.read, [path], { limit: 9 })
    expect((await list('000000/640000/640300/')).map((one) => one.id)).toEqual([id])
    expect(await list('000000/620000/')).toEqual([])
  })

  it('never writes a member twice, even when a step is repeated', async () => {
    const { id } = await draft(world.store, benefitId)
    const plan = await planDryRun(world.store.read, id, now)
    const step = () => does((tx) => collectDryRun(tx, plan, '', 100))
    await step()
    await expect(step()).rejects.toThrow()
    expect(await members(plan.dryRunId)).toHaveLength(6)
  })
})
