import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  counties,
  type Desk,
  desk,
  importRoster,
  phone,
  plantTree,
  programme,
  province,
  roster,
} from '../support/union.ts'

const [here, there] = counties

describe.each(engines)('sub-quotas over HTTP on %s', (engine) => {
  let server: TestServer
  let maker: Desk
  let programmeId: string
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    maker = await desk(server)
    for (const org of counties) {
      await importRoster(server, maker, { org: province, file: roster(org, 3).csv })
    }
    programmeId = await programme(server, maker.ask)
  })
  afterAll(() => server.close())

  const quotas = async (id: string) =>
    (await must(maker.ask('GET', `/admin/benefits/${id}/quotas`))).items

  it('are part of a definition, decide on claims, and are shown with what is taken', async () => {
    const sub_quotas = { per_day: 3, organisations: [{ org_code: here, units: 1 }] }
    const id = await benefit(maker.ask, programmeId, { sub_quotas })
    const [first, second] = await Promise.all(
      [0, 1].map((i) => phone(server, maker.ask, roster(here, 3).people[i]!.memberNo)),
    )
    const other = await phone(server, maker.ask, roster(there, 1).people[0]!.memberNo)
    await must(first!.ask('POST', `/benefits/${id}/claims`, {}), 201)
    const refused = await second!.ask('POST', `/benefits/${id}/claims`, {})
    expect(refused.body).toMatchObject({ code: 'QUOTA_EXHAUSTED' })
    const { items } = await must(second!.ask('GET', '/me/rights'))
    const right = (items as unknown as { benefit_id: string }[]).find(
      (one) => one.benefit_id === id,
    )
    expect(right).toMatchObject({ status: 'exhausted' })
    await must(other.ask('POST', `/benefits/${id}/claims`, {}), 201)
    const day = new Date(server.now + 8 * 3_600_000).toISOString().slice(0, 10)
    expect(await quotas(id)).toEqual([
      { scope: 'total', units: 1000, used: 2 },
      { scope: `day:${day}`, day, units: 3, used: 2 },
      { scope: `org:${here}`, org_code: here, units: 1, used: 1 },
    ])
  })

  it('can be set anew by the next version', async () => {
    const id = await benefit(maker.ask, programmeId)
    expect(await quotas(id)).toEqual([{ scope: 'total', units: 1000, used: 0 }])
    const { versions } = await must(maker.ask('GET', `/admin/benefits/${id}`))
    const definition = (versions as unknown as { definition: object }[])[0]?.definition
    const next = { ...definition, sub_quotas: { organisations: [{ org_code: there, units: 7 }] } }
    await must(maker.ask('PUT', `/admin/benefits/${id}/draft`, { definition: next }))
    expect(await quotas(id)).toHaveLength(1)
    await must(maker.ask('POST', `/admin/benefits/${id}/publish`, {}))
    expect(await quotas(id)).toEqual([
      { scope: 'total', units: 1000, used: 0 },
      { scope: `org:${there}`, org_code: there, units: 7, used: 0 },
    ])
    const wrong = {
      ...definition,
      sub_quotas: { organisations: [{ org_code: '999999', units: 1 }] },
    }
    const answer = await maker.ask('PUT', `/admin/benefits/${id}/draft`, { definition: wrong })
    expect(answer.body).toMatchObject({ code: 'VALIDATION_FAILED' })
  })

  it('show in a dry run who falls out, without their numbers', async () => {
    const sub_quotas = { organisations: [{ org_code: here, units: 2 }] }
    const changes = { supply: 'batch', stock: undefined, sub_quotas }
    const id = await benefit(maker.ask, programmeId, changes)
    const draft = { benefit_id: id, org_code: province, delivery: 'offer' }
    const batch = await must(maker.ask('POST', '/admin/batches', draft), 201)
    const { report } = await must(maker.ask('POST', `/admin/batches/${batch.id}/dry-run`, {}))
    expect(report).toMatchObject({
      eligible: 6,
      quotas: {
        levels: [
          { org_code: here, units: 2, used: 0, wanted: 3, issued: 2, left: 0, falls_out: 1 },
        ],
        issuable: { count: 5, amount: 5000 },
        falls_out: { count: 1, sample: [{ org_code: here, scope: `org:${here}` }] },
      },
    })
    for (const { memberNo } of roster(here, 3).people) {
      expect(JSON.stringify(report)).not.toContain(memberNo)
    }
  })
})
