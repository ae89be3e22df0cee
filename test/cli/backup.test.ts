import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { eq } from 'drizzle-orm'
import { afterEach, describe, expect, it } from 'vitest'

import { openStore } from '../../src/store/open.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { benefit, issue, members, type Story, tellStory, tick } from '../support/story.ts'

const main = new URL('../../src/main.ts', import.meta.url).pathname

describe('a backup', () => {
  let story: Story | undefined
  afterEach(async () => {
    await story?.close()
    story = undefined
  })
  const folder = () => mkdtempSync(join(tmpdir(), 'symbolon-backup-'))

  it('is a database of its own that the audit finds good, taken while others write', async () => {
    story = await tellStory('sqlite')
    const { data, env } = story
    const care = await benefit(story)
    await issue(story, care, await members(story, 2))
    await tick(story)
    const policy = join(folder(), 'policy')
    writeFileSync(policy, (await symbolon(['ledger', 'policy', '--data', data])).out)
    const leaves = async (...where: string[]) => {
      const ran = await symbolon(['ledger', 'verify', '--policy', policy, ...where, '--json'], env)
      expect(ran.code, ran.err).toBe(0)
      return answerOf(ran).leaves
    }
    const before = await leaves('--data', data)

    const to = join(folder(), 'night.db')
    const child = execFile(
      process.execPath,
      [main, 'backup', '--data', data, '--to', to, '--json'],
      {
        env: { ...env },
      },
    )
    let out = ''
    child.stdout?.on('data', (text: string) => {
      out += text
    })
    const ended = once(child, 'close')
    do await issue(story, care, await members(story, 1))
    while (child.exitCode === null)
    expect((await ended)[0]).toBe(0)
    await tick(story)
    const { size, mode } = statSync(to)
    expect(JSON.parse(out)).toEqual({ to, octets: size })
    expect(mode & 0o777).toBe(0o600)
    expect(existsSync(`${to}.part`)).toBe(false)

    const kept = await leaves('--db', `sqlite:${to}`)
    expect(kept).toBeGreaterThanOrEqual(before as number)
    expect(await leaves('--data', data)).toBeGreaterThan(kept as number)

    const again = await symbolon(['backup', '--data', data, '--to', to], env)
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(statSync(to).size).toBe(size)
  })

  it('has nothing of what was deleted', async () => {
    story = await tellStory('sqlite')
    const { data, env, store } = story
    const name = `某某${crypto.randomUUID()}`
    const { organisations } = store.read.tables
    const code = '650000'
    const place = { code, path: `000000/${code}/`, region: 650000, level: 'provincial' } as const
    await store.transaction((tx) =>
      tx.insert(organisations).values({ ...place, nameZh: name, createdAt: 0 }),
    )
    await store.transaction((tx) => tx.delete(organisations).where(eq(organisations.code, code)))
    const inFile = (path: string) => existsSync(path) && readFileSync(path).includes(name)
    const source = env.DATABASE_URL?.replace('sqlite:', '') ?? ''
    const to = join(folder(), 'night.db')
    expect((await symbolon(['backup', '--data', data, '--to', to], env)).code).toBe(0)
    expect(inFile(source) || inFile(`${source}-wal`)).toBe(true)
    expect(inFile(to)).toBe(false)
    const copy = await openStore({ engine: 'sqlite', path: to })
    const names = await copy.read.select({ code: organisations.code }).from(organisations)
    expect(names.length).toBeGreaterThan(0)
    expect(names).not.toContainEqual({ code })
    await copy.close()
  })

  it('is not made of what is no SQLite database, nor of nothing', async () => {
    const to = join(folder(), 'night.db')
    const postgres = { DATABASE_URL: 'postgres://nobody@localhost:1/none' }
    expect((await symbolon(['backup', '--data', folder(), '--to', to], postgres)).code).toBe(1)
    expect((await symbolon(['backup', '--data', folder(), '--to', to])).code).toBe(1)
    const data = folder()
    writeFileSync(join(data, 'symbolon.db'), 'no database, only words'.repeat(100))
    expect((await symbolon(['backup', '--data', data, '--to', to])).code).toBe(1)
    expect((await symbolon(['backup', '--data', data])).code).toBe(2)
    expect([existsSync(to), existsSync(`${to}.part`)]).toEqual([false, false])
  })
})
