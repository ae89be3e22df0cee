import { eq } from 'drizzle-orm'
import { describe, expect, it } from 'vitest'

import { dpop } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { readConfig } from '../../src/config.ts'
import { networkScope } from '../../src/identity/application-tries.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { said } from '../joining/applicant.ts'
import { startServer } from '../support/server.ts'
import { counties, desk, plantTree, roster } from '../support/union.ts'
import { plain, send } from './proofs.ts'

const client = '203.0.113.7'

/** Sends an application that says it was forwarded; answers whose tries it was counted to. */
async function countedTo(trustedProxies: readonly string[]): Promise<string[]> {
  const server = await startServer('sqlite', { trustedProxies })
  await plantTree(server)
  const staff = await desk(server, { role: 'registrar', org: counties[0] })
  const printed = { org_code: counties[0] }
  const { code } = await must(staff.ask('POST', '/admin/join-codes', printed), 201)
  const [person] = roster(counties[0], 1).people
  const sent = plain('POST', '/applications', { code, ...said(person!) })
  const proof = dpop(server, newEs256Key(), 'POST', sent.path)
  const headers = { ...sent.headers, ...proof, 'x-forwarded-for': client }
  expect(await send(server, { ...sent, headers })).toMatchObject({ status: 201 })
  const { applicationTries: t } = server.store.read.tables
  const counted = []
  for (const address of [client, '127.0.0.1']) {
    const scope = networkScope(server.deployment.node, address)
    const rows = await server.store.read.select().from(t).where(eq(t.scope, scope))
    if (rows.length > 0) counted.push(address)
  }
  await server.close()
  return counted
}

describe('a client behind a proxy', () => {
  it('is whom a trusted proxy says, and nobody else’s word counts', async () => {
    expect(await countedTo(['loopback'])).toEqual([client])
    expect(await countedTo(['10.0.0.0/8'])).toEqual(['127.0.0.1'])
  })

  it('is known by proxies that the environment names, and by nothing else', () => {
    const { trustedProxies } = readConfig({ TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8::/32' })
    expect(trustedProxies).toEqual(['loopback', '10.0.0.0/8', '2001:db8::/32'])
    for (const wrong of ['', 'proxy.example', '10.0.0.0/33', '1']) {
      expect(() => readConfig({ TRUSTED_PROXIES: wrong })).toThrow('TRUSTED_PROXIES')
    }
  })
})
