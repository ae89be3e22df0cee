import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import Database from 'better-sqlite3'
import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Refusal, Weather } from '../../src/base/refusal.ts'
import { openSqlite, type SqliteOptions } from '../../src/store/sqlite.ts'
import { type Store, statement, type Tx } from '../../src/store/store.ts'
import { freshDatabase } from '../support/engines.ts'

const add = statement<{ nonce: string }>()((db) =>
  db
    .insert(db.tables.nonces)
    .values({ scope: 'test', nonce: sql.placeholder('nonce'), expiresAt: 0 }),
)

describe('group commit', () => {
  let path: string
  let store: Store
  let groups: number
  let unknown: unknown[]
  let sealing: (tx: Tx) => Promise<void>

  const open = (options: SqliteOptions = {}) => {
    store = openSqlite(path, { outcomeUnknown: (error) => unknown.push(error), ...options })
    store.beforeCommit(async (tx) => {
      groups++
      await sealing(tx)
    })
  }

  beforeEach(async () => {
    const location = await freshDatabase('sqlite')
    path = location.engine === 'sqlite' ? location.path : ''
    const setup = new Database(path)
    setup.exec(`
      create table parent (id integer primary key);
      create table child (id integer primary key,
        parent integer references parent deferrable initially deferred);
      create table bomb (id integer primary key);
      create trigger boom before insert on bomb begin select raise(rollback, 'boom'); end`)
    setup.close()
    groups = 0
    unknown = []
    sealing = async () => {}
    open()
  })
  afterEach(async () => {
    sealing = async () => {}
    await store.close()
  })

  const plain = (nonce: string | number) =>
    store.transaction((tx) => tx.perform(add, { nonce: String(nonce) }))
  const bulk = (nonce: string) =>
    store.transaction((tx) => tx.perform(add, { nonce }), { bulk: true })
  const run = (tx: Tx, text: string) => tx.rows(sql.raw(`${text} returning 1`))
  const all = async () => {
    const rows = await store.read.select().from(store.read.tables.nonces)
    return rows.map(({ nonce }) => nonce).sort()
  }
  const told = async (work: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(work)).map((one) =>
      one.status === 'fulfilled' ? 'ok' : String(one.reason.cause?.message ?? one.reason.message),
    )

  it('makes one of a hundred transactions, and undoes a failing one alone', async () => {
    const work = Array.from({ length: 100 }, (_, i) => {
      if (i !== 40) return plain(i === 60 ? 59 : i)
      return store.transaction(async (tx) => {
        await tx.perform(add, { nonce: '40' })
        throw new Error('changed my mind')
      })
    })
    const answers = await told(work)
    expect(answers[40]).toBe('changed my mind')
    expect(answers[60]).toMatch(/UNIQUE/)
    expect(answers.filter((answer) => answer === 'ok')).toHaveLength(98)
    expect(await all()).toHaveLength(98)
    expect(groups).toBe(1)
  })

  it('takes no more than its limit into one commit, and one with a limit of one', async () => {
    for (const [groupLimit, expected] of [
      [10, 3],
      [1, 25],
    ] as const) {
      await store.close()
      open({ groupLimit })
      groups = 0
      await Promise.all(Array.from({ length: 25 }, (_, i) => plain(`${groupLimit}-${i}`)))
      expect(groups).toBe(expected)
    }
  })

  it('runs bulk work behind short work, and each piece alone', async () => {
    const order: string[] = []
    const say = (name: string) => () => order.push(name)
    const contents: number[] = []
    sealing = async (tx) => {
      contents.push(await tx.$count(tx.tables.nonces))
    }
    await Promise.all([
      bulk('bulk 1').then(say('bulk 1')),
      bulk('bulk 2').then(say('bulk 2')),
      plain('short 1').then(say('short 1')),
      plain('short 2').then(() => {
        say('short 2')()
        return plain('short 3').then(say('short 3'))
      }),
    ])
    // Short work first, then one bulk turn; who has come meanwhile goes before the next.
    expect(order).toEqual(['short 1', 'short 2', 'bulk 1', 'short 3', 'bulk 2'])
    expect(contents).toEqual([2, 3, 4, 5])
  })

  it('neither starves: a bulk turn follows each group, however much short work comes', async () => {
    let ended = false
    const cashiers = Array.from({ length: 8 }, async (_, i) => {
      for (let n = 0; !ended; n++) await plain(`${i}-${n}`)
    })
    await Promise.all(Array.from({ length: 20 }, (_, i) => bulk(`bulk ${i}`)))
    ended = true
    await Promise.all(cashiers)
    expect((await all()).filter((nonce) => nonce.startsWith('bulk'))).toHaveLength(20)
  })

  it('keeps what a refusal is there to record, and holds the refusal until COMMIT', async () => {
    let committed = false
    sealing = async () => {
      committed = true
    }
    const refused = store.transaction(
      async (tx) => {
        await tx.perform(add, { nonce: 'effect' })
        throw new Refusal('PIN_WRONG')
      },
      { onRefusal: async (tx) => tx.perform(add, { nonce: 'tried' }) },
    )
    const seen = refused.catch((error: Refusal) => ({ code: error.code, committed }))
    expect(await Promise.all([plain('a'), seen, plain('b')])).toContainEqual({
      code: 'PIN_WRONG',
      committed: true,
    })
    expect(await all()).toEqual(['a', 'b', 'tried'])
    expect(groups).toBe(1)
  })

  it('runs a group again only when somebody fails after writing', async () => {
    const runs = { before: 0, after: 0 }
    const refusing = (at: keyof typeof runs) =>
      store.transaction(
        async (tx) => {
          runs[at]++
          if (at === 'after') await tx.perform(add, { nonce: 'undone' })
          throw new Refusal('NOT_FOUND')
        },
        { onRefusal: (tx) => tx.perform(add, { nonce: at }) },
      )
    await told([plain('a'), refusing('before'), plain('b')])
    expect({ runs, rows: await all() }).toEqual({
      runs: { before: 1, after: 0 },
      rows: ['a', 'b', 'before'],
    })
    await told([plain('c'), refusing('after'), plain('d')])
    expect({ runs, rows: await all() }).toEqual({
      runs: { before: 1, after: 2 },
      rows: ['a', 'after', 'b', 'before', 'c', 'd'],
    })
  })

  it('undoes what a refusal was recording when that fails, and it alone', async () => {
    const refused = store.transaction(
      async () => {
        throw new Refusal('NOT_FOUND')
      },
      {
        onRefusal: async (tx) => {
          await tx.perform(add, { nonce: 'half' })
          throw new Error('no ink')
        },
      },
    )
    expect(await told([plain('a'), refused, plain('b')])).toEqual(['ok', 'no ink', 'ok'])
    expect(await all()).toEqual(['a', 'b'])
  })

  it('calls outcomeUnknown when COMMIT fails, and answers nobody with success', async () => {
    const orphan = store.transaction(async (tx) => {
      await run(tx, 'insert into child values (1, 999)')
    })
    const refused = store.transaction(async () => {
      throw new Refusal('NOT_FOUND')
    })
    const answers = await told([plain('a'), orphan, refused, plain('b')])
    expect(new Set(answers)).toEqual(new Set(['FOREIGN KEY constraint failed']))
    expect(unknown).toHaveLength(1)
    expect(await all()).toEqual([])
    await plain('c')
    expect(await all()).toEqual(['c'])
  })

  it('rejects everybody when SQLite itself rolls back, even if the cause is swallowed', async () => {
    const hidden = store.transaction(async (tx) => {
      await run(tx, 'insert into bomb values (1)').catch(() => {})
      await tx.perform(add, { nonce: 'outside' }) // must not run outside a transaction
    })
    for (const answer of await told([plain('a'), hidden, plain('b')])) {
      expect(answer).toMatch(/rolled this transaction back/)
    }
    expect(await all()).toEqual([])
    expect(unknown).toEqual([])
    expect(await told([plain('c')])).toEqual(['ok'])
  })

  it('rejects the group when its seal fails', async () => {
    sealing = async () => Promise.reject(new Error('no key'))
    const refused = store.transaction(async () => {
      throw new Refusal('NOT_FOUND')
    })
    expect(await told([plain('a'), refused, plain('b')])).toEqual(Array(3).fill('no key'))
    expect(await all()).toEqual([])
    expect(unknown).toEqual([])
  })

  it('tells of weather when another process holds the file', { timeout: 30_000 }, async () => {
    const other = new Database(path)
    other.exec('begin immediate')
    await expect(plain('a')).rejects.toBeInstanceOf(Weather)
    other.exec('rollback')
    other.close()
    await plain('b')
    expect(await all()).toEqual(['b'])
  })

  let behind: Promise<unknown>
  it.each<[string, () => unknown]>([
    ['a timer', () => sleep(5)],
    ['web crypto', () => crypto.subtle.digest('SHA-256', new Uint8Array(1))],
    ['what never comes', () => new Promise(() => {})],
    ['a tick', () => new Promise<void>((resolve) => process.nextTick(resolve))],
    ['the transaction behind it', () => behind],
  ])('cuts off a transaction that waits for %s, and it alone', async (name, wait) => {
    const late: string[] = []
    const note = (error: Error & { cause?: Error }) => {
      late.push(error.cause?.message ?? error.message)
    }
    const { nonces } = store.read.tables
    const slow = store.transaction(async (tx) => {
      await tx.perform(add, { nonce: 'x' })
      const early = tx.insert(nonces).values({ scope: 'test', nonce: 'y', expiresAt: 0 })
      await wait()
      await Promise.resolve(early).catch(note)
      await tx.perform(add, { nonce: 'z' }).catch(note)
    })
    const before = plain('a')
    const after = plain('b')
    behind = plain('c')
    expect(await told([before, slow, after, behind])).toEqual([
      'ok',
      'a transaction may await its own queries only',
      'ok',
      'ok',
    ])
    await sleep(20)
    await plain('d')
    expect(await all()).toEqual(['a', 'b', 'c', 'd'])
    // Twice: the group was run again, because the slow one had written.
    if (name !== 'what never comes') expect(late).toEqual(Array(4).fill('this transaction is over'))
  })

  it('does not nest, but a neighbour may follow one that was cut off', async () => {
    await expect(store.transaction(() => plain('a'))).rejects.toThrow(/do not nest/)
    await expect(store.transaction(async () => sleep(1).then(() => plain('b')))).rejects.toThrow(
      /own queries only/,
    )
    await expect.poll(all, { timeout: 5000 }).toEqual(['b']) // asked for after its parent had ended
  })

  it('shows nobody a row before COMMIT, and the event loop stands still meanwhile', async () => {
    let turned = false
    sealing = async () => {
      expect(await all()).toEqual([])
      expect(turned).toBe(false)
    }
    const first = store.transaction(async (tx) => {
      setImmediate(() => {
        turned = true
      })
      await tx.perform(add, { nonce: 'first' })
    })
    await Promise.all([first, ...Array.from({ length: 50 }, (_, i) => plain(i))])
    sealing = async () => {}
    expect(await all()).toHaveLength(51)
  })

  it('runs work, and what a refusal records, in the async context of its caller', async () => {
    const request = new AsyncLocalStorage<string>()
    const seen: (string | undefined)[] = []
    const ask = () =>
      store.transaction(
        async () => {
          seen.push(request.getStore())
          throw new Refusal('NOT_FOUND')
        },
        { onRefusal: async () => void seen.push(request.getStore()) },
      )
    await told(['a', 'b'].map((name) => request.run(name, ask)))
    expect(seen).toEqual(['a', 'a', 'b', 'b'])
  })

  it('answers everybody who asked before it closes', async () => {
    const work = [bulk('bulk'), ...Array.from({ length: 300 }, (_, i) => plain(i))]
    await store.close()
    expect(new Set(await told(work))).toEqual(new Set(['ok']))
    open()
    expect(await all()).toHaveLength(301)
  })
})
