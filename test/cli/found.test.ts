import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'
import { openKeyring } from '../../src/keys/keyring.ts'
import { readNode } from '../../src/keys/this-node.ts'
import { locate, openStore } from '../../src/store/open.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines, freshDatabase } from '../support/engines.ts'

const folder = () => join(mkdtempSync(join(tmpdir(), 'symbolon-found-')), 'data')
const founding = (data: string, node = 'nx') => [
  ...['found', '--data', data, '--node', node, '--name', '宁夏', '--json'],
]

describe.each(engines)('founding on %s', (engine) => {
  it('makes keys, a node and a log, once', async () => {
    const data = folder()
    const location = await freshDatabase(engine)
    const env = location.engine === 'postgres' ? { DATABASE_URL: location.url } : {}
    const ran = await symbolon([...founding(data), '--number', '64', '--host', 'nx.test'], env)
    expect(ran).toMatchObject({ code: 0, err: '' })
    const year = String(new Date().getFullYear())
    expect(answerOf(ran)).toEqual({
      invitation: expect.stringMatching(/^https:\/\/nx\.test\/admin\/#\/invitation\/[\w-]{43}$/),
      node: 'nx',
      origin: `nx.test/log/nx/${year}`,
      vkey: expect.stringContaining(`nx.test/log/nx/${year}+`),
    })
    const { master, logs } = openKeyring(data)
    expect(logs).toHaveLength(1)
    const made = engine === 'sqlite' ? join(data, 'symbolon.db') : undefined
    const store = await openStore(made ? { engine: 'sqlite', path: made } : location)
    expect(await readNode(store, master)).toMatchObject({ number: 64, code: 'nx' })
    await store.close()

    const again = await symbolon(founding(data), env)
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(openKeyring(data).logs).toEqual(
      logs.map(({ sign: _, ...log }) => expect.objectContaining(log)),
    )
  })

  it('migrates what is up to date without a word of complaint', async () => {
    const location = await freshDatabase(engine)
    const url = location.engine === 'sqlite' ? `sqlite:${location.path}` : location.url
    const ran = await symbolon(['migrate', '--data', 'x', '--json'], { DATABASE_URL: url })
    expect({ ...ran, out: answerOf(ran) }).toEqual({ code: 0, err: '', out: { migrated: engine } })
  })
})

describe('a founding that fails', () => {
  it('leaves nothing behind of what it has made', async () => {
    const data = folder()
    const nobody = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
    expect(await symbolon(founding(data), nobody)).toMatchObject({ code: 1, out: '' })
    expect(existsSync(data)).toBe(false)
    const nowhere = { DATABASE_URL: `sqlite:${data}-x/y.db` }
    expect(await symbolon(founding(data), nowhere)).toMatchObject({ code: 1, out: '' })
    expect(existsSync(data)).toBe(false)
    expect((await symbolon(founding(data))).code).toBe(0)
  })

  it('touches nothing that was there before', async () => {
    const data = folder()
    mkdirSync(data)
    writeFileSync(join(data, 'symbolon.db'), 'not ours')
    expect(await symbolon(founding(data))).toMatchObject({ code: 1, out: '' })
    expect(readdirSync(data)).toEqual(['symbolon.db'])
    expect(readFileSync(join(data, 'symbolon.db'), 'utf8')).toBe('not ours')
    mkdirSync(join(data, 'keys'))
    writeFileSync(join(data, 'keys', 'notes'), 'mine')
    expect((await symbolon(founding(data))).code).toBe(1)
    expect(readdirSync(join(data, 'keys'))).toEqual(['notes'])
  })

  it.each(engines)('leaves a database that is founded to its own keys, on %s', async (engine) => {
    const location = await freshDatabase(engine)
    const [first, second] = [folder(), folder()]
    const url = location.engine === 'postgres' ? location.url : `sqlite:${first}.db`
    const env = { DATABASE_URL: url }
    expect((await symbolon(founding(first), env)).code).toBe(0)
    expect(await symbolon(founding(second), env)).toMatchObject({ code: 1, out: '' })
    expect(existsSync(second)).toBe(false)
    const store = await openStore(locate(url, first))
    expect(await readNode(store, openKeyring(first).master)).toMatchObject({ code: 'nx' })
    await store.close()
  })

  it('keeps the keys of the faster of two', async () => {
    const data = folder()
    const both = await Promise.all([symbolon(founding(data)), symbolon(founding(data))])
    expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1])
    const store = await openStore(locate(undefined, data))
    expect(await readNode(store, openKeyring(data).master)).toMatchObject({ code: 'nx' })
    await store.close()
  })
})

describe('founding', () => {
  it.each(['n', 'NX', 'nx/..', 'waytoolongcode', 'n x'])(
    'refuses the node code %j',
    async (code) => {
      const data = folder()
      expect(await symbolon(founding(data, code))).toMatchObject({ code: 2, out: '' })
      expect(existsSync(data)).toBe(false)
    },
  )

  it.each(['-1', '65536', '1.5', 'x'])('refuses the number %j', async (number) => {
    const data = folder()
    const ran = await symbolon([...founding(data), `--number=${number}`])
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(existsSync(data)).toBe(false)
  })

  it('is the only command that makes a database', async () => {
    const data = folder()
    await symbolon(founding(data))
    const typo = `${data}x`
    const file = join(data, 'symbolon.db')
    const commands = [
      ['migrate'],
      ['serve'],
      ['organisations', 'import', file],
      ['members', 'import', file],
      ['client', 'create', '--name', 'x', '--owner-name', 'y', '--role', 'admin@000000'],
      ['batch', 'run'],
      ['batch', 'show', 'x'],
      ['ledger', 'export', '--to', `${data}-log`],
      ['ledger', 'policy'],
      ['ledger', 'verify', '--policy', file],
    ]
    for (const command of commands) {
      const ran = await symbolon([...command, '--data', typo])
      expect(ran.code, command.join(' ')).toBeGreaterThan(0)
      expect(existsSync(typo), command.join(' ')).toBe(false)
      const keysOnly = await symbolon([...command, '--data', data], {
        DATABASE_URL: `sqlite:${data}/typo.db`,
      })
      if (command[1] !== 'policy') expect(keysOnly.code, command.join(' ')).toBeGreaterThan(0)
    }
    expect(readdirSync(data).filter((name) => /typo/.test(name))).toEqual([])
  })
})
