import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { day, hour } from '../../../src/base/clock.ts'
import { approvalsFor } from '../../../src/benefits/batches/approve.ts'
import { readBatch } from '../../../src/benefits/batches/batch.ts'
import { editBatch } from '../../../src/benefits/batches/edit.ts'
import { editBenefit } from '../../../src/benefits/benefits.ts'
import { pauseBenefit, publishBenefit, resumeBenefit } from '../../../src/benefits/publish.ts'
import type { Tx } from '../../../src/store/store.ts'
import { engines } from '../../support/engines.ts'
import {
  actor,
  definition,
  freshWorld,
  funded,
  maker,
  now,
  published,
  type World,
} from '../support.ts'
import { addMembers, content, decide, draft, dryRun, submit } from './support.ts'

describe('the approvals an issue needs', () => {
  it('grow with its amount', () => {
    const needed = [1_000_000, 1_000_001, 100_000_000, 100_000_001].map(approvalsFor)
    expect(needed).toEqual([1, 2, 2, 3])
  })
})

describe.each(engines)('submitting and approving on %s', (engine) => {
  let world: World
  let benefitId: string
  let batchId: string
  beforeEach(async () => {
    world = await freshWorld(engine)
    const { id } = await funded(world, 100_000_000)
    // five members at CNY 10 000: two approvals
    benefitId = await published(world, id, { amount: 1_000_000 })
    await world.store.transaction((tx) => addMembers(tx, 5))
    batchId = (await draft(world.store, benefitId)).id
  })
  afterEach(() => world.store.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => world.store.transaction(work)
  const state = async () => (await readBatch(world.store.read, batchId)).state
  const ready = async () => (await dryRun(world.store, batchId)).digest
  const submitted = async () => {
    const digest = await ready()
    await submit(world.store, batchId)
    return digest
  }

  it('needs a dry run, not older than a day', async () => {
    await expect(submit(world.store, batchId)).rejects.toMatchObject({
      code: 'BATCH_STATE',
      detail: { state: 'draft' },
    })
    await ready()
    await expect(submit(world.store, batchId, maker, now + day)).rejects.toMatchObject({
      code: 'DRY_RUN_STALE',
    })
    const stranger = actor('stranger', '000000/620000/')
    await expect(submit(world.store, batchId, stranger)).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(submit(world.store, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const batch = await submit(world.store, batchId, maker, now + 23 * hour)
    expect(batch).toMatchObject({ state: 'submitted', approvalsNeeded: 2 })
    await expect(submit(world.store, batchId)).rejects.toMatchObject({ code: 'BATCH_STATE' })
  })

  it('needs a dry run of the benefit and the segments in force', async () => {
    const segment = { id: 's', name: 's', orgCode: '000000', createdAt: now }
    const save = (version: number, criteria: object) =>
      does(async (tx) => {
        const row = { ...segment, version, criteria: JSON.stringify(criteria) }
        await tx.insert(tx.tables.segments).values(row)
      })
    await save(1, { fact: 'gender', op: 'eq', value: 'female' })
    const narrowed = { ...content, criteria: { segment: 's' } }
    await does((tx) => editBatch(tx, batchId, narrowed, 1, maker))
    await ready()
    await save(2, { fact: 'gender', op: 'exists' })
    const stale = { code: 'DRY_RUN_STALE' }
    await expect(submit(world.store, batchId)).rejects.toMatchObject(stale)
    await ready()
    await does((tx) => pauseBenefit(tx, benefitId, maker))
    await expect(submit(world.store, batchId)).rejects.toMatchObject({ code: 'BENEFIT_STATE' })
    await does(async (tx) => {
      await resumeBenefit(tx, benefitId, maker)
      await editBenefit(tx, benefitId, definition({ amount: 2 }), maker)
      await publishBenefit(tx, world.node, benefitId, maker, now)
    })
    await expect(submit(world.store, batchId)).rejects.toMatchObject(stale)
  })

  it('needs somebody to issue to', async () => {
    const nobody = { ...content, criteria: { fact: 'model_worker', op: 'eq', value: true } }
    await does((tx) => editBatch(tx, batchId, nobody, 1, maker))
    await ready()
    await expect(submit(world.store, batchId)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('approves with as many persons as the amount needs', async () => {
    const digest = await submitted()
    expect((await decide(world.store, batchId, digest, 'a')).state).toBe('submitted')
    expect((await decide(world.store, batchId, digest, 'b')).state).toBe('approved')
    await expect(decide(world.store, batchId, digest, 'c')).rejects.toMatchObject({
      code: 'BATCH_STATE',
    })
  })

  it('misses no approval when the last two come at once', async () => {
    const digest = await submitted()
    await Promise.all(['a', 'b'].map((one) => decide(world.store, batchId, digest, one)))
    expect(await state()).toBe('approved')
  })

  it('counts a person once, however often and fast', async () => {
    const digest = await submitted()
    const both = await Promise.allSettled(
      [1, 2, 3].map(() => decide(world.store, batchId, digest, 'a')),
    )
    const codes = both.map((one) => (one.status === 'rejected' ? one.reason.code : 'counted'))
    expect(codes.sort()).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS', 'counted'])
    expect(await state()).toBe('submitted')
  })

  it('refuses who had a hand in it: maker, editor, submitter', async () => {
    await does((tx) => editBatch(tx, batchId, content, 1, actor('editor')))
    const digest = await ready()
    await submit(world.store, batchId, actor('submitter'))
    for (const hand of ['maker', 'editor', 'submitter']) {
      await expect(decide(world.store, batchId, digest, hand)).rejects.toMatchObject({
        code: 'SELF_APPROVAL',
      })
    }
    await expect(decide(world.store, batchId, digest, 'maker', 'reject')).rejects.toMatchObject({
      code: 'SELF_APPROVAL',
    })
    expect(await state()).toBe('submitted')
  })

  it('refuses an approver whose scope does not hold the batch', async () => {
    const digest = await submitted()
    const low = ['000000/640000/640100/', '000000/620000/']
    await expect(
      decide(world.store, batchId, digest, 'a', 'approve', ...low),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await decide(world.store, batchId, digest, 'a', 'approve', '000000/640000/')
  })

  it('refuses a signature over anything but this dry run', async () => {
    const digest = await submitted()
    const other = digest.map((octet, i) => (i === 31 ? octet ^ 1 : octet))
    for (const wrong of [other, digest.slice(1), new Uint8Array()]) {
      await expect(decide(world.store, batchId, wrong, 'a')).rejects.toMatchObject({
        code: 'DRY_RUN_STALE',
      })
    }
    await expect(decide(world.store, 'none', digest, 'a')).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('forgets approvals when the batch is changed', async () => {
    const digest = await submitted()
    await decide(world.store, batchId, digest, 'a')
    const { version } = await readBatch(world.store.read, batchId)
    const changed = { ...content, note: 'changed' }
    const edited = await does((tx) => editBatch(tx, batchId, changed, version, maker))
    expect(edited).toMatchObject({ state: 'draft', approvalsNeeded: 0 })
    const next = await submitted()
    await expect(decide(world.store, batchId, digest, 'b')).rejects.toMatchObject({
      code: 'DRY_RUN_STALE',
    })
    expect((await decide(world.store, batchId, next, 'b')).state).toBe('submitted')
    expect((await decide(world.store, batchId, next, 'a')).state).toBe('approved')
  })

  it('rejects with one voice, and keeps what was signed', async () => {
    const digest = await submitted()
    await decide(world.store, batchId, digest, 'a')
    expect((await decide(world.store, batchId, digest, 'b', 'reject')).state).toBe('rejected')
    const { approvals } = world.store.read.tables
    const kept = await world.store.read.select().from(approvals).where(eq(approvals.personId, 'b'))
    expect(kept).toMatchObject([{ decision: 'reject', statement: 'jws', at: now }])
    const { version } = await readBatch(world.store.read, batchId)
    expect((await does((tx) => editBatch(tx, batchId, content, version, maker))).state).toBe(
      'draft',
    )
  })
})
