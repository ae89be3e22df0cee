import { asc, eq } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { hour } from '../../src/base/clock.ts'
import {
  activationTries,
  countWrongActivation,
  issueActivation,
} from '../../src/identity/activations.ts'
import {
  activeDevice,
  devicesOf,
  enrolDevice,
  keyTagOf,
  memberByNo,
  revokeDevice,
} from '../../src/identity/devices.ts'
import { unwrapMemberKey } from '../../src/identity/member-keys.ts'
import type { PublicJwk } from '../../src/keys/es256.ts'
import { enrol, newKey } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import { audit, members, type Story, type StoryMember, tellStory } from '../support/story.ts'

describe.each(engines)('devices on %s', (engine) => {
  let story: Story
  let member: StoryMember
  beforeEach(async () => {
    story = await tellStory(engine)
    member = (await members(story, 1))[0]!
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  const activate = (memberId = member.memberId) =>
    story.store.transaction((tx) => {
      return issueActivation(tx, story.node, { memberId, now: story.now })
    })
  /** As `http/public/enrol.ts` does it: a wrong code is counted, though all else is undone. */
  const enrolWith = (code: string, jwk: PublicJwk = newKey().jwk, memberNo = member.memberNo) => {
    const { store, node, now } = story
    return store.transaction(
      (tx) => enrolDevice(tx, node, { memberNo, code, jwk, name: '手机', now }),
      {
        onRefusal: async (tx, refusal) => {
          if (refusal.code !== 'ACTIVATION_INVALID') return
          const memberId = (await memberByNo(tx, memberNo))?.id ?? ''
          await countWrongActivation(tx, { memberId, now })
        },
      },
    )
  }
  const wrong = async (code: string, memberNo = member.memberNo) =>
    expect(enrolWith(code, newKey().jwk, memberNo)).rejects.toMatchObject({
      code: 'ACTIVATION_INVALID',
    })
  const kinds = async () => {
    const { journalEntries } = story.store.read.tables
    const rows = await story.store.read
      .select({ kind: journalEntries.kind })
      .from(journalEntries)
      .orderBy(asc(journalEntries.id))
    return rows.map(({ kind }) => kind).filter((kind) => kind.startsWith('device.'))
  }

  it('are enrolled with a code of ten letters and digits, and it is logged', async () => {
    const { code, expiresAt } = await activate()
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/)
    expect(expiresAt).toBe(story.now + 72 * hour)
    const { jwk, thumbprint, spki } = newKey()
    const device = await enrolWith(code, jwk)
    expect(device).toMatchObject({ thumbprint, tag: keyTagOf(thumbprint), revokedAt: null })
    expect(Buffer.from(device.spki)).toEqual(Buffer.from(spki))
    expect(device.bucket).toBe(member.bucket)
    expect(await kinds()).toEqual(['device.enrol'])
  })

  it('give a member one data key, with the first of them', async () => {
    const { memberKeys } = story.store.read.tables
    const keys = () => story.store.read.select().from(memberKeys)
    expect(await keys()).toEqual([])
    await enrol(story, member)
    const [first] = await keys()
    expect(unwrapMemberKey(story.node, first!.wrapped, member.memberId)).toHaveLength(32)
    await enrol(story, member)
    expect(await keys()).toEqual([first])
  })

  it('take a code as it is spoken: small letters, spaces, O for 0 and I or L for 1', async () => {
    const { code } = await activate()
    const spoken = code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l')
    const typed = ` ${spoken.slice(0, 5)}-${spoken.slice(5)} `
    expect(await enrolWith(typed)).toMatchObject({ memberId: member.memberId })
  })

  it('take a code once, however many use it at once', async () => {
    const { code } = await activate()
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => enrolWith(code)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await wrong(code)
    expect(await devicesOf(story.store.read, member.memberId)).toHaveLength(1)
  })

  it('take no code that has expired, of another member, or of nobody', async () => {
    const { code } = await activate()
    const [other] = await members(story, 1)
    await wrong(code, other!.memberNo)
    await wrong(code, 'NX-nobody')
    story.now += 72 * hour
    await wrong(code)
  })

  it('give up a code after five wrong ones, which no rollback forgets', async () => {
    const { code } = await activate()
    for (let i = 0; i < activationTries; i++) await wrong('0000000000')
    await wrong(code)
    const { activations } = story.store.read.tables
    expect(await story.store.read.select().from(activations)).toMatchObject([
      { triesLeft: 0, usedAt: null },
    ])
    expect(await kinds()).toEqual([])
    await enrolWith((await activate()).code)
  })

  it('count wrong codes right when they come at the same time', async () => {
    const { code } = await activate()
    await Promise.all(Array.from({ length: 20 }, () => wrong('0000000000')))
    await wrong(code)
    const { activations } = story.store.read.tables
    expect(await story.store.read.select().from(activations)).toMatchObject([{ triesLeft: 0 }])
  })

  it('take four wrong codes and then the right one', async () => {
    const { code } = await activate()
    for (let i = 1; i < activationTries; i++) await wrong('0000000000')
    expect(await enrolWith(code)).toMatchObject({ memberId: member.memberId })
  })

  it('refuse a key that is enrolled already, and the code stays good', async () => {
    const { jwk } = await enrol(story, member)
    const [other] = await members(story, 1)
    const { code } = await activate(other!.memberId)
    await expect(enrolWith(code, jwk, other!.memberNo)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
    expect(await enrolWith(code, newKey().jwk, other!.memberNo)).toMatchObject({ revokedAt: null })
  })

  it('refuse what is no P-256 key', async () => {
    const { code } = await activate()
    const { jwk } = newKey()
    for (const odd of [
      { ...jwk, x: jwk.y },
      { ...jwk, crv: 'P-384' },
      { ...jwk, x: '' },
      { kty: 'RSA', n: 'AQAB', e: 'AQAB' },
    ]) {
      await expect(enrolWith(code, odd as PublicJwk)).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
      })
    }
  })

  it('are revoked for ever, by their member alone, and it is logged', async () => {
    const device = await enrol(story, member)
    const [other] = await members(story, 1)
    const revoke = (memberId: string) => {
      const given = { deviceId: device.id, memberId, actor: `member:${memberId}`, now: story.now }
      return story.store.transaction((tx) => revokeDevice(tx, story.node, given))
    }
    await expect(revoke(other!.memberId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await activeDevice(story.store.read, device.id)).toMatchObject({ id: device.id })
    await revoke(member.memberId)
    expect(await activeDevice(story.store.read, device.id)).toBeUndefined()
    await expect(revoke(member.memberId)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await kinds()).toEqual(['device.enrol', 'device.revoke'])
    const { code } = await activate()
    await expect(enrolWith(code, device.jwk)).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
  })

  it('keep no activation code in the database', async () => {
    const { code } = await activate()
    const { activations } = story.store.read.tables
    const rows = await story.store.read
      .select()
      .from(activations)
      .where(eq(activations.memberId, member.memberId))
    expect(JSON.stringify(rows)).not.toContain(code)
  })
})
