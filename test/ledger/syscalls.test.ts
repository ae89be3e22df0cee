import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { audit, type Books, openBooks } from './books.ts'

const full = process.env.EFFORT === 'full'
const child = fileURLToPath(new URL('./crash-child.ts', import.meta.url))
/** With which SQLite makes a commit last: everything else leaves the file as it is. */
const syscalls = 'pwrite64,fdatasync,ftruncate,unlink'

/** Whether strace is here and may trace. */
function traces(): boolean {
  try {
    execFileSync('strace', ['-f', '-e', 'trace=none', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

interface Said {
  readonly answered?: string
  readonly published?: string
}

/** A life that ends at the n-th system call of one of `syscalls`; what it said until then. */
function live(books: Books, call: number, early = false): { path: string; said: Said[] } {
  if (books.location.engine !== 'sqlite') throw new TypeError('not SQLite')
  const path = join(mkdtempSync(join(dirname(books.location.path), 'syscall-')), 'symbolon.db')
  copyFileSync(books.location.path, path)
  const kill = `inject=${syscalls}:signal=SIGKILL:when=${call}`
  const strace = ['-f', '--seccomp-bpf', '-o', '/dev/null', '-e', kill]
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', child, books.data, path]
  const run = spawnSync('strace', [...strace, ...node, ...(early ? ['early'] : [])], {
    encoding: 'utf8',
  })
  const lines = run.stdout.split('\n').slice(0, -1)
  return { path, said: lines.map((line) => JSON.parse(line) as Said) }
}

/** What was answered or published and is not there. */
async function lost(books: Books, path: string, said: readonly Said[]): Promise<string[]> {
  expect(existsSync(path)).toBe(true)
  const report = await audit({ ...books, location: { engine: 'sqlite', path } })
  expect(report.findings).toEqual([])
  const db = new Database(path, { readonly: true })
  const there = db.prepare('select id from journal_entries').pluck().all() as string[]
  db.close()
  const answered = said.flatMap(({ answered: id }) => (id ? [id] : []))
  const published = said.flatMap(({ published: note }) =>
    note ? [Number(note.split('\n')[1])] : [],
  )
  const ahead = published.filter((size) => size > report.leaves)
  return [...answered.filter((id) => !there.includes(id)), ...ahead.map((size) => `at ${size}`)]
}

const where = traces() ? describe : describe.skip

where('a process that is killed at a system call (skipped where strace is not installed)', () => {
  it('has lost nothing that it said', { timeout: full ? 3_600_000 : 120_000 }, async () => {
    const books = await openBooks('sqlite')
    await books.store.close()
    let answered = 0
    for (let call = 1; ; call += full ? 1 : 211) {
      const { path, said } = live(books, call)
      expect(await lost(books, path, said), `killed at call ${call}`).toEqual([])
      const done = said.filter((each) => each.answered).length
      expect(done).toBeGreaterThanOrEqual(answered)
      answered = done
      if (done === 40) break
    }
  })

  it('is found out when it publishes before the commit', { timeout: 120_000 }, async () => {
    const books = await openBooks('sqlite')
    await books.store.close()
    let found = 0
    for (let call = 60; call < 80 && found === 0; call++) {
      const { path, said } = live(books, call, true)
      found += (await lost(books, path, said)).length
    }
    expect(found).toBeGreaterThan(0)
  })
})
