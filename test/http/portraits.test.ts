import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { fromBase64url, toBase64url, toHex } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { decodeCapsule, encodeCapsule } from '../../src/formats/capsule.ts'
import { readCredential } from '../../src/formats/sd-jwt/present.ts'
import { fetchCopies } from '../credentials/device-copies.ts'
import { engines } from '../support/engines.ts'
import { jpeg, segment } from '../support/portrait.ts'
import { counties, type Desk, desk, type Phone, phone } from '../support/union.ts'
import { openUnion, type Union } from '../support/wallet-agent.ts'

const [here, there] = counties
const digestOf = (octets: Uint8Array) => toBase64url(sha256(octets))
const give = ({ ask }: Phone, octets: Uint8Array) =>
  ask('POST', '/me/portrait', { jpeg: toBase64url(octets) })

describe.each(engines)('a portrait, on %s', (engine) => {
  let union: Union
  let registrar: Desk
  let elsewhere: Desk
  let member: Phone
  beforeAll(async () => {
    union = await openUnion(engine)
    const { server, staff, people } = union
    registrar = await desk(server, { role: 'registrar', org: here })
    elsewhere = await desk(server, { role: 'registrar', org: there })
    member = await phone(server, staff.ask, people[0]!)
  })
  afterAll(() => union.server.close())

  const queue = async ({ ask }: Desk) =>
    (await must(ask('GET', '/admin/portraits'))).items as { id: string; member: { id: string } }[]
  const waiting = async (whose: Phone) =>
    String((await queue(registrar)).find((one) => one.member.id === whose.memberId)?.id)
  const decide = ({ ask }: Desk, id: string, body: object = { decision: 'accept' }) =>
    ask('POST', `/admin/portraits/${id}/decisions`, body)
  /** What the rows say that the database has of a member's portraits, the oldest first. */
  const rows = async (of: Phone) => {
    const { portraits: p } = union.server.store.read.tables
    return union.server.store.read
      .select({ state: p.state, sealed: p.sealed, digest: p.digest })
      .from(p)
      .where(eq(p.memberId, of.memberId))
      .orderBy(p.id)
  }
  /** The claim in a copy fetched now, and the eight octets in the pass of this phone. */
  async function stated(own: Phone) {
    union.server.now += 1000
    const told = await fetchCopies(union.server, own, 1)
    const [copy] = told.body.credentials as { credential: string }[]
    const { claims } = readCredential(sha256, copy!.credential)
    const { pass } = await must(own.ask('GET', '/me/pass'))
    const octets = fromBase64url(String(pass)) ?? new Uint8Array()
    const showing = { timeSeconds: 0, counter: 0, challenge: undefined, voucher: undefined }
    const capsule = decodeCapsule(
      encodeCapsule(octets, { purpose: 'identity', ...showing }, new Uint8Array(64)),
    )
    const photo = typeof capsule === 'string' ? capsule : capsule.pass.photoHash
    return { claim: claims.photo_digest, photo }
  }

  /** Until every copy issued before is revoked, each once and for this reason. */
  async function followed(own: Phone, copies: number) {
    const path = `/admin/members/${own.memberId}/credentials`
    await vi.waitFor(async () => {
      const { items } = await must(union.staff.ask('GET', path))
      const over = (items as { status: string }[]).filter(({ status }) => status === 'revoked')
      expect(over).toHaveLength(copies)
    }, 5000)
  }

  it('is refused unless it is a bare JPEG of its size', async () => {
    const exif = segment(0xe1, 'Exif\0\0II*\0 GPS 38.47 106.27')
    const unfit = (why: string) => ({ status: 422, body: { code: 'PICTURE_UNFIT', why } })
    expect(await give(member, jpeg(1, { more: [exif] }))).toMatchObject(unfit('metadata'))
    expect(await give(member, jpeg(1, { width: 359 }))).toMatchObject(unfit('dimensions'))
    expect(await give(member, jpeg(1, { scan: 60_000 }))).toMatchObject(unfit('too_large'))
    expect(await give(member, Buffer.from('GIF89a'))).toMatchObject(unfit('not_jpeg'))
    const padded = { jpeg: `${toBase64url(jpeg(1))}==` }
    expect(await member.ask('POST', '/me/portrait', padded)).toMatchObject(unfit('not_jpeg'))
    expect(await rows(member)).toEqual([])
    expect((await member.ask('DELETE', '/me/portrait')).status).toBe(404)
  })

  it('waits and counts for nothing, and is sealed', async () => {
    const [first, picture] = [jpeg(1), jpeg(2)]
    await must(give(member, first), 201)
    await must(give(member, picture), 201)
    const held = await must(member.ask('GET', '/me/portrait'))
    expect(held).toMatchObject({ waiting: { jpeg: toBase64url(picture) } })
    expect(held).not.toHaveProperty('accepted')
    expect(await must(member.ask('GET', '/me'))).not.toHaveProperty('portrait_digest')
    expect(await stated(member)).toEqual({ claim: undefined, photo: '0'.repeat(16) })
    const [row, ...others] = await rows(member)
    expect(others).toEqual([])
    expect(Buffer.from(row!.sealed!).includes(picture.subarray(-200))).toBe(false)
  })

  it('is seen by who may decide in their own tree, and by no other', async () => {
    const { server, staff, people } = union
    const id = await waiting(member)
    const other = await phone(server, staff.ask, people[1]!)
    expect(await must(other.ask('GET', '/me/portrait'))).toEqual({})
    const maker = await desk(server, { role: 'maker', org: here })
    for (const path of ['/admin/portraits', `/admin/portraits/${id}`]) {
      expect((await maker.ask('GET', path)).status).toBe(403)
      expect((await fetch(`${server.url}/api/v1${path}`)).status).toBe(401)
    }
    expect((await decide(maker, id)).status).toBe(403)
    expect(await queue(elsewhere)).toEqual([])
    const nothing = '01989d10-0000-7000-8000-000000000000'
    for (const ask of [
      (one: string) => elsewhere.ask('GET', `/admin/portraits/${one}`),
      (one: string) => decide(elsewhere, one),
    ]) {
      const [theirs, none] = [await ask(id), await ask(nothing)]
      expect(theirs.status).toBe(404)
      expect(theirs.body).toEqual(none.body)
    }
    const looks = async () => (await must(member.ask('GET', '/me/looks'))).items as object[]
    const before = (await looks()).length
    const shown = await must(registrar.ask('GET', `/admin/portraits/${id}`))
    expect(shown).toEqual({ id, jpeg: toBase64url(jpeg(2)) })
    const after = await looks()
    expect(after).toHaveLength(before + 1)
    expect(after[0]).toMatchObject({ role: 'registrar', organisation: { code: here } })
  })

  it('is never decided by its own person', async () => {
    const { members: m } = union.server.store.read.tables
    const [row] = await union.server.store.read
      .select({ personId: m.personId })
      .from(m)
      .where(eq(m.id, member.memberId))
    const own = await desk(union.server, { personId: row!.personId })
    for (const body of [{ decision: 'accept' }, { decision: 'refuse', reason: 'unclear' }]) {
      const told = await decide(own, await waiting(member), body)
      expect(told).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } })
    }
  })

  it('is refused for a reason that the member is told, and forgotten', async () => {
    const id = await waiting(member)
    const free = { decision: 'refuse', reason: '看不清脸' }
    expect((await decide(registrar, id, free)).status).toBe(400)
    expect((await decide(registrar, id, { decision: 'refuse' })).status).toBe(400)
    await must(decide(registrar, id, { decision: 'refuse', reason: 'covered' }))
    expect(await decide(registrar, id)).toMatchObject({
      ...{ status: 409, body: { code: 'VERSION_CONFLICT', state: 'refused' } },
    })
    expect((await registrar.ask('GET', `/admin/portraits/${id}`)).status).toBe(404)
    const held = await must(member.ask('GET', '/me/portrait'))
    expect(held).toEqual({ refused: { reason: 'covered', at: expect.any(Number) } })
    const { items } = await must(member.ask('GET', '/me/messages'))
    expect((items as { kind: string }[])[0]?.kind).toBe('portrait_refused')
    expect((await rows(member)).at(-1)).toEqual({ state: 'refused', sealed: null, digest: null })
  })

  it('is stated by new copies once it is accepted, and by none once it is taken back', async () => {
    const [picture, next] = [jpeg(3), jpeg(4, { frame: 0xc2 })]
    await must(give(member, picture), 201)
    const id = await waiting(member)
    const both = await Promise.all([decide(registrar, id), decide(union.staff, id)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409])
    await followed(member, 1)
    const says = (octets: Uint8Array) => {
      const digest = sha256(octets)
      return { claim: toBase64url(digest), photo: toHex(digest.subarray(0, 8)) }
    }
    expect(await stated(member)).toEqual(says(picture))
    const profile = await must(member.ask('GET', '/me'))
    expect(profile.portrait_digest).toBe(digestOf(picture))

    await must(give(member, next), 201)
    expect(await stated(member)).toEqual(says(picture))
    await must(decide(registrar, await waiting(member)))
    await followed(member, 3)
    expect(await stated(member)).toEqual(says(next))
    const { data } = await must(member.ask('GET', '/me/export'))
    const { portraits } = data as Record<string, { state: string; jpeg?: string }[]>
    const states = portraits!.map(({ state }) => state).sort()
    expect(states).toEqual(['accepted', 'refused', 'replaced'])
    const kept = portraits!.filter((one) => one.jpeg !== undefined)
    expect(kept).toMatchObject([{ state: 'accepted', jpeg: toBase64url(next) }])
    expect(JSON.stringify(portraits)).not.toMatch(/decided_by|sealed/)

    await must(member.ask('DELETE', '/me/portrait'))
    await followed(member, 4)
    expect(await stated(member)).toEqual({ claim: undefined, photo: '0'.repeat(16) })
    expect(await must(member.ask('GET', '/me/portrait'))).toEqual({})
  })

  it('goes with the member who is erased', async () => {
    const { server, staff, people } = union
    const leaving = await phone(server, staff.ask, people[2]!)
    await must(give(leaving, jpeg(5)), 201)
    await must(decide(registrar, await waiting(leaving)))
    await must(give(leaving, jpeg(6)), 201)
    expect(await rows(leaving)).toHaveLength(2)
    const path = `/admin/members/${leaving.memberId}/erase`
    await must(staff.ask('POST', path, { reason: 'member_request' }))
    expect(await rows(leaving)).toEqual([])
    expect(await queue(registrar)).toEqual([])
    const text = union.server.lines.join('\n')
    for (const octets of [jpeg(5), jpeg(6)]) {
      expect(text).not.toContain(digestOf(octets))
      expect(text).not.toContain(toBase64url(octets).slice(200, 260))
    }
  })
})
