import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Weather } from '../../src/base/refusal.ts'
import { refreshTrustList } from '../../src/jobs/trust-refresh.ts'
import { keptTrustLists } from '../../src/trust/trust-lists.ts'
import { engines, freshStore } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { publishOwnList } from '../support/trust.ts'

describe.each(engines)('a node that fetches the trust list, on %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer(engine)
  })
  afterAll(() => server.close())

  const source = () => ({
    url: `${server.url}/trust-list`,
    roots: server.deployment.keyring.trustRoots,
  })

  it('has none as long as none is served', async () => {
    const store = await freshStore(engine)
    await expect(refreshTrustList(store, source(), server.now)).rejects.toThrow(Weather)
    await store.close()
  })

  it('takes what another serves, once, and keeps it when it is stale', async () => {
    await publishOwnList(server)
    const store = await freshStore(engine)
    expect(await refreshTrustList(store, source(), server.now)).toBe(true)
    expect(await refreshTrustList(store, source(), server.now)).toBe(false)
    const [kept] = await keptTrustLists(store.read, source().roots)
    expect(kept?.list.nodes.map(({ url }) => url)).toEqual([server.url])
    const late = (kept?.list.nextUpdate ?? 0) + 1
    const stale = refreshTrustList(store, source(), late)
    await expect(stale).rejects.toMatchObject({ code: 'TRUST_LIST_STALE' })
    await store.close()
  })
})
