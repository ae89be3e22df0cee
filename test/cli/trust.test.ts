import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { answerOf, symbolon } from '../support/command-line.ts'

const env = { ROOT_PASSPHRASE: 'of the root' }
const place = mkdtempSync(join(tmpdir(), 'symbolon-trust-'))
const at = (name: string) => join(place, name)
const root = at('root')

async function run(...argv: string[]) {
  const ran = await symbolon([...argv, '--json'], env)
  expect(ran, argv.join(' ')).toMatchObject({ code: 0, err: '' })
  return answerOf(ran)
}

async function found(code: string, number: string, ...more: string[]): Promise<string> {
  const url = `https://${code}.example`
  const argv = ['found', '--data', at(code), '--node', code, '--name', code, '--number', number]
  await run(...argv, '--url', url, ...more)
  return at(code)
}

beforeAll(async () => {
  await run('root', 'create', '--out', root, '--name', '全国总工会')
  for (const [code, number] of [
    ['nx', '64'],
    ['gs', '62'],
  ] as const) {
    await found(code, number, '--root', root)
    const argv = ['trust', 'entry', '--data', at(code), '--out', at(`${code}.json`)]
    expect(await symbolon(argv, env)).toMatchObject({ code: 0, err: '' })
  }
})

const publish = (out: string, ...more: string[]) =>
  run('trust', 'publish', '--root', root, '--operator', '全国总工会', '--out', at(out), ...more)
const accept = (file: string, data = at('nx')) =>
  symbolon(['trust', 'accept', '--data', data, '--file', at(file), '--json'])

describe('the trust list on the command line', () => {
  it('is signed offline, taken in and shown; a lower one is refused', async () => {
    const nodes = ['--node', at('nx.json'), '--node', at('gs.json')]
    expect(await publish('1.jwt', ...nodes)).toMatchObject({ sequence: 1 })
    const next = await publish(
      '2.jwt',
      '--previous',
      at('1.jwt'),
      '--withdraw',
      'https://gs.example',
    )
    expect(next).toMatchObject({ sequence: 2 })
    expect(answerOf(await accept('1.jwt'))).toEqual({ new: true })
    expect(answerOf(await accept('1.jwt'))).toEqual({ new: false })
    expect(answerOf(await accept('2.jwt'))).toEqual({ new: true })
    const back = await accept('1.jwt')
    expect(back).toMatchObject({ code: 1, out: '' })
    expect(back.err).toBe('list is older than the one that is known\n')
    const shown = await run('trust', 'show', '--data', at('nx'))
    expect(shown).toEqual(
      await run('trust', 'show', '--file', at('2.jwt'), '--root', `${root}/root.crt`),
    )
    expect(shown).toMatchObject({
      sequence: 2,
      nodes: [
        {
          url: 'https://nx.example',
          number: 64,
          services: [{ role: 'issuer', status: 'granted' }, {}, {}, {}, {}, {}],
        },
        {
          url: 'https://gs.example',
          number: 62,
          services: [{ role: 'issuer', status: 'withdrawn' }, {}, {}, {}, {}, {}],
        },
      ],
    })
  })

  it('is not made from one that this root did not sign', async () => {
    const token = readFileSync(at('1.jwt'), 'utf8').trim()
    writeFileSync(at('forged.jwt'), `${token.slice(0, -4)}AAAA`)
    const argv = ['trust', 'publish', '--root', root, '--operator', 'x', '--out', at('no.jwt')]
    const ran = await symbolon([...argv, '--previous', at('forged.jwt')], env)
    expect(ran).toMatchObject({ code: 1, out: '' })
  })

  it('is fetched from an address', async () => {
    const server = createServer((_request, response) => response.end(readFileSync(at('1.jwt'))))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const argv = ['trust', 'accept', '--data', at('gs'), '--url', url]
    expect(await run(...argv)).toEqual({ new: true })
    server.close()
    const gone = await symbolon(argv)
    expect(gone).toMatchObject({ code: 1, err: 'the trust list could not be fetched\n' })
  })

  it('is signed by a node that is its own root, and by no other with --data', async () => {
    const data = await found('xz', '54')
    expect(await run('trust', 'publish', '--data', data)).toMatchObject({ sequence: 2 })
    expect(await run('trust', 'publish', '--data', data)).toMatchObject({ sequence: 3 })
    const ran = await symbolon(['trust', 'publish', '--data', at('nx')])
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('not its own root')
  })

  it('is not taken in by a node that pins another root', async () => {
    const data = await found('qh', '63')
    const ran = await accept('1.jwt', data)
    expect(ran).toMatchObject({ code: 1, err: 'list is signed by no pinned root\n' })
  })
})
