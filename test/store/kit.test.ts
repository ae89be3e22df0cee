import { getTableColumns } from 'drizzle-orm'
import { type PgTable, getTableConfig as pgConfig } from 'drizzle-orm/pg-core'
import { type SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import { describe, expect, expectTypeOf, it } from 'vitest'

import type { Kit } from '../../src/store/kit.postgres.ts'
import { postgresKit } from '../../src/store/kit.postgres.ts'
import { type SqliteKit, sqliteKit } from '../../src/store/kit.sqlite.ts'
import { tablesOf } from '../../src/store/schema/tables.ts'
import { engines, freshStore } from '../support/engines.ts'

const postgres = tablesOf(postgresKit)
const sqlite = tablesOf(sqliteKit)
type Word = 'text' | 'path' | 'count' | 'amount' | 'flag' | 'instant' | 'date' | 'bytes'
const names = Object.keys(postgres) as (keyof typeof postgres)[]

describe('the two kits', () => {
  it('have the same words', () => {
    expect(Object.keys(sqliteKit).sort()).toEqual(Object.keys(postgresKit).sort())
    expectTypeOf<keyof SqliteKit>().toEqualTypeOf<keyof Kit>()
  })

  it('give each word the same JavaScript type', () => {
    type Data<T> = T extends { _: { data: infer D } } ? D : never
    type Row<K extends Record<Word, () => unknown>> = { [W in Word]: Data<ReturnType<K[W]>> }
    expectTypeOf<Row<SqliteKit>>().branded.toEqualTypeOf<Row<Kit>>()
  })

  it.each(names)('make %s alike: columns, nulls, defaults and keys', (name) => {
    const one = pgConfig(postgres[name] as PgTable)
    const two = sqliteConfig(sqlite[name] as unknown as SQLiteTable)
    expect(two.name).toBe(one.name)
    const columns = (table: object) =>
      Object.entries(getTableColumns(table as PgTable)).map(([key, column]) => {
        const { notNull, primary, enumValues } = column
        const hasDefault = column.hasDefault && !primary // SQLite numbers a row by itself
        return { key, notNull, hasDefault, primary, enumValues }
      })
    expect(columns(sqlite[name])).toEqual(columns(postgres[name]))
    const indexes = (config: { indexes: { config: { name?: string; unique: boolean } }[] }) =>
      config.indexes.map((index) => [index.config.name, index.config.unique])
    expect(indexes(two as never)).toEqual(indexes(one as never))
    expect(two.checks.map((check) => check.name)).toEqual(one.checks.map((check) => check.name))
    expect(two.foreignKeys.length).toBe(one.foreignKeys.length)
    const keys = (config: { primaryKeys: { columns: { name: string }[] }[] }) =>
      config.primaryKeys.map((key) => key.columns.map((column) => column.name))
    expect(keys(two as never)).toEqual(keys(one as never))
  })
})

describe.each(engines)('a row on %s', (engine) => {
  const octets = new Uint8Array([0, 1, 255])
  const row = {
    id: 'p-1',
    kind: 'client',
    personId: '人',
    name: "O'Brien \\ \u{1F600}",
    method: 'private_key_jwt',
    jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'ü' },
    secretHash: octets,
    registeredBy: null,
    createdAt: 2 ** 53 - 1,
    revokedAt: null,
  } as const

  it('is read as it was written, by insert and by insertMany', async () => {
    const store = await freshStore(engine)
    const { principals } = store.read.tables
    await store.transaction(async (tx) => {
      await tx.insert(principals).values(row)
      await tx.insertMany(principals, [{ ...row, id: 'p-2' }])
    })
    const rows = await store.read.select().from(principals).orderBy(principals.id)
    for (const [i, read] of rows.entries()) {
      const { secretHash, ...rest } = read
      expect([...(secretHash ?? [])]).toEqual([...octets])
      const { secretHash: _, ...expected } = row
      expect(rest).toEqual({ ...expected, id: `p-${i + 1}` })
    }
    expect(rows).toHaveLength(2)
    await store.close()
  })

  it('holds no text where a number belongs, and nothing that a check forbids', async () => {
    const store = await freshStore(engine)
    const { nonces, quotas } = store.read.tables
    const put = (work: Parameters<typeof store.transaction<void>>[0]) => store.transaction(work)
    await expect(
      put(async (tx) => {
        const expiresAt = 'soon' as never
        await tx.insert(nonces).values({ scope: 's', nonce: 'n', expiresAt })
      }),
    ).rejects.toThrow()
    for (const used of [-1, 6]) {
      await expect(
        put(async (tx) => {
          await tx.insert(quotas).values({ benefitId: 'b', scope: 'total', total: 5, used })
        }),
      ).rejects.toThrow()
    }
    await store.close()
  })

  it('with a path sorts by its octets', async () => {
    const store = await freshStore(engine)
    const { organisations } = store.read.tables
    const paths = ['0/', '0/1/', '0/10/', '0/1_/', '0/A/', '0/a/', '0/é/']
    await store.transaction(async (tx) => {
      for (const path of paths.toReversed()) {
        const names = { code: path, nameZh: path, path }
        const rest = { level: 'county', region: 0, createdAt: 0 } as const
        await tx.insert(organisations).values({ ...names, ...rest })
      }
    })
    const rows = await store.read.select().from(organisations).orderBy(organisations.path)
    expect(rows.map(({ path }) => path)).toEqual(paths)
    await store.close()
  })
})
