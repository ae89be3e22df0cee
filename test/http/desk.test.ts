import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, counties, desk, province } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'

const oldEnough = (years: number) => ({ age: { op: 'ge', years } })

describe.each(engines)('what the desk asks for besides, on %s', (engine) => {
  let ground: Ground
  let memberId: string
  beforeAll(async () => {
    ground = await openGround(engine)
    memberId = ground.member.memberId
  })
  afterAll(() => ground.server.close())

  it('finds unions by a part of their name or the beginning of a code, within the scope', async () => {
    const { maker, server } = ground
    const find = async (ask: typeof maker.ask, text: string) => {
      const path = `/admin/organisations?search=${encodeURIComponent(text)}`
      const { items } = await must(ask('GET', path))
      return (items as { code: string }[]).map(({ code }) => code)
    }
    expect(await find(maker.ask, '银川')).toContain('640100')
    expect(await find(maker.ask, '6401')).toContain(counties[0])
    expect(await find(maker.ask, '100%_\\')).toEqual([])
    const county = await desk(server, { org: counties[0] })
    expect(await find(county.ask, '64')).toEqual([counties[0]])
    const { items } = await must(county.ask('GET', '/admin/organisations'))
    expect(items).toMatchObject([{ code: counties[0] }])
  })

  it('moves a union with everything below it, and refuses to move it below itself', async () => {
    const { maker } = ground
    const move = (code: string, parent: string) =>
      maker.ask('POST', `/admin/organisations/${code}/move`, { parent_code: parent })
    expect(await must(move('640105', '640200'))).toMatchObject({ parent_code: '640200' })
    const { items } = await must(maker.ask('GET', '/admin/organisations/640200/children'))
    expect((items as { code: string }[]).map(({ code }) => code)).toContain('640105')
    expect((await move('640200', '640105')).body).toMatchObject({ code: 'VALIDATION_FAILED' })
    const county = await desk(ground.server, { org: counties[0] })
    const outside = { parent_code: '640100' }
    const path = '/admin/organisations/640106/move'
    expect((await county.ask('POST', path, outside)).status).toBe(403)
  })

  it('counts whom a rule finds exactly as a batch by it does', async () => {
    const { maker, programmeId } = ground
    const supply = { supply: 'batch', stock: undefined, criteria: oldEnough(18) }
    const given = await benefit(maker.ask, programmeId, supply)
    const rule = { fact: 'occupation', op: 'in', value: ['courier'] }
    const asked = { criteria: rule, benefit_id: given, org_code: counties[0] }
    const preview = await must(maker.ask('POST', '/admin/criteria/preview', asked))
    const batch = await submittedBatch(ground, given)
    const { report } = await must(maker.ask('GET', `/admin/batches/${batch.id}/dry-run`))
    expect(preview).toMatchObject({ considered: 12, eligible: 12, cap_reached: 0 })
    expect(report).toMatchObject({ considered: 12, eligible: 12 })
    const none = { ...asked, criteria: oldEnough(90) }
    const empty = await must(maker.ask('POST', '/admin/criteria/preview', none))
    expect(empty).toMatchObject({ considered: 12, eligible: 0, not_eligible: 12 })
  })

  it('says of one member what the member would read', async () => {
    const { maker } = ground
    const explain = (criteria: object) =>
      must(maker.ask('POST', '/admin/criteria/explain', { criteria, member_id: memberId }))
    expect(await explain(oldEnough(18))).toMatchObject({ status: 'eligible', blocked_by: [] })
    const told = await explain(oldEnough(90))
    expect(told.status).toBe('not_yet')
    expect(told.eligible_from).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect((told.blocked_by as unknown[]).length).toBe(1)
  })

  it.each([
    [{ fact: 'shoe_size', op: 'eq', value: 44 }, 422, 'CRITERIA_INVALID'],
    [{ all: [] }, 422, 'CRITERIA_INVALID'],
  ])('refuses the rule %j', async (criteria, status, code) => {
    const asked = { criteria, org_code: province }
    const refused = await ground.maker.ask('POST', '/admin/criteria/preview', asked)
    expect(refused).toMatchObject({ status, body: { code } })
  })

  it('shows a member’s devices, memberships and vouchers', async () => {
    const { maker, member, benefitId } = ground
    const voucher = await claim(member, benefitId)
    const at = `/admin/members/${memberId}`
    const { items: devices } = await must(maker.ask('GET', `${at}/devices`))
    expect(devices).toHaveLength(1)
    const { items: vouchers } = await must(maker.ask('GET', `${at}/vouchers`))
    expect(vouchers).toMatchObject([{ id: voucher, state: 'active', name_zh: '洗车券' }])
    const { items: stays } = await must(maker.ask('GET', `${at}/memberships`))
    expect(stays).toMatchObject([{ org_code: counties[0] }])
  })

  it('shows nobody what is out of their sight', async () => {
    const { server, shop } = ground
    const other = await desk(server, { org: counties[1] })
    const paths = [
      `/admin/members/${memberId}/devices`,
      `/admin/members/${memberId}/vouchers`,
      `/admin/members/${memberId}/memberships`,
      `/admin/stores/${shop.storeId}/staffing`,
    ]
    for (const path of paths) {
      const hidden = await other.ask('GET', path)
      const unknown = await other.ask('GET', path.replace(/[0-9a-f-]{36}/, crypto.randomUUID()))
      expect(hidden.status, path).toBe(404)
      expect(hidden.body).toEqual(unknown.body)
    }
    const asked = { criteria: oldEnough(18), member_id: memberId }
    expect((await other.ask('POST', '/admin/criteria/explain', asked)).status).toBe(404)
  })

  it('shows the terminals and cashiers of a store', async () => {
    const { maker, shop } = ground
    const found = await must(maker.ask('GET', `/admin/stores/${shop.storeId}/staffing`))
    expect(found.printed_code).toBe('off')
    expect(found.terminals).toMatchObject([{ name: expect.any(String) }, { name: 'till' }])
    expect(found.cashiers).toMatchObject([{ locked: false }, { locked: false }])
  })

  it('lists batches with the latest first, and those that wait', async () => {
    const { maker } = ground
    const { items } = await must(maker.ask('GET', '/admin/batches'))
    const ids = (items as { id: string }[]).map(({ id }) => id)
    expect(ids).toEqual([...ids].sort().reverse())
    const waiting = await must(maker.ask('GET', '/admin/batches?state=submitted'))
    expect(waiting.items).toMatchObject([{ state: 'submitted' }])
  })
})
