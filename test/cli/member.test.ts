import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { openUnion, type Union } from '../support/wallet-agent.ts'

describe.each(engines)('symbolon member erase on %s', (engine) => {
  let union: Union
  beforeAll(async () => {
    union = await openUnion(engine)
    union.server.now = Date.now() // the command line looks at the machine's clock
  })
  afterAll(() => union.server.close())
  const run = (...args: string[]) => {
    const { data, env } = union.server.deployment
    return symbolon(['member', ...args, '--data', data], env)
  }

  it('erases a member beside a running server, once', async () => {
    const [memberNo = '', other = ''] = union.people
    const why = ['--reason', 'member_request']
    const done = answerOf(await run('erase', memberNo, ...why, '--json'))
    expect(done).toMatchObject({ vouchers_voided: 0, devices_revoked: 0 })
    const again = await run('erase', memberNo, ...why)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') })
    const { ask } = await union.staff.signIn()
    expect((await ask('POST', '/admin/members/search', { member_no: memberNo })).status).toBe(404)
    expect((await ask('POST', '/admin/members/search', { member_no: other })).status).toBe(200)
  })

  it('wants a reason that it knows', async () => {
    expect((await run('erase', 'x')).code).toBe(2)
    expect((await run('erase', 'x', '--reason', 'because of him')).code).toBe(2)
  })
})
