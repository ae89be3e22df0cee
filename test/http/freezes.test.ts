import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { benefit, counties, desk, ended, province } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'

describe.each(engines)('the switch that stops issuing, on %s', (engine) => {
  let ground: Ground
  let approver: Awaited<ReturnType<typeof desk>>
  beforeAll(async () => {
    ground = await openGround(engine)
    approver = await desk(ground.server)
  })
  afterAll(() => ground.server.close())

  const stop = (ask: Ground['maker']['ask'], org: string) =>
    ask('POST', '/admin/freezes', { org_code: org, reason: 'incident' })

  it('lets nothing be issued or claimed below the organisation, and everything elsewhere', async () => {
    const { maker, member, benefitId, programmeId, till } = ground
    const supply = { supply: 'batch', stock: undefined }
    const given = await benefit(maker.ask, programmeId, supply)
    const batch = await submittedBatch(ground, given)
    const statement = approver.approval(batch.id, batch.digest)
    await must(approver.ask('POST', `/admin/batches/${batch.id}/decisions`, { statement }))
    const { id: voucher } = await must(member.ask('POST', `/benefits/${benefitId}/claims`, {}), 201)
    const { id } = await must(stop(maker.ask, province), 201)
    const start = () => maker.ask('POST', `/admin/batches/${batch.id}/start`, {})
    expect(await start()).toMatchObject({ status: 403, body: { code: 'FREEZE_ACTIVE' } })
    const another = await benefit(maker.ask, programmeId)
    const claim = await member.ask('POST', `/benefits/${another}/claims`, {})
    expect(claim).toMatchObject({ status: 403, body: { code: 'FREEZE_ACTIVE' } })
    expect(await stop(maker.ask, province)).toMatchObject({ body: { code: 'FREEZE_ACTIVE' } })
    // What a member holds stays good.
    await must(till.ask('POST', '/redemptions', { code: member.code(String(voucher)) }), 201)

    const own = await maker.ask('POST', `/admin/freezes/${id}/end`, {})
    expect(own).toMatchObject({ status: 403, body: { code: 'SELF_APPROVAL' } })
    await must(approver.ask('POST', `/admin/freezes/${id}/end`, {}))
    expect(await approver.ask('POST', `/admin/freezes/${id}/end`, {})).toMatchObject({
      body: { code: 'VERSION_CONFLICT' },
    })
    await must(start())
    const done = await ended(maker.ask, `/admin/batches/${batch.id}/progress`)
    expect(done).toMatchObject({ state: 'completed', issued: 12 })
  })

  it('stops no other county, and is seen where it counts', async () => {
    const { maker, member, programmeId } = ground
    await must(stop(maker.ask, counties[1]), 201)
    const another = await benefit(maker.ask, programmeId)
    await must(member.ask('POST', `/benefits/${another}/claims`, {}), 201)
    const seen = async (org: string) => {
      const { ask } = await desk(ground.server, { org })
      return (await must(ask('GET', '/admin/freezes'))).items
    }
    expect(await seen(counties[0])).toEqual([])
    expect(await seen(counties[1])).toMatchObject([{ org_code: counties[1] }])
    expect(await seen(province)).toHaveLength(1)
  })

  it('is for those who may approve, within their scope', async () => {
    const maker = await desk(ground.server, { role: 'maker' })
    expect((await stop(maker.ask, province)).status).toBe(403)
    const county = await desk(ground.server, { org: counties[0] })
    expect((await stop(county.ask, province)).body).toMatchObject({ code: 'OUT_OF_SCOPE' })
  })
})
