import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { Authenticator } from '../support/authenticator.ts'
import { deskPage, staffed } from '../support/browser-session.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { counties, plantTree } from '../support/union.ts'

const [here, there] = counties

describe.each(engines)('the staff on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
  })
  afterAll(() => server.close())

  const told = ({ status, body }: { status: number; body: { code?: string } }) => [
    status,
    body.code,
  ]

  it('are invited by an address that makes them who they were registered as', async () => {
    const boss = await staffed(server, { name: '张主席' })
    const asked = { name: '新人', role: 'approver', org_code: here }
    const made = await must(boss.ask('POST', '/admin/invitations', asked), 201)
    const address = new URL(String(made.address))
    expect(address.href.startsWith(`${server.url}/admin/#/invitation/`)).toBe(true)
    const token = address.hash.split('/').at(-1)
    const page = deskPage(server)
    const { body } = await page.ask('POST', '/staff/invitation', { invitation: token })
    const response = new Authenticator(server.url).create(body.options)
    await must(page.ask('POST', '/staff/passkeys', { invitation: token, response }), 201)
    expect(await must(page.ask('GET', '/admin/session'))).toMatchObject({
      ...{ id: made.principal_id, name: '新人' },
      grants: [{ role: 'approver', org_code: here }],
    })
  })

  it('give nobody more than they hold, nor outside of where they hold it', async () => {
    const local = await staffed(server, { org: here })
    const invite = (role: string, org_code: string) =>
      local.ask('POST', '/admin/invitations', { name: 'x', role, org_code })
    expect(told(await invite('maker', there))).toEqual([403, 'OUT_OF_SCOPE'])
    expect(told(await invite('maker', '640000'))).toEqual([403, 'OUT_OF_SCOPE'])
    expect((await invite('maker', here)).status).toBe(201)
    const maker = await staffed(server, { role: 'maker' })
    const asked = { name: 'x', role: 'maker', org_code: here }
    expect(told(await maker.ask('POST', '/admin/invitations', asked))).toEqual([403, 'FORBIDDEN'])
  })

  it('are listed to those whose scope holds all their roles', async () => {
    const boss = await staffed(server)
    const local = await staffed(server, { org: here, name: '本县' })
    const other = await staffed(server, { org: there, name: '邻县' })
    const idsOf = async ({ ask }: typeof boss) => {
      const { items } = await must(ask('GET', '/admin/staff?limit=200'))
      return (items as { id: string }[]).map(({ id }) => id)
    }
    const all = await idsOf(boss)
    for (const one of [boss, local, other]) expect(all).toContain(one.principalId)
    const near = await idsOf(local)
    expect(near).toContain(local.principalId)
    expect(near).not.toContain(boss.principalId)
    expect(near).not.toContain(other.principalId)
    const { items } = await must(local.ask('GET', '/admin/staff'))
    const own = (items as Record<string, unknown>[]).find(({ id }) => id === local.principalId)
    expect(own).toMatchObject({ name: '本县', passkeys: 1, last_seen_at: server.now })
  })

  it('are listed as registered by a colleague until another has confirmed them', async () => {
    const [boss, other] = [await staffed(server, { name: '甲' }), await staffed(server)]
    const asked = { name: '新人', role: 'maker', org_code: here }
    const { principal_id: id } = await must(boss.ask('POST', '/admin/invitations', asked), 201)
    const registrar = async () => {
      const { items } = await must(other.ask('GET', '/admin/staff?limit=200'))
      const found = (items as Record<string, unknown>[]).find((one) => one.id === id)
      return found?.registered_by
    }
    expect(await registrar()).toEqual({ id: boss.principalId, name: '甲' })
    const confirm = `/admin/principals/${id}/confirm`
    expect(told(await boss.ask('POST', confirm, {}))).toEqual([403, 'SELF_APPROVAL'])
    await must(other.ask('POST', confirm, {}))
    expect(await registrar()).toBeUndefined()
  })

  it('add passkeys of their own, remove them with their sessions, and keep the last', async () => {
    const { page, authenticator } = await staffed(server)
    const drop = (id: string, on = page) => on.ask('DELETE', `/admin/passkeys/${id}`)
    expect(await drop(authenticator.id)).toMatchObject({
      status: 409,
      body: { code: 'VERSION_CONFLICT', what: 'last_passkey' },
    })
    const spare = new Authenticator(server.url)
    const { body: options } = await page.ask('POST', '/admin/passkeys/options', {})
    expect(options.excludeCredentials).toMatchObject([{ id: authenticator.id }])
    const given = { name: '备用', response: spare.create(options) }
    await must(page.ask('POST', '/admin/passkeys', given), 201)
    expect(told(await page.ask('POST', '/admin/passkeys', given))).toEqual([401, 'PROOF_REPLAYED'])
    const other = deskPage(server)
    const asked = await other.ask('POST', '/staff/sign-in/options', {})
    const response = spare.get(asked.body)
    await must(other.ask('POST', '/staff/sign-in', { response }))
    const listed = await must(page.ask('GET', '/admin/passkeys'))
    const items = (listed.items as { this_one: boolean }[]).toSorted((a) => (a.this_one ? -1 : 1))
    expect(items).toMatchObject([{ this_one: true }, { name: '备用', this_one: false }])
    await must(drop(spare.id))
    expect((await other.ask('GET', '/admin/session')).status).toBe(401)
    expect(told(await drop(spare.id))).toEqual([404, 'NOT_FOUND'])
    const stranger = await staffed(server)
    expect(told(await drop(authenticator.id, stranger.page))).toEqual([404, 'NOT_FOUND'])
  })

  it('keep one of two passkeys that are removed at once', async () => {
    const { page, authenticator } = await staffed(server)
    const spare = new Authenticator(server.url)
    const { body: options } = await page.ask('POST', '/admin/passkeys/options', {})
    const given = { name: '备用', response: spare.create(options) }
    await must(page.ask('POST', '/admin/passkeys', given), 201)
    await Promise.all(
      [spare.id, authenticator.id].map((id) => page.ask('DELETE', `/admin/passkeys/${id}`)),
    )
    const { passkeys } = server.store.read.tables
    const rows = await server.store.read.select().from(passkeys)
    const left = rows.filter(({ id }) => id === spare.id || id === authenticator.id)
    expect(left.filter(({ removedAt }) => removedAt === null)).toHaveLength(1)
  })
})
