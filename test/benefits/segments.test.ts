import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { engines } from '../support/engines.ts'
import { benefit, counties, desk } from '../support/union.ts'

describe.each(engines)('a rule under a name, on %s', (engine) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(engine)
  })
  afterAll(() => ground.server.close())

  const occupied = (value: string) => ({ fact: 'occupation', op: 'eq', value })
  const couriers = occupied('courier')
  const cleaners = occupied('sanitation')
  const ask = (...given: Parameters<Ground['maker']['ask']>) => ground.maker.ask(...given)
  const save = async (criteria: object, name = '骑手') =>
    must(ask('POST', '/admin/segments', { name, org_code: counties[0], criteria }), 201)
  const count = async (criteria: object) =>
    Number(
      (await must(ask('POST', '/admin/criteria/preview', { criteria, org_code: counties[0] })))
        .eligible,
    )
  const anew = (id: unknown, criteria: object, expected_version: number) =>
    ask('PUT', `/admin/segments/${id}`, { name: '骑手', criteria, expected_version })

  it('is saved, counted, saved anew as a version, and retired', async () => {
    const { id, version } = await save(couriers)
    expect(version).toBe(1)
    const found = await count(couriers)
    expect(found).toBeGreaterThan(0)
    expect(await count({ segment: id })).toBe(found)
    expect(await must(anew(id, cleaners, 1))).toMatchObject({ version: 2, criteria: cleaners })
    expect((await anew(id, couriers, 1)).body.code).toBe('VERSION_CONFLICT')
    expect(await count({ segment: id })).toBe(await count(cleaners))
    expect(await count({ segment: `${id}@1` })).toBe(found)
    const { versions } = await must(ask('GET', `/admin/segments/${id}`))
    expect(
      (versions as unknown as object[]).map((one) => (one as { criteria: object }).criteria),
    ).toEqual([cleaners, couriers])

    await must(ask('DELETE', `/admin/segments/${id}`))
    const preview = { criteria: { segment: id }, org_code: counties[0] }
    const gone = await ask('POST', '/admin/criteria/preview', preview)
    expect(gone.body.code).toBe('CRITERIA_INVALID')
    expect(await count({ segment: `${id}@1` })).toBe(found)
    const { items } = await must(ask('GET', '/admin/segments'))
    expect(JSON.stringify(items)).not.toContain(id)
    expect((await anew(id, couriers, 2)).status).toBe(404)
    expect((await ask('DELETE', `/admin/segments/${id}`)).status).toBe(404)
  })

  it('is refused inside another, for unknown versions, and to another county', async () => {
    const { id } = await save(couriers)
    const inner = { name: 'x', org_code: counties[0], criteria: { segment: id } }
    expect((await ask('POST', '/admin/segments', inner)).body.code).toBe('CRITERIA_INVALID')
    const preview = { criteria: { segment: `${id}@7` }, org_code: counties[0] }
    const unknown = await ask('POST', '/admin/criteria/preview', preview)
    expect(unknown.body).toMatchObject({ code: 'CRITERIA_INVALID' })
    const far = await desk(ground.server, { org: counties[1] })
    expect((await far.ask('GET', `/admin/segments/${id}`)).status).toBe(404)
    expect((await far.ask('DELETE', `/admin/segments/${id}`)).status).toBe(404)
    expect(
      (await far.ask('POST', '/admin/segments', { ...inner, criteria: couriers })).body.code,
    ).toBe('OUT_OF_SCOPE')
  })

  it('stays in a published benefit as it was when that was published', async () => {
    const { member, programmeId } = ground
    const { id } = await save(couriers)
    const criteria = { segment: id }
    const first = await benefit(ground.maker.ask, programmeId, { criteria })
    await must(anew(id, cleaners, 1))
    const second = await benefit(ground.maker.ask, programmeId, { criteria })
    expect((await member.ask('POST', `/benefits/${first}/claims`, {})).status).toBe(201)
    expect((await member.ask('POST', `/benefits/${second}/claims`, {})).body.code).toBe(
      'NOT_ELIGIBLE',
    )
    const shown = JSON.stringify(await must(ask('GET', `/admin/benefits/${first}`)))
    expect(shown).toContain(`${id}@1`)
    await must(ask('DELETE', `/admin/segments/${id}`))
    const { items } = await must(member.ask('GET', '/me/rights'))
    expect(JSON.stringify(items)).toContain(first)
  })
})
