import { timingSafeEqual } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  activeClient,
  createClient,
  createStaff,
  readPrincipal,
  revokePrincipal,
  secretHash,
} from '../../src/identity/principals.ts'
import {
  type Permission,
  type Principal,
  permissions,
  requirePermission,
  roleNames,
  roles,
  scopesOf,
} from '../../src/identity/roles.ts'
import type { Tx } from '../../src/store/store.ts'
import { newKey } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import { type Story, tellStory } from '../support/story.ts'

describe.each(engines)('principals on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => story.store.transaction(work)
  const makers = [{ role: 'maker', orgCode: '640100' }] as const
  const staffOf = (grants: Parameters<typeof createStaff>[1]['grants'] = makers) =>
    does((tx) => createStaff(tx, { name: '赵', grants, now: story.now }))
  const read = (id: string) => readPrincipal(story.store.read, id)

  it('are read with their grants as paths', async () => {
    const { id, personId } = await staffOf([...makers, { role: 'auditor', orgCode: '000000' }])
    const principal = await read(id)
    expect(principal).toMatchObject({ id, personId, kind: 'staff', signs: false })
    expect(principal?.grants.toSorted((a, b) => a.path.length - b.path.length)).toEqual([
      { role: 'auditor', path: '000000/' },
      { role: 'maker', path: '000000/640000/640100/' },
    ])
  })

  it('need an organisation that exists, and leave nothing without it', async () => {
    await expect(staffOf([{ role: 'maker', orgCode: '999999' }])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    const { principals } = story.store.read.tables
    expect(await story.store.read.$count(principals)).toBe(0)
  })

  it('that are clients count as the person who owns them', async () => {
    const owner = await staffOf()
    const given = { ownerId: owner.id, name: 'sync', grants: makers, now: story.now }
    const { id, secret } = await does((tx) => createClient(tx, story.node, given))
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(await read(id)).toMatchObject({ kind: 'client', personId: owner.personId, signs: false })
    const client = await activeClient(story.store.read, id)
    expect(timingSafeEqual(client!.secretHash!, secretHash(story.node, secret!))).toBe(true)
    expect(JSON.stringify(client)).not.toContain(secret)
  })

  it('that hold a key sign, and have no secret', async () => {
    const owner = await staffOf()
    const { jwk } = newKey()
    const given = { ownerId: owner.id, name: 'sync', grants: makers, now: story.now, jwk }
    const { id, secret } = await does((tx) => createClient(tx, story.node, given))
    expect(secret).toBeUndefined()
    expect(await read(id)).toMatchObject({ signs: true })
    expect((await activeClient(story.store.read, id))?.jwk).toEqual(jwk)
  })

  it('that are clients have an owner among the staff, and a key of the right kind', async () => {
    const owner = await staffOf()
    const given = { ownerId: owner.id, name: 'c', grants: [], now: story.now }
    const { id } = await does((tx) => createClient(tx, story.node, given))
    for (const ownerId of ['nobody', id]) {
      await expect(
        does((tx) => createClient(tx, story.node, { ...given, ownerId })),
      ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    const jwk = { ...newKey().jwk, x: 'AAAA' }
    await expect(
      does((tx) => createClient(tx, story.node, { ...given, jwk })),
    ).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('are gone at once when they are revoked', async () => {
    const { id } = await staffOf()
    const revoke = () => does((tx) => revokePrincipal(tx, id, story.now))
    await revoke()
    expect(await read(id)).toBeUndefined()
    await expect(revoke()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await read('nobody')).toBeUndefined()
  })
})

describe('scopes', () => {
  const holder = (...grants: Principal['grants']): Principal => {
    return { id: 'p', kind: 'staff', personId: 'person', signs: false, grants }
  }
  const maker = holder(
    { role: 'maker', path: '000000/640000/640100/' },
    { role: 'auditor', path: '000000/' },
  )

  it('are the subtrees of the roles that have the permission', () => {
    expect(scopesOf(maker, 'batches.write')).toEqual(['000000/640000/640100/'])
    expect(scopesOf(maker, 'benefits.read')).toEqual(['000000/640000/640100/', '000000/'])
    expect(() => scopesOf(maker, 'staff.write')).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    )
  })

  it('hold below their path, not beside it or above', () => {
    const may = (path: string, permission: Permission = 'batches.write') =>
      requirePermission(maker, permission, path)
    may('000000/640000/640100/')
    may('000000/640000/640100/640104/')
    for (const path of ['000000/', '000000/640000/', '000000/640000/640300/']) {
      expect(() => may(path)).toThrow(expect.objectContaining({ code: 'OUT_OF_SCOPE' }))
      may(path, 'audit.read')
    }
  })

  it('let nobody but an admin both make and approve', () => {
    for (const role of roleNames.filter((name) => name !== 'admin')) {
      const held = roles[role] as readonly Permission[]
      expect(held.includes('batches.write') && held.includes('batches.approve')).toBe(false)
    }
    expect(roles.admin).toEqual(permissions)
  })
})
