import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { counties, type Desk, desk, importRoster, plantTree, roster } from '../support/union.ts'

const [county] = counties
const code = `${county}A-7X`

describe.each(engines)('a grassroots union whose code has letters, on %s', (engine) => {
  let server: TestServer
  let maker: Desk
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server, `${code},${county},grassroots,丝路驿站工会\n`)
    maker = await desk(server)
  })
  afterAll(() => server.close())

  it('is found by the beginning of its code, opened, and has members', async () => {
    for (const search of [county, `${county}A`, code]) {
      const path = `/admin/organisations?search=${encodeURIComponent(search)}`
      expect((await must(maker.ask('GET', path))).items).toContainEqual(
        expect.objectContaining({ code }),
      )
    }
    const found = await must(maker.ask('GET', `/admin/organisations/${code}`))
    expect(found).toMatchObject({ code, parent_code: county })
    await importRoster(server, maker, { org: code, file: roster(code, 2).csv })
    const { items } = await must(maker.ask('GET', `/admin/members?org_code=${code}`))
    expect(items).toHaveLength(2)
  })

  it('is named by whatever names an organisation', async () => {
    const list = { name: '站点', org_code: code }
    await must(maker.ask('POST', '/admin/lists', list), 201)
    const next = { parent_code: county, level: 'grassroots', name_zh: '二站工会' }
    await must(maker.ask('POST', '/admin/organisations', { code: `${code}-2`, ...next }), 201)
    for (const bad of [`${code}/`, `${county}a`, '64', `${county}${'9'.repeat(27)}`]) {
      const refused = await maker.ask('POST', '/admin/organisations', { code: bad, ...next })
      expect(refused).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } })
    }
  })
})
