import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { counties, type Desk, desk, importRoster, plantTree, roster } from '../support/union.ts'

describe.each(engines)('people who apply together, by a file, on %s', (engine) => {
  let server: TestServer
  let staff: Desk
  const { people, csv } = roster(counties[0], 5)
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    staff = await desk(server, { org: counties[0] })
    const all = await desk(server)
    const taken = roster(counties[0], 1).csv.toString().replaceAll(`,${counties[0]},`, ',640221,')
    await importRoster(server, all, { org: counties[1], file: Buffer.from(taken) })
  })
  afterAll(() => server.close())

  const send = async (file: string, by = staff, org: string = counties[0]) => {
    const answer = await fetch(`${server.url}/api/v1/admin/application-files?org_code=${org}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${by.token}`,
        'content-type': 'text/csv',
        'idempotency-key': crypto.randomUUID(),
      },
      body: file,
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  it('become applications, row by row, of one organisation', async () => {
    const file = csv
      .toString()
      .replace(`,${counties[0]},courier,2020-01-01`, ',640221,courier,2020-01-01')
    const sent = await send(file)
    expect(sent).toMatchObject({ status: 201, body: { applications: 4 } })
    expect(sent.body.refused).toMatchObject([{ row: 2, code: 'unknown_org' }])
    const headless = await send('a,b\n1,2\n')
    expect(headless.body.code).toBe('HEADERS_UNKNOWN')
    expect((await send(file, staff, counties[1])).body.code).toBe('OUT_OF_SCOPE')
  })

  it('are approved together; who belongs elsewhere waits', async () => {
    const { body } = await send(csv.toString().replaceAll(/T640104\d+,/g, ','))
    const path = `/admin/application-files/${body.file_id}/decisions`
    const stranger = await desk(server, { org: counties[1] })
    const outside = await stranger.ask('POST', path, { decision: 'approve' })
    expect(outside).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    const done = await must(staff.ask('POST', path, { decision: 'approve' }))
    expect(done).toMatchObject({ decided: 4, refused: [{ code: 'TRANSFER_NEEDED' }] })
    expect(done.next).toBeUndefined()
    const found = { id_type: 'resident_id', id_number: people[3]!.idNumber }
    const member = await must(staff.ask('POST', '/admin/members/search', found))
    expect(member).toMatchObject({ name: people[3]!.name, standing: 'active' })
    const list = `/admin/applications?org_code=${counties[0]}&file_id=${body.file_id}&state=waiting`
    expect((await must(staff.ask('GET', list))).items).toHaveLength(1)
  })
})
