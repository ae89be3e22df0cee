import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { run as runLedger } from '../../src/cli/ledger.ts'
import { exportLog } from '../../src/ledger/export-log.ts'
import type { Report } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { type Books, entry, issue, openBooks, origin, redeem, tellStory, write } from './books.ts'

/** Runs the command; its report is the last line. */
async function run(...argv: string[]) {
  let out = ''
  let err = ''
  const code = await runLedger([...argv], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
  })
  return { code, out, err }
}

const folder = (name: string) => mkdtempSync(join(tmpdir(), `symbolon-${name}-`))

describe('a log as static files', () => {
  let books: Books
  let log: string
  let policy: string
  beforeAll(async () => {
    books = await openBooks('sqlite')
    await tellStory(books)
    // Enough for a full tile, a partial one, and a tile above them.
    for (let i = 0; i < 26; i++) {
      const held = await issue(books, 10)
      for (const each of held) await redeem(books, each)
    }
    log = folder('log')
    policy = join(folder('policy'), 'policy.txt')
    expect((await run('export', '--db', locationOf(books), '--to', log)).code).toBe(0)
    const { out } = await run('policy', '--data', books.data)
    writeFileSync(policy, out)
  })
  afterAll(() => books.store.close())

  const verify = async (dir: string, ...more: string[]) => {
    const { code, out, err } = await run(
      'verify',
      '--policy',
      policy,
      '--dir',
      dir,
      '--json',
      ...more,
    )
    return { code, err, report: code < 2 ? (JSON.parse(out) as Report) : undefined }
  }
  const files = () =>
    readdirSync(log, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name).slice(log.length + 1))
      .sort()

  it('has the layout of tlog-tiles and verifies', async () => {
    const all = files()
    for (const path of [
      'checkpoint',
      'issued/1',
      'tile/0/000',
      'tile/0/001.p/66',
      'tile/1/000.p/1',
    ]) {
      expect(all).toContain(path)
    }
    expect(all).toContain('tile/entries/001.p/66')
    const { code, report } = await verify(log)
    expect(report).toMatchObject({ ok: true, leaves: 322, vouchers: 272 })
    expect(code).toBe(0)
    expect((await verify(log, '--tree-only')).code).toBe(0)
    const { out } = await run('verify', '--policy', policy, '--dir', log)
    expect(out.trimEnd().split('\n').at(-1)).toBe('good')
  })

  it.each([
    'checkpoint',
    'issued/1',
    'tile/0/000',
    'tile/0/001.p/66',
    'tile/1/000.p/1',
    'tile/entries/000',
    'tile/entries/001.p/66',
  ])('is refused when an octet of %s is changed', async (path) => {
    for (const part of [0.1, 0.5, 0.95]) {
      const copy = folder('copy')
      cpSync(log, copy, { recursive: true })
      const bytes = readFileSync(join(copy, path))
      const at = Math.floor(bytes.length * part)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      writeFileSync(join(copy, path), bytes)
      const { code, report } = await verify(copy)
      expect(code).toBe(1)
      expect(report?.findings).not.toEqual([])
    }
  })

  it.each([
    'checkpoint',
    'issued/1',
    'tile/0/000',
    'tile/0/001.p/66',
    'tile/1/000.p/1',
    'tile/entries/000',
    'tile/entries/001.p/66',
  ])('cannot be checked without %s, and says so', async (path) => {
    const copy = folder('copy')
    cpSync(log, copy, { recursive: true })
    rmSync(join(copy, path))
    const { code, err } = await verify(copy)
    expect(code).toBe(2)
    expect(err).toContain(path)
  })

  it('grows by what is new, and still continues the older checkpoint', async () => {
    const copy = folder('copy')
    cpSync(log, copy, { recursive: true })
    const since = join(folder('since'), 'checkpoint')
    writeFileSync(since, readFileSync(join(log, 'checkpoint')))
    await write(books, entry(books, 'budget.allocate', 1, ['fund_bank', 'budget_available']))
    const grow = () => readSnapshot(books.location, (reader) => exportLog(reader, origin, copy))
    expect(await grow()).toEqual({ from: 322, size: 323, files: 3 })
    expect(await grow()).toEqual({ from: 323, size: 323, files: 0 })
    expect((await verify(copy, '--since', since)).code).toBe(0)
    const back = await verify(log, '--since', join(copy, 'checkpoint'))
    expect(back.report?.findings).toMatchObject([{ check: 'since' }])
    // A full tile may stand for the partial one.
    rmSync(join(copy, 'tile/0/001.p/66'))
    expect((await verify(copy)).code).toBe(0)
  })

  it('does not go back behind what was exported', async () => {
    const other = await openBooks('sqlite')
    await issue(other, 1)
    const work = readSnapshot(other.location, (reader) => exportLog(reader, origin, log))
    await expect(work).rejects.toThrow('ahead of the database')
    await other.store.close()
  })

  describe('over http', () => {
    let server: Server
    let url: string
    const broken = new Set<string>()
    beforeAll(async () => {
      server = createServer((request, response) => {
        const path = (request.url ?? '').replace(/^\/log\//, '')
        if (broken.has(path)) return response.writeHead(500).end()
        try {
          return response.end(readFileSync(join(log, path)))
        } catch {
          return response.writeHead(404).end()
        }
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`
    })
    afterAll(() => server.close())

    it('verifies, and is weather when the server fails', async () => {
      const args = ['verify', '--policy', policy, '--url', url, '--json']
      expect((await run(...args)).code).toBe(0)
      broken.add('tile/0/000')
      const { code, err } = await run(...args)
      expect(code).toBe(2)
      expect(err).toContain('cannot get tile/0/000')
    })

    it('is weather when nobody answers', async () => {
      const { code } = await run('verify', '--policy', policy, '--url', 'http://127.0.0.1:1/')
      expect(code).toBe(2)
    })
  })

  it('cannot be checked with a malformed policy, a missing file or a wrong command', async () => {
    const bad = join(folder('policy'), 'bad.txt')
    writeFileSync(bad, 'log nonsense\n')
    for (const args of [
      ['verify', '--policy', bad, '--dir', log],
      ['verify', '--policy', `${bad}.not`, '--dir', log],
      ['verify', '--policy', policy, '--dir', `${log}.not`],
      ['verify', '--policy', policy, '--dir', log, '--since', `${log}.not`],
      ['verify', '--policy', policy, '--db', `sqlite:${log}.db`],
      ['verify', '--policy', policy],
      ['verify', '--policy', policy, '--dir', log, '--url', 'http://localhost'],
      ['verify', '--nonsense'],
      ['nonsense'],
      [],
    ]) {
      expect(await run(...args)).toMatchObject({ code: 2, out: '' })
    }
    expect(dirname(bad)).toBeTruthy()
  })
})

function locationOf({ location }: Books): string {
  return location.engine === 'sqlite' ? `sqlite:${location.path}` : location.url
}
