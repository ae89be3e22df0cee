import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { staffed } from '../support/browser-session.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  counties,
  desk,
  importRoster,
  type Phone,
  phone,
  plantTree,
  roster,
} from '../support/union.ts'

const [here, there] = counties

describe.each(engines)('looks at a member’s record on %s', (engine) => {
  let server: TestServer
  let member: Phone
  let other: Phone
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    const setup = await desk(server)
    const { people, csv } = roster(here, 3)
    await importRoster(server, setup, { org: here, file: csv })
    member = await phone(server, setup.ask, people[0]!.memberNo)
    other = await phone(server, setup.ask, people[1]!.memberNo)
  })
  afterAll(() => server.close())

  const looksOf = async ({ ask }: Phone) =>
    (await must(ask('GET', '/me/looks'))).items as Record<string, unknown>[]

  it('are told to the member: when, why, by which role of which organisation, not by whom', async () => {
    const before = (await looksOf(member)).length
    const clerk = await staffed(server, { name: '赵小兰', role: 'registrar', org: here })
    const found = { member_no: member.memberNo }
    await must(clerk.ask('POST', '/admin/members/search', found))
    await must(clerk.ask('GET', `/admin/members/${member.memberId}?why=member_asked`))
    const looks = await looksOf(member)
    expect(looks.length - before).toBe(2)
    expect(looks[0]).toEqual({
      ...{ at: server.now, role: 'registrar', reason: 'member_asked' },
      organisation: { code: here, name: expect.any(String) },
    })
    expect(JSON.stringify(looks)).not.toMatch(/赵小兰|principal/)
    expect(looks[0]).not.toHaveProperty('id')
  })

  it('are the member’s own, page by page', async () => {
    const clerk = await staffed(server, { role: 'registrar', org: here })
    const before = (await looksOf(other)).length
    for (let i = 0; i < 3; i++) await must(clerk.ask('GET', `/admin/members/${member.memberId}`))
    expect(await looksOf(other)).toHaveLength(before)
    const all = await looksOf(member)
    const first = await must(member.ask('GET', '/me/looks?limit=2'))
    const rest = await must(member.ask('GET', `/me/looks?limit=200&after=${first.next}`))
    expect([...(first.items as object[]), ...(rest.items as object[])]).toEqual(all)
  })

  it('are not written for lists, for what is refused, nor for who is not in scope', async () => {
    const clerk = await staffed(server, { role: 'registrar', org: here })
    const far = await staffed(server, { role: 'registrar', org: there })
    const blind = await staffed(server, { role: 'merchant_manager', org: here })
    const before = await looksOf(member)
    const { items } = await must(clerk.ask('GET', `/admin/members?org_code=${here}`))
    const listed = (items as { id: string }[]).find(({ id }) => id === member.memberId)
    expect(listed).toMatchObject({ name_masked: expect.stringMatching(/^.{1,2}\*\*$/) })
    expect(listed).not.toHaveProperty('name')
    expect((await far.ask('GET', `/admin/members/${member.memberId}`)).status).toBe(404)
    expect((await blind.ask('GET', `/admin/members/${member.memberId}`)).status).toBe(403)
    const why = `/admin/members/${member.memberId}?why=${encodeURIComponent('因为张三')}`
    expect((await clerk.ask('GET', why)).status).toBe(400)
    expect(await looksOf(member)).toEqual(before)
  })

  it('are seen by auditors of that organisation, by ids, and by no others', async () => {
    const clerk = await staffed(server, { role: 'registrar', org: here })
    await must(clerk.ask('GET', `/admin/members/${member.memberId}?why=complaint`))
    const path = `/audit/looks?limit=200&member_id=${member.memberId}`
    const auditor = await staffed(server, { role: 'auditor' })
    const { items } = await must(auditor.ask('GET', path))
    expect((items as object[]).at(-1)).toMatchObject({
      ...{ member_id: member.memberId, principal_id: clerk.principalId },
      ...{ role: 'registrar', org_code: here, reason: 'complaint' },
    })
    const far = await staffed(server, { role: 'auditor', org: there })
    expect((await must(far.ask('GET', path))).items).toEqual([])
    expect((await clerk.ask('GET', path)).status).toBe(403)
  })

  it('stay as they were written', async () => {
    const { store } = server
    const { looks } = store.read.tables
    await expect(store.transaction((tx) => tx.delete(looks))).rejects.toThrow()
    await expect(store.transaction((tx) => tx.update(looks).set({ role: 'x' }))).rejects.toThrow()
  })
})
