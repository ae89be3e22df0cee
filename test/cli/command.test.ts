import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { formatCheckpoint } from '../../src/formats/tlog/checkpoint.ts'
import { signNote } from '../../src/formats/tlog/note.ts'
import { writeAnchor } from '../../src/ledger/anchor.ts'
import { symbolon } from '../support/command-line.ts'
import { type Deployment, freshDeployment } from '../support/deployment.ts'

let d: Deployment | undefined
afterEach(() => d?.close())

describe('a command line', () => {
  it('answers 2 for what nobody understands, with the usage', async () => {
    for (const argv of [[], ['fund'], ['--data', 'x'], ['toString']]) {
      const ran = await symbolon(argv)
      expect(ran).toMatchObject({ code: 2, out: '' })
      expect(ran.err).toContain('usage: symbolon COMMAND')
    }
    const helped = await symbolon(['--help'])
    expect(helped).toMatchObject({ code: 0, err: '' })
    expect(await symbolon(['help'])).toEqual(helped)
  })

  it('tells of every command that it lists', async () => {
    const { out } = await symbolon(['--help'])
    const listed = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name as string)
    expect(listed.length).toBeGreaterThan(20)
    for (const name of listed) {
      const told = await symbolon([name, '--help'])
      expect(told).toMatchObject({ code: 0, err: '' })
      expect(told.out).toMatch(new RegExp(`^usage:\\s+symbolon ${name}\\b`))
      expect(await symbolon(['help', name])).toEqual(told)
      expect(await symbolon([name, 'import', '--data', '/nowhere', '-h'])).toEqual(told)
    }
    expect(await symbolon(['help', 'fund'])).toMatchObject({ code: 2, out: '' })
  })

  it.each([
    ['found'],
    ['serve'],
    ['migrate'],
    ['organisations', 'import', 'x'],
    ['members', 'import', 'x'],
    ['client', 'create'],
    ['batch', 'run'],
    ['ledger', 'policy'],
    ['ledger', 'verify'],
    ['ledger', 'export'],
  ])('answers 2 for an option it does not know: %s %s', async (...command) => {
    const given = command.filter((word) => word !== undefined)
    const ran = await symbolon([...given, '--data', '/nowhere', '--dada', 'x'])
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toContain('--dada')
    expect(ran.err).toContain('usage:')
    expect(await symbolon(given)).toMatchObject({ code: 2, out: '' })
  })

  it('refuses a database of another kind', async () => {
    d = await freshDeployment('sqlite')
    for (const url of ['mysql://root@localhost/x', 'symbolon.db']) {
      for (const command of [['migrate'], ['batch', 'run']]) {
        const ran = await symbolon([...command, '--data', d.data], { DATABASE_URL: url })
        expect(ran).toMatchObject({ code: 1, out: '' })
        expect(ran.err).toContain('unexpected scheme')
      }
    }
  })

  it('names the variable that is not valid', async () => {
    d = await freshDeployment('sqlite')
    const env = { ...d.env, PORT: 'many' }
    const ran = await symbolon(['batch', 'run', '--data', d.data], env)
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('PORT')
    expect(ran.err).not.toContain('many')
  })

  it('works on no database that is behind its anchor', async () => {
    d = await freshDeployment('sqlite')
    const { data, env, logKey, store } = d
    const anchorFile = join(data, 'anchor')
    const run = () =>
      symbolon(['batch', 'run', '--data', data], { ...env, ANCHOR_FILE: anchorFile })
    expect(await run()).toMatchObject({ code: 0, err: '' })
    await writeAnchor(store.read, anchorFile)
    expect(await run()).toMatchObject({ code: 0, err: '' })
    const ahead = { origin: logKey.name, size: 1, root: new Uint8Array(32) }
    writeFileSync(anchorFile, signNote(formatCheckpoint(ahead), [logKey]))
    const ran = await run()
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('an old backup was restored')
  })
})
