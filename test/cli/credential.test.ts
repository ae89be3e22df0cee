import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { runCommand } from '../../src/cli/command.ts'
import { encodeQr, qrTerminal } from '../../src/formats/qr.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { copiesOf, openUnion, type Union, walletAgent } from '../support/wallet-agent.ts'

describe.each(engines)('symbolon offer and credential on %s', (engine) => {
  let union: Union
  beforeAll(async () => {
    union = await openUnion(engine)
    union.server.now = Date.now() // the command line looks at the machine's clock
  })
  afterAll(() => union.server.close())
  const run = (...args: string[]) => {
    const { data, env } = union.server.deployment
    return symbolon([...args, '--data', data], { ...env, PUBLIC_URL: union.server.url })
  }

  it('offers a credential that a wallet can fetch, lists it and revokes it', async () => {
    const [memberNo = ''] = union.people
    const made = answerOf(await run('offer', memberNo, '--json'))
    expect(made.credential_offer).toMatch(/^openid-credential-offer:\/\/\?credential_offer_uri=/)
    expect(made.tx_code).toMatch(/^[0-9]{6}$/)
    const uri = new URL(String(made.credential_offer)).searchParams.get('credential_offer_uri')
    const { grants } = (await (await fetch(uri ?? '')).json()) as {
      grants: Record<string, { 'pre-authorized_code': string }>
    }
    const code = Object.values(grants)[0]?.['pre-authorized_code'] ?? ''
    const wallet = walletAgent(union.server)
    const tokens = await wallet.exchange({ code, txCode: String(made.tx_code) })
    const told = await wallet.credentials(String(tokens.body.access_token), 2)
    expect(copiesOf(told)).toHaveLength(2)

    const { items } = answerOf(await run('credential', 'list', memberNo, '--json'))
    const [one, two] = items as { id: string; status_list: number; status_index: number }[]
    const why = ['--reason', 'device_lost', '--json']
    const revoked = answerOf(await run('credential', 'revoke', String(one?.id), ...why))
    expect(revoked).toMatchObject({ id: one?.id, status: 'revoked' })
    const place = `${two?.status_list}:${two?.status_index}`
    const suspended = answerOf(await run('credential', 'suspend', place, ...why))
    expect(suspended).toMatchObject({ id: two?.id, status: 'suspended' })
    const resumed = answerOf(await run('credential', 'resume', place, ...why))
    expect(resumed.status).toBe('valid')
    const again = await run('credential', 'resume', String(one?.id), ...why)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('VERSION_CONFLICT') })
  })

  it('draws the link on a terminal, and in no file', async () => {
    const { data, env } = union.server.deployment
    let out = ''
    const stdout = { isTTY: true, write: (text: string) => (out += text) }
    const io = { stdout, stderr: { write: () => true } }
    const argv = ['offer', String(union.people[1]), '--data', data]
    expect(await runCommand(argv, io, { ...env, PUBLIC_URL: union.server.url })).toBe(0)
    const link = /openid-credential-offer:\S+/.exec(out)?.[0] ?? ''
    expect(out.startsWith(`${qrTerminal(encodeQr(link))}\n`)).toBe(true)
    const { out: piped } = await run('offer', String(union.people[1]))
    expect(piped.startsWith('offer_id')).toBe(true)
  })

  it('refuses a member that is not there, and a reason that is none', async () => {
    const nobody = await run('offer', 'nobody')
    expect(nobody).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') })
    expect((await run('offer')).code).toBe(2)
    expect((await run('credential', 'revoke', 'x', '--reason', 'because')).code).toBe(2)
    const gone = await run('credential', 'revoke', 'x', '--reason', 'misuse')
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') })
  })
})
