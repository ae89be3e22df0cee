import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { progressOf, readBatch } from '../../../src/benefits/batches/batch.ts'
import {
  advance,
  cancelBatch,
  nextChunkMembers,
  pauseBatch,
  resumeBatch,
  type Step,
  startBatch,
} from '../../../src/benefits/batches/run.ts'
import { stopBenefit } from '../../../src/benefits/publish.ts'
import type { Tx } from '../../../src/store/store.ts'
import { engines } from '../../support/engines.ts'
import {
  actor,
  addMember,
  freshWorld,
  funded,
  maker,
  now,
  published,
  type World,
} from '../support.ts'
import { addMembers, decide, draft, dryRun, running, submit } from './support.ts'

describe.each(engines)('running a batch on %s', (engine) => {
  let world: World
  let benefitId: string
  beforeEach(async () => {
    world = await freshWorld(engine)
    const { id } = await funded(world, 100_000)
    benefitId = await published(world, id)
    await world.store.transaction((tx) => addMembers(tx, 7))
  })
  afterEach(() => world.store.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => world.store.transaction(work)
  const start = (id: string, by = maker) => does((tx) => startBatch(tx, id, by, now))
  const pause = (id: string, by = maker) => does((tx) => pauseBatch(tx, id, by))
  const resume = (id: string, by = maker) => does((tx) => resumeBatch(tx, id, by))
  const cancel = (id: string, by = maker) => does((tx) => cancelBatch(tx, id, by, now))
  const step = (given: Partial<Step> & { batchId: string }) =>
    does((tx) =>
      advance(tx, { from: '', to: 'm02', issued: 3, dropped: 0, last: false, ...given }, now),
    )

  it('goes through its states and no others', async () => {
    const { id } = await draft(world.store, benefitId)
    const no = (act: (id: string) => Promise<unknown>) =>
      expect(act(id)).rejects.toMatchObject({ code: 'BATCH_STATE' })
    for (const act of [start, pause, resume]) await no(act)
    const { digest } = await dryRun(world.store, id)
    await submit(world.store, id)
    for (const act of [start, pause, resume]) await no(act)
    await decide(world.store, id, digest, 'checker')
    for (const act of [pause, resume]) await no(act)
    expect(await start(id)).toMatchObject({ state: 'running', startedAt: now, cursor: '' })
    for (const act of [start, resume]) await no(act)
    expect((await pause(id)).state).toBe('paused')
    for (const act of [start, pause]) await no(act)
    expect((await resume(id)).state).toBe('running')
    expect(await cancel(id)).toMatchObject({ state: 'cancelled', finishedAt: now })
    for (const act of [start, pause, resume, cancel]) await no(act)
  })

  it('asks for scope, and for a batch', async () => {
    const { id } = await running(world.store, benefitId)
    const stranger = actor('stranger', '000000/620000/')
    for (const act of [start, pause, resume, cancel]) {
      await expect(act(id, stranger)).rejects.toMatchObject({ code: 'NOT_FOUND' })
      await expect(act('none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })

  it('does not start when the benefit was stopped after approval', async () => {
    const { id } = await draft(world.store, benefitId)
    const { digest } = await dryRun(world.store, id)
    await submit(world.store, id)
    await decide(world.store, id, digest, 'checker')
    await does((tx) => stopBenefit(tx, world.node, benefitId, maker, now))
    await expect(start(id)).rejects.toMatchObject({ code: 'BENEFIT_STATE' })
  })

  it('takes members in order, each with whether it still qualifies', async () => {
    const batch = await running(world.store, benefitId)
    const { members, claims } = world.store.read.tables
    await does(async (tx) => {
      const set = (id: string, facts: object) =>
        tx.update(members).set(facts).where(eq(members.id, id))
      await set('m01', { standing: 'suspended' })
      await set('m02', { occupation: null })
      await set('m03', { orgCode: '620000' })
      const cap = { bucket: 7, personId: 'person-m04', benefitId, period: 'ever', seq: 1 }
      await tx.insert(claims).values({ ...cap, voucherId: 'v', at: now })
      await set('m05', { orgCode: '640300' })
    })
    const next = (cursor: string, size: number) =>
      nextChunkMembers(world.store.read, { ...batch, cursor }, size, now)
    const chunk = await next('', 6)
    expect(chunk[0]).toEqual({
      memberId: 'm00',
      personId: 'person-m00',
      bucket: 7,
      leftOut: undefined,
    })
    expect(chunk.map(({ leftOut }) => leftOut)).toEqual([
      ...[undefined, 'not_entitled', 'not_entitled', 'not_entitled', 'cap_reached', undefined],
    ])
    expect((await next('m05', 6)).map(({ memberId }) => memberId)).toEqual(['m06'])
    expect(await next('m06', 6)).toEqual([])
  })

  it('reaches nobody who came after the dry run', async () => {
    const batch = await running(world.store, benefitId)
    await does((tx) => addMember(tx, 'm001'))
    const all = await nextChunkMembers(world.store.read, batch, 100, now)
    expect(all.map(({ memberId }) => memberId)).not.toContain('m001')
    expect(all).toHaveLength(7)
  })

  it('moves its cursor with each chunk until nobody is left', async () => {
    const { id } = await running(world.store, benefitId)
    expect(await step({ batchId: id })).toMatchObject({ cursor: 'm02', chunks: 1, issued: 3 })
    const rest = { batchId: id, from: 'm02', to: 'm06', issued: 3, dropped: 1, last: true }
    expect(await step(rest)).toMatchObject({ state: 'completed', finishedAt: now })
    expect(await progressOf(world.store.read, id)).toEqual({
      state: 'completed',
      members: 7,
      issued: 6,
      dropped: 1,
      leftOut: {},
      recalled: 0,
      chunks: 2,
      startedAt: now,
      finishedAt: now,
    })
    await expect(step({ ...rest, from: 'm06' })).rejects.toMatchObject({ code: 'BATCH_STATE' })
    await expect(cancel(id)).rejects.toMatchObject({ code: 'BATCH_STATE' })
  })

  it('lets one of many runners take a chunk', async () => {
    const { id } = await running(world.store, benefitId)
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => step({ batchId: id })))
    const lost = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(lost).toEqual(Array(7).fill('VERSION_CONFLICT'))
    expect(await readBatch(world.store.read, id)).toMatchObject({ chunks: 1, issued: 3 })
  })

  it('undoes a chunk that was overtaken by a pause', async () => {
    const { id } = await running(world.store, benefitId)
    await pause(id)
    await expect(step({ batchId: id })).rejects.toMatchObject({
      code: 'BATCH_STATE',
      detail: { state: 'paused' },
    })
    await resume(id)
    await step({ batchId: id })
    await expect(step({ batchId: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('has no members before its dry run', async () => {
    const batch = await draft(world.store, benefitId)
    expect(await nextChunkMembers(world.store.read, batch, 9, now)).toEqual([])
    expect(await progressOf(world.store.read, batch.id)).toMatchObject({ members: 0 })
  })
})
