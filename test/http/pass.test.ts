import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { fromBase64url } from '../../src/base/bytes.ts'
import { hour } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { fetchCopies } from '../credentials/device-copies.ts'
import { engines } from '../support/engines.ts'
import { counties, phone } from '../support/union.ts'
import { openUnion, type Union } from '../support/wallet-agent.ts'

describe.each(engines)('the pass of a phone on %s', (engine) => {
  let union: Union
  beforeAll(async () => {
    union = await openUnion(engine)
  })
  afterAll(() => union.server.close())

  const newPhone = (at: number) => phone(union.server, union.staff.ask, union.people[at]!)
  const passOf = (own: Awaited<ReturnType<typeof newPhone>>) => own.ask('GET', '/me/pass')
  const refused = (code: string, status: number) => ({ status, body: { code } })

  it('is given for 72 hours to a phone that has fetched a credential, and to no other', async () => {
    const own = await newPhone(0)
    expect(await passOf(own)).toMatchObject(refused('NOT_FOUND', 404))
    await fetchCopies(union.server, own, 2)
    const told = await must(passOf(own))
    expect(fromBase64url(String(told.pass))).toHaveLength(126)
    expect(told.valid_until).toBe(union.server.now + 72 * hour)
    const other = await newPhone(1)
    expect(await passOf(other)).toMatchObject(refused('NOT_FOUND', 404))
  })

  it('is refused while suspended, and once everything is revoked', async () => {
    const { staff } = union
    const own = await newPhone(2)
    await fetchCopies(union.server, own, 2)
    await must(passOf(own))
    const at = `/admin/members/${own.memberId}/credentials`
    const { items } = await must(staff.ask('GET', at))
    const all = async (verb: string) => {
      for (const { id } of items as { id: string }[]) {
        await must(staff.ask('POST', `/admin/credentials/${id}/${verb}`, { reason: 'misuse' }))
      }
    }
    await all('suspend')
    expect(await passOf(own)).toMatchObject(refused('MEMBERSHIP_SUSPENDED', 403))
    await all('revoke')
    const { body } = await passOf(own)
    expect(body).toMatchObject({ code: 'NOT_FOUND' })
    expect(body).not.toHaveProperty('outdated')
  })

  it('asks for a new credential once the old one says what is no longer so', async () => {
    const own = await newPhone(3)
    await fetchCopies(union.server, own, 2)
    const moved = { org_code: counties[1] }
    await must(union.staff.ask('POST', `/admin/members/${own.memberId}/transfer`, moved))
    union.server.now += 1000
    const outdated = { status: 404, body: { code: 'NOT_FOUND', outdated: true } }
    await expect.poll(() => passOf(own), { timeout: 10_000 }).toMatchObject(outdated)
    await fetchCopies(union.server, own, 2)
    await must(passOf(own))
  })
})
