import { inspect } from 'node:util'

import { asc, eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Refusal } from '../../src/base/refusal.ts'
import { isDuplicate, QueryError } from '../../src/store/errors.ts'
import { type Store, statement, type Tx } from '../../src/store/store.ts'
import { engines, freshStore } from '../support/engines.ts'

const add = statement<{ nonce: string; expiresAt: number }>()((db) =>
  db
    .insert(db.tables.nonces)
    .values({
      scope: 'test',
      nonce: sql.placeholder('nonce'),
      expiresAt: sql.placeholder('expiresAt'),
    })
    .onConflictDoNothing()
    .returning({ nonce: db.tables.nonces.nonce }),
)

describe.each(engines)('the store on %s', (engine) => {
  let store: Store
  beforeEach(async () => {
    store = await freshStore(engine)
  })
  afterEach(() => store.close())

  const put = (tx: Tx, nonce: string) => tx.perform(add, { nonce, expiresAt: 1_700_000_000_123 })
  const all = async () => {
    const { nonces } = store.read.tables
    const rows = await store.read.select().from(nonces).orderBy(asc(nonces.nonce))
    return rows.map((row) => row.nonce)
  }

  it('keeps what was committed, with the same JavaScript types', async () => {
    await store.transaction((tx) => put(tx, 'a'))
    const rows = await store.read.select().from(store.read.tables.nonces)
    expect(rows).toEqual([{ scope: 'test', nonce: 'a', expiresAt: 1_700_000_000_123 }])
    const raw = await store.read.rows(
      sql`select expires_at as t, count(*) as n from nonces group by 1`,
    )
    expect(raw).toEqual([{ t: 1_700_000_000_123, n: 1 }])
  })

  it('undoes everything when the work fails', async () => {
    const work = store.transaction(async (tx) => {
      await put(tx, 'a')
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await all()).toEqual([])
  })

  it('lets a refusal leave behind what it is there to record, and nothing else', async () => {
    const work = store.transaction(
      async (tx) => {
        await put(tx, 'effect')
        throw new Refusal('ALREADY_REDEEMED', { at: 1 })
      },
      { onRefusal: async (tx, refusal) => void (await put(tx, refusal.code)) },
    )
    await expect(work).rejects.toMatchObject({ code: 'ALREADY_REDEEMED', detail: { at: 1 } })
    expect(await all()).toEqual(['ALREADY_REDEEMED'])
  })

  it('writes nothing at all when the recording of a refusal fails', async () => {
    const work = store.transaction(
      async (tx) => {
        await put(tx, 'effect')
        throw new Refusal('NOT_FOUND')
      },
      {
        onRefusal: async (tx) => {
          await put(tx, 'record')
          throw new Error('recorder broken')
        },
      },
    )
    await expect(work).rejects.toThrow('recorder broken')
    expect(await all()).toEqual([])
    await store.transaction((tx) => put(tx, 'next'))
    expect(await all()).toEqual(['next'])
  })

  it('does not run the recorder for an ordinary mistake', async () => {
    const work = store.transaction(
      async () => {
        throw new TypeError('bug')
      },
      { onRefusal: async (tx) => void (await put(tx, 'record')) },
    )
    await expect(work).rejects.toThrow('bug')
    expect(await all()).toEqual([])
  })

  it('decides a race by the row that was really inserted', async () => {
    const won = await Promise.all(
      Array.from({ length: 40 }, () => store.transaction((tx) => put(tx, 'one'))),
    )
    expect(won.filter((rows) => rows.length === 1)).toHaveLength(1)
  })

  it('tells a failed query without the values that were in it', async () => {
    const { nonces } = store.read.tables
    const secret = { scope: 'test', nonce: '19912345678', expiresAt: 1 }
    const twice = store.transaction(async (tx) => {
      await tx.insert(nonces).values(secret)
      await tx.insert(nonces).values(secret)
    })
    const error = await twice.catch((e: unknown) => e)
    expect(isDuplicate(error)).toBe(true)
    expect(`${causes(error)}${JSON.stringify(error)}`).not.toContain('19912345678')
  })

  it('tells no values of a query that failed anywhere else either', async () => {
    const secret = '19912345678'
    const { nonces, members } = store.read.tables
    const row = { scope: 'test', nonce: secret, expiresAt: 1 }
    const member = {
      id: secret,
      bucket: 0,
      personId: secret,
      memberNo: secret,
      name: secret,
      orgCode: secret,
      standing: 'active' as const,
      createdAt: 0,
      updatedAt: 0,
    }
    const insertNothing = statement<{ scope: string }>()((db) =>
      db.insert(nonces).values({ ...row, scope: sql.placeholder('scope') }),
    )
    const badNumber = sql`select cast(${secret} || 'x' as integer) as n, missing(${secret})`
    const failing = [
      store.transaction((tx) => tx.insertMany(nonces, [row, row])),
      store.transaction((tx) => tx.insertMany(members, [member])),
      store.transaction((tx) => tx.rows(badNumber)),
      store.transaction(async (tx) => {
        await tx.perform(insertNothing, { scope: 'x' })
        await tx.perform(insertNothing, { scope: 'x' })
      }),
      store.transaction(
        async (tx) => {
          await tx.insertMany(nonces, [row, row])
        },
        { onRefusal: async () => {} },
      ),
      store.read.rows(badNumber),
    ]
    for (const error of await Promise.all(failing.map((f) => f.catch((e: unknown) => e)))) {
      expect(error).toBeInstanceOf(QueryError)
      expect(`${causes(error)}${inspect(error)}${JSON.stringify(error)}`).not.toContain(secret)
    }
  })

  it('inserts many rows at once and counts those that were really inserted', async () => {
    const t = store.read.tables
    await store.transaction(async (tx) => {
      const rows = Array.from({ length: 1000 }, (_, i) => ({
        scope: 'many',
        nonce: `n${i}`,
        expiresAt: i,
      }))
      expect(await tx.insertMany(t.nonces, rows)).toBe(1000)
      const more = [...rows.slice(990), { scope: 'many', nonce: 'new', expiresAt: 1 }]
      expect(await tx.insertMany(t.nonces, more, { ignore: true })).toBe(1)
      const hash = new Uint8Array([0, 255, 92, 120])
      const entry = { bucket: 4095, id: 'm', kind: 'k,"{}', at: 1, leaf: hash, leafHash: hash }
      await tx.insertMany(t.journalEntries, [entry])
      await tx.insertMany(t.persons, [
        { id: 'p1', idType: null, idHash: null, createdAt: 5 },
        { id: 'p2', idType: 'passport', idHash: hash, createdAt: 6 },
      ])
    })
    const entries = await store.read.select().from(t.journalEntries)
    expect(entries.map((e) => [...e.leaf])).toEqual([[0, 255, 92, 120]])
    expect(entries[0]?.kind).toBe('k,"{}')
    const persons = await store.read.select().from(t.persons).orderBy(asc(t.persons.id))
    expect(persons.map((p) => p.idType)).toEqual([null, 'passport'])
    await expect(
      store.transaction((tx) =>
        tx.insertMany(t.nonces, [{ scope: 'many', nonce: 'n1', expiresAt: 1 }]),
      ),
    ).rejects.toSatisfy(isDuplicate)
  })

  it('refuses to nest', async () => {
    await expect(store.transaction(() => store.transaction(async () => {}))).rejects.toThrow(
      'do not nest',
    )
  })

  it('kills a transaction that escapes', async () => {
    let escaped: Tx | undefined
    await store.transaction(async (tx) => {
      escaped = tx
    })
    await expect(async () => escaped && put(escaped, 'late')).rejects.toSatisfy((error) =>
      /is over/.test(causes(error)),
    )
    const { nonces } = store.read.tables
    await expect(async () => {
      await escaped?.insert(nonces).values({ scope: 's', nonce: 'late', expiresAt: 1 })
    }).rejects.toThrow()
    expect(await all()).toEqual([])
  })

  it('hides uncommitted rows from readers', async () => {
    await store.transaction(async (tx) => {
      await put(tx, 'a')
      if (engine === 'sqlite') expect(await all()).toEqual([])
    })
    expect(await all()).toEqual(['a'])
  })

  it('says so when an error was swallowed that ended the transaction', async () => {
    const { nonces } = store.read.tables
    const work = store.transaction(async (tx) => {
      await put(tx, 'a')
      const twice = { scope: 'test', nonce: 'a', expiresAt: 1 }
      await Promise.resolve(tx.insert(nonces).values(twice)).catch(() => {})
    })
    if (engine === 'postgres') await expect(work).rejects.toThrow(/rolled this transaction back/)
    else await work // SQLite undoes the statement alone
  })

  it.each(['journal_entries', 'postings', 'log_leaves', 'voucher_events', 'approvals'])(
    'refuses to change or delete rows of %s',
    async (table) => {
      const name = sql.identifier(table)
      await store.transaction((tx) => fill(tx))
      for (const change of [
        sql`update ${name} set ${sql.identifier(table === 'approvals' ? 'statement' : table === 'voucher_events' ? 'kind' : 'entry_id')} = 'x'`,
        sql`delete from ${name}`,
      ]) {
        const text = table === 'journal_entries' ? sql`update ${name} set kind = 'x'` : change
        const work = store.transaction(async (tx) => void (await tx.rows(sql`${text} returning 1`)))
        await expect(work).rejects.toSatisfy((error) => /append-only/.test(causes(error)))
      }
    },
  )

  it('refuses to change a benefit version once it is published', async () => {
    await store.transaction((tx) => fill(tx))
    const { benefitVersions } = store.read.tables
    const edit = (version: number) =>
      store.transaction(async (tx) => {
        await tx
          .update(benefitVersions)
          .set({ definition: '{}' })
          .where(eq(benefitVersions.version, version))
      })
    await edit(2)
    await expect(edit(1)).rejects.toSatisfy((error) => /append-only/.test(causes(error)))
  })
})

function causes(error: unknown): string {
  let text = ''
  for (let e = error; e instanceof Error; e = e.cause) text += `${e.message}\n`
  return text
}

/** One row in each append-only table. */
async function fill(tx: Tx): Promise<void> {
  const t = tx.tables
  const hash = new Uint8Array(32)
  const entry = { bucket: 1, id: 'e', kind: 'k', at: 1, leaf: hash, leafHash: hash }
  await tx.insert(t.journalEntries).values(entry)
  await tx.insert(t.postings).values({
    bucket: 1,
    entryId: 'e',
    line: 0,
    account: 'fund_bank',
    programmeId: 'p',
    amount: 0,
  })
  await tx
    .insert(t.logLeaves)
    .values({ log: 'l', index: 0, bucket: 1, entryId: 'e', leafHash: hash })
  await tx.insert(t.voucherEvents).values({
    bucket: 1,
    voucherId: 'v',
    version: 1,
    kind: 'k',
    actor: 'a',
    at: 1,
    entryId: 'e',
  })
  await tx.insert(t.approvals).values({
    dryRunId: 'd',
    personId: 'p',
    principalId: 'c',
    decision: 'approve',
    statement: 's',
    at: 1,
  })
  await tx.insert(t.programmes).values({
    id: 'p',
    bucket: 1,
    publicId: 'p',
    nameZh: 'p',
    nameEn: 'p',
    orgCode: '1',
    periodFrom: 0,
    periodTo: 1,
    timeZone: 'Asia/Shanghai',
    available: 0,
    version: 1,
    createdAt: 0,
  })
  await tx.insert(t.benefits).values({
    id: 'b',
    programmeId: 'p',
    kind: 'coupon',
    state: 'draft',
    version: 1,
    createdAt: 0,
  })
  for (const [version, publishedAt] of [
    [1, 5],
    [2, null],
  ] as const) {
    await tx.insert(t.benefitVersions).values({
      benefitId: 'b',
      version,
      definition: '{"a":1}',
      digest: hash,
      editedBy: 'p',
      publishedAt,
    })
  }
}
