import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { createClient, createStaff } from '../../src/identity/principals.ts'
import { confirmPrincipal, countAsOne } from '../../src/identity/vouching.ts'
import type { Tx } from '../../src/store/store.ts'
import { engines } from '../support/engines.ts'
import { type Story, tellStory } from '../support/story.ts'

describe.each(engines)('who counts as whom, on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  type Made = { id: string; personId: string }
  const does = <T>(work: (tx: Tx) => Promise<T>) => story.store.transaction(work)
  const staff = (by?: Made): Promise<Made> => {
    const given = { name: '赵', grants: [], now: story.now }
    return does((tx) => createStaff(tx, { ...given, ...(by && { registeredBy: by.id }) }))
  }
  const confirm = ({ id: principalId }: { id: string }, by: Made) => {
    const given = { principalId, by: { principalId: by.id, personId: by.personId } }
    return does((tx) => confirmPrincipal(tx, { ...given, now: story.now }))
  }
  const one = (a: Made, b: Made) => countAsOne(story.store.read, a.personId, [b.personId])
  const self = { code: 'SELF_APPROVAL' }

  it('nobody but oneself, when registered at the machine', async () => {
    const [a, b] = [await staff(), await staff()]
    expect([await one(a, b), await one(a, a)]).toEqual([false, true])
    expect(await countAsOne(story.store.read, a.personId, [])).toBe(false)
  })

  it('one’s registrar, both ways, until another person has confirmed', async () => {
    const [chief, other] = [await staff(), await staff()]
    const made = await staff(chief)
    expect([await one(made, chief), await one(chief, made)]).toEqual([true, true])
    expect(await one(made, other)).toBe(false)
    await expect(confirm(made, chief)).rejects.toMatchObject(self)
    await expect(confirm(made, made)).rejects.toMatchObject(self)
    await confirm(made, other)
    expect([await one(made, chief), await one(chief, made)]).toEqual([false, false])
    await expect(confirm(made, other)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await expect(confirm({ id: 'none' }, other)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('others whom the same one has registered, and theirs', async () => {
    const chief = await staff()
    const [left, right] = [await staff(chief), await staff(chief)]
    const below = await staff(left)
    expect([await one(left, right), await one(below, right)]).toEqual([true, true])
    // Nobody whom the chief has made up can free another of them.
    for (const by of [chief, left, right, below]) {
      await expect(confirm(below, by)).rejects.toMatchObject(self)
    }
    await confirm(left, await staff())
    expect([await one(below, left), await one(below, right)]).toEqual([true, false])
  })

  it('whoever has registered a program in one’s name', async () => {
    const [chief, colleague, other] = [await staff(), await staff(), await staff()]
    const client = { ownerId: colleague.id, name: 'key', grants: [], registeredBy: chief.id }
    const { id } = await does((tx) => createClient(tx, story.node, { ...client, now: story.now }))
    expect(await one(colleague, chief)).toBe(true)
    await expect(confirm({ id }, colleague)).rejects.toMatchObject(self)
    await confirm({ id }, other)
    expect(await one(colleague, chief)).toBe(false)
  })
})
