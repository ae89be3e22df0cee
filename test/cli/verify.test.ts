import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { runCommand } from '../../src/cli/command.ts'
import {
  nameQuery,
  newCredential,
  openVerifier,
  presentTo,
  refusalOf,
  type VerifierTest,
} from '../credentials/presentation/ground.ts'
import { symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'

const folder = mkdtempSync(join(tmpdir(), 'symbolon-verify-'))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe.each(engines)('symbolon verify on %s', (engine) => {
  let ground: VerifierTest
  beforeAll(async () => {
    ground = await openVerifier(engine, systemClock()) // the command has no other clock
  })
  afterAll(() => ground.close())

  /** Runs it, and does `act` with the link that it prints. */
  async function run(args: readonly string[], act: (link: string) => Promise<unknown>) {
    const { server } = ground
    const { data, env } = server.deployment
    const dcql = file(`${engine}.json`, JSON.stringify(nameQuery(ground)))
    let out = ''
    let err = ''
    let done: Promise<unknown> | undefined
    const io = {
      stdout: {
        write: (text: string) => {
          out += text
          done ??= act(args.includes('--json') ? JSON.parse(text).request_uri : text.trim())
        },
      },
      stderr: { write: (text: string) => (err += text) },
    }
    const argv = ['verify', '--data', data, '--dcql', dcql, ...args]
    const code = await runCommand(argv, io, { ...env, PUBLIC_URL: server.url, DEVELOPMENT: '1' })
    await done
    return { code, out, err }
  }

  it('prints a link, waits for a wallet, and prints what it has shown', async () => {
    const { code, out } = await run(['--json'], async (link) => {
      await presentTo(ground, link, [await newCredential(ground)])
    })
    const answer = JSON.parse(out.trim().split('\n').at(-1) ?? '')
    expect(answer).toMatchObject({
      state: 'verified',
      credentials: { card: [{ claims: { name: '李雷', standing: 'active' } }] },
    })
    expect(code).toBe(0)
  })

  it('prints it for people, too, and knows us by our host when asked', async () => {
    const { code, out } = await run(['--dns'], async (link) => {
      expect(link).toMatch(/^openid4vp:\/\/\?client_id=x509_san_dns:localhost&/)
      await presentTo(ground, link, [await newCredential(ground)])
    })
    expect([code, out.includes('"name": "李雷"')]).toEqual([0, true])
  })

  it('answers 1 with the reason when what was shown is refused', async () => {
    const { code, err } = await run([], async (link) => {
      const held = await newCredential(ground, { status: 1 })
      expect(await refusalOf(presentTo(ground, link, [held]))).toBe('STATUS_REVOKED')
    })
    expect([code, err]).toEqual([1, 'refused: STATUS_REVOKED\n'])
  })

  it('answers 1 when nobody comes', async () => {
    const { code, out } = await run(['--json', '--seconds', '1'], async () => {})
    expect(code).toBe(1)
    expect(JSON.parse(out.trim().split('\n').at(-1) ?? '')).toEqual({ state: 'expired' })
  })

  it('answers 2 for a command nobody understands, 1 for a query that is none', async () => {
    const { data, env } = ground.server.deployment
    expect((await symbolon(['verify', '--data', data], env)).code).toBe(2)
    const empty = file('empty.json', '{}')
    const wrong = await symbolon(['verify', '--data', data, '--dcql', empty], env)
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('VALIDATION_FAILED')
    const torn = file('torn.json', '{')
    expect((await symbolon(['verify', '--data', data, '--dcql', torn], env)).code).toBe(1)
  })
})
