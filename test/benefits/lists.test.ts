import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addToList, createList, listLists, listSize, readList } from '../../src/benefits/lists.ts'
import { engines } from '../support/engines.ts'
import { actor, addMember, freshWorld, maker, now, type World } from './support.ts'

describe.each(engines)('lists on %s', (engine) => {
  let world: World
  beforeAll(async () => {
    world = await freshWorld(engine)
    await world.store.transaction(async (tx) => {
      await addMember(tx, 'a')
      await addMember(tx, 'b', { orgCode: '640300' })
      await addMember(tx, 'c', { orgCode: '620000' })
    })
  })
  afterAll(() => world.store.close())

  const create = (by = maker, orgCode = '640000') =>
    world.store.transaction((tx) => createList(tx, { name: 'riders', orgCode }, by, now))
  const add = (id: string, numbers: string[], by = maker) =>
    world.store.transaction((tx) => addToList(tx, id, numbers, by))
  const no = (...ids: string[]) => ids.map((id) => `6401-0000-${id}`)

  it('take the members of their organisation, once, and tell who is unknown', async () => {
    const list = await create()
    expect(await add(list.id, no('a', 'c', 'a', 'x'))).toEqual({
      matched: 1,
      added: 1,
      unknown: no('c', 'x'),
    })
    expect(await add(list.id, no('a', 'b'))).toEqual({ matched: 2, added: 1, unknown: [] })
    expect(await add(list.id, [])).toEqual({ matched: 0, added: 0, unknown: [] })
    expect(await listSize(world.store.read, list.id)).toBe(2)
    expect(await readList(world.store.read, list.id)).toEqual(list)
  })

  it('refuse who is out of scope, what is not there and what is too much', async () => {
    const { id } = await create()
    const low = actor('low', '000000/640000/640100/')
    await expect(create(low)).rejects.toMatchObject({ code: 'OUT_OF_SCOPE' })
    await expect(add(id, no('a'), low)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(add('none', no('a'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(create(maker, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const many = Array.from({ length: 5001 }, (_, i) => `${i}`)
    await expect(add(id, many)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('are listed by scope', async () => {
    const { id } = await create(maker, '620000')
    const list = (path: string) => listLists(world.store.read, [path], { limit: 99 })
    expect((await list('000000/620000/')).map((one) => one.id)).toEqual([id])
    expect((await list('000000/')).length).toBeGreaterThan(1)
  })
})
