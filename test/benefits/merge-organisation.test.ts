import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround, submittedBatch } from '../http/ground.ts'
import { expectAudited } from '../support/audited.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, counties, desk, importRoster, province, roster } from '../support/union.ts'

const [old, next] = counties
const child = `${old}001`

describe.each(engines)('one organisation merged into another, on %s', (engine) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(engine)
    const { maker, server } = ground
    const below = { code: child, parent_code: old, level: 'grassroots', name_zh: '物流站' }
    await must(maker.ask('POST', '/admin/organisations', below), 201)
    const file = String(roster(old, 14).csv).trim().split('\n')
    const own = [file[0], ...file.slice(-2).map((line) => line.replace(`,${old},`, `,${child},`))]
    await importRoster(server, maker, { org: old, file: Buffer.from(own.join('\n')) })
    await claim(ground.member, ground.benefitId)
  }, 60_000)
  afterAll(() => ground.server.close())

  const ask = (...given: Parameters<Ground['maker']['ask']>) => ground.maker.ask(...given)
  const issued = async (code: string) => {
    const { total } = await must(ask('GET', `/admin/funnel?org_code=${code}`))
    return (total as unknown as { issued: number }).issued
  }
  const plan = (code: string, into: string) =>
    must(ask('GET', `/admin/organisations/${code}/merger?into=${into}`))
  const merge = (code: string, into: string) =>
    ask('POST', `/admin/organisations/${code}/merger`, { into })
  const blocked = async (code: string, into: string) => {
    const { status, body } = await merge(code, into)
    expect([status, body.code]).toEqual([409, 'MERGE_BLOCKED'])
    const { blocked: reasons } = await plan(code, into)
    expect(body.reasons).toEqual(reasons)
    return reasons
  }

  it('is refused, with the reason, where it cannot be', async () => {
    await expect.poll(() => issued(old), { timeout: 10_000 }).toBe(1)
    expect(await blocked(old, old)).toEqual(['same'])
    expect(await blocked(province, old)).toContain('below_itself')
    expect(await blocked(old, child)).toEqual(['below_itself', 'level_order'])
    expect((await merge(old, '999999')).status).toBe(404)
    const county = await desk(ground.server, { org: old })
    const beyond = await county.ask('POST', `/admin/organisations/${old}/merger`, { into: next })
    expect(beyond.body.code).toBe('OUT_OF_SCOPE')

    const frozen = await must(
      ask('POST', '/admin/freezes', { org_code: old, reason: 'drill' }),
      201,
    )
    expect(await blocked(old, next)).toEqual(['freeze'])
    const second = await desk(ground.server)
    await must(second.ask('POST', `/admin/freezes/${frozen.id}/end`, {}))

    const { programmeId } = ground
    const changes = { supply: 'batch', stock: undefined }
    const batched = await benefit(ask, programmeId, changes)
    const batch = await submittedBatch(ground, batched, old)
    expect(await blocked(old, next)).toEqual(['batch'])
    await must(ask('POST', `/admin/batches/${batch.id}/cancel`, {}))

    const named = await benefit(ask, programmeId, { criteria: { org: { within: [old] } } })
    expect(await blocked(old, next)).toEqual(['rule'])
    await must(ask('POST', `/admin/benefits/${named}/stop`, {}))
  })

  it('hands on all that belongs to it, and stays as a closed one that points there', async () => {
    const { server } = ground
    const county = await desk(server, { org: old })
    await must(ask('POST', '/admin/lists', { name: '骑手', org_code: old }), 201)
    await must(ask('POST', '/admin/join-codes', { org_code: old }), 201)
    const planned = await plan(old, next)
    expect(planned).toMatchObject({
      ...{ members: 12, organisations: 1, join_codes: 1, lists: 1, programmes: 0, blocked: [] },
    })
    expect(await must(merge(old, next))).toEqual(planned)

    const members = async (code: string) => {
      const { items } = await must(ask('GET', `/admin/members?org_code=${code}&limit=50`))
      return items as unknown as { id: string; org_code: string }[]
    }
    await expect
      .poll(async () => (await members(next)).filter((one) => one.org_code === next).length)
      .toBe(12)
    expect((await members(next)).filter((one) => one.org_code === child)).toHaveLength(2)
    const { memberId } = ground.member
    const { memberships } = server.store.read.tables
    const stays = (await server.store.read.select().from(memberships)).filter(
      (one) => one.memberId === memberId,
    )
    const today = stays.at(-1)?.from
    expect(stays.map(({ orgCode, until }) => [orgCode, until])).toEqual([
      [old, today],
      [next, null],
    ])

    expect(await must(ask('GET', `/admin/organisations/${old}`))).toMatchObject({
      ...{ merged_into: next, parent_code: next },
    })
    const { path } = await must(ask('GET', `/admin/organisations/${next}`))
    expect(await must(ask('GET', `/admin/organisations/${child}`))).toMatchObject({
      ...{ parent_code: next, path: `${path}${child}/` },
    })
    // Whoever had a role in the old one has it in the new one.
    await must(county.ask('GET', `/admin/members?org_code=${next}`))
    expect([await issued(next), await issued(old)]).toEqual([1, 1])
  })

  it('takes nobody in any more: a roster’s row for the old code is its successor’s', async () => {
    const { maker, server } = ground
    const file = String(roster(old, 13).csv).trim().split('\n')
    const rows = [file[0], ...file.slice(1, 13)].join('\n')
    const done = await importRoster(server, maker, { org: province, file: Buffer.from(rows) })
    expect(done).toMatchObject({ read: 12, unchanged: 12, refused: 0 })
    expect(await blocked(old, next)).toContain('closed')
    const below = { code: `${old}002`, parent_code: old, level: 'grassroots', name_zh: '站' }
    expect((await ask('POST', '/admin/organisations', below)).status).toBe(400)
    const moved = await ask('POST', `/admin/organisations/${old}/move`, { parent_code: province })
    expect(moved.status).toBe(400)
    await expectAudited({ ...server.deployment, close: async () => {} })
  })
})
