import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { adminAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { engines } from '../support/engines.ts'
import { benefit, type Desk, desk, province } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'

describe.each(engines)('a person that one person has registered, on %s', (engine) => {
  let ground: Ground
  let issued: string
  beforeAll(async () => {
    ground = await openGround(engine)
    const { maker, programmeId } = ground
    issued = await benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
  })
  afterAll(() => ground.server.close())

  /** Staff with a program that signs, registered over HTTP by `by`. */
  async function registered({ ask }: Pick<Desk, 'ask'>) {
    const key = newEs256Key()
    const grants = ['admin', 'approver'].map((role) => ({ role, org_code: province }))
    const staff = await must(ask('POST', '/admin/staff', { name: '员', grants }), 201)
    const client = { owner_id: staff.id, name: 'key', grants, jwk: key.jwk }
    const { client_id } = await must(ask('POST', '/admin/clients', client), 201)
    const ids = [String(staff.id), String(client_id)]
    return { ...(await adminAgent(ground.server, String(client_id), key)), ids }
  }
  type Approver = Pick<Awaited<ReturnType<typeof registered>>, 'ask' | 'approval'>

  const approve = async (by: Approver, maker: Pick<Desk, 'ask'> = ground.maker) => {
    const { id, digest } = await submittedBatch({ maker }, issued)
    const statement = by.approval(id, digest)
    const { status, body } = await by.ask('POST', `/admin/batches/${id}/decisions`, { statement })
    return status === 200 ? body.state : body.code
  }

  it('cannot approve what that one made, nor the other way, nor for its sibling', async () => {
    const { maker } = ground
    const [one, two] = [await registered(maker), await registered(maker)]
    expect(await approve(one)).toBe('SELF_APPROVAL')
    expect(await approve(maker, one)).toBe('SELF_APPROVAL')
    expect(await approve(two, one)).toBe('SELF_APPROVAL')
    const stranger = await desk(ground.server)
    expect(await approve(one, stranger)).toBe('approved')
  })

  it('can, when another person has confirmed them and their key', async () => {
    const { maker, server } = ground
    const made = await registered(maker)
    const other = await desk(server)
    const confirm = (by: Pick<Desk, 'ask'>, id: string) =>
      by.ask('POST', `/admin/principals/${id}/confirm`, {})
    for (const id of made.ids) {
      for (const by of [maker, made]) {
        const { status, body } = await confirm(by, id)
        expect([status, body.code]).toEqual([403, 'SELF_APPROVAL'])
      }
    }
    await must(confirm(other, made.ids[0]!))
    expect(await approve(made)).toBe('SELF_APPROVAL') // the key is the maker's word alone
    await must(confirm(other, made.ids[1]!))
    expect(await approve(made)).toBe('approved')
    const { status, body } = await confirm(other, made.ids[1]!)
    expect([status, body.code]).toEqual([409, 'ALREADY_EXISTS'])
    expect((await confirm(other, 'none')).body.code).toBe('NOT_FOUND')
  })

  it('does not count twice where two must approve', async () => {
    const { maker, server, programmeId } = ground
    const dear = await benefit(maker.ask, programmeId, {
      ...{ supply: 'batch', stock: undefined, amount: 500_000 },
      details: { kind: 'coupon', face_value: 500_000, minimum_spend: 0 },
    })
    const chief = await desk(server)
    const { id, digest } = await submittedBatch({ maker }, dear)
    const told = []
    for (const by of [await registered(chief), await registered(chief), chief]) {
      const statement = by.approval(id, digest)
      const { body } = await by.ask('POST', `/admin/batches/${id}/decisions`, { statement })
      told.push(body.code ?? body.state)
    }
    expect(told).toEqual(['submitted', 'ALREADY_EXISTS', 'ALREADY_EXISTS'])
  })
})
