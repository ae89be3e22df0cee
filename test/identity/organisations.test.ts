import { createReadStream } from 'node:fs'

import { and, asc, eq, gte, lt, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { readOrganisationFile } from '../../src/identity/organisation-file.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { subtreeRange } from '../../src/identity/organisation-rules.ts'
import {
  childrenOf,
  moveOrganisation,
  organisationsInScope,
  readOrganisation,
} from '../../src/identity/organisations.ts'
import type { Store } from '../../src/store/store.ts'
import { foundedAt } from '../support/deployment.ts'
import { engines, freshStore } from '../support/engines.ts'
import { inChunks, refusalOf } from '../support/roster.ts'

const realFile = new URL('../support/organisations.csv', import.meta.url)
const real = await readOrganisationFile(createReadStream(realFile))
const parse = (...lines: string[]) =>
  readOrganisationFile(
    inChunks(Buffer.from(['code,parent_code,level,name_zh', ...lines].join('\n'))),
  )

describe('an organisation file', () => {
  it('may have Chinese headers, another order and GB18030', async () => {
    const gb18030 = Buffer.from('c3fbb3c6', 'hex') // 名称
    const text = (s: string) => Buffer.from(s)
    const bytes = Buffer.concat([gb18030, text(',level,code,parent_code\nA,national,000000,')])
    expect(await readOrganisationFile(inChunks(bytes))).toEqual([
      { row: 2, code: '000000', parentCode: '', level: 'national', nameZh: 'A' },
    ])
  })

  it('without a header is refused', async () => {
    const refusal = await refusalOf(readOrganisationFile(inChunks(Buffer.from('code,level\n'))))
    expect(refusal).toEqual({ code: 'HEADERS_UNKNOWN', missing: ['parent_code', 'name_zh'] })
  })
})

describe.each(engines)('organisations on %s', (engine) => {
  let store: Store
  beforeEach(async () => {
    store = await freshStore(engine)
  })
  afterEach(() => store.close())

  const load = (rows: typeof real) =>
    store.transaction((tx) => importOrganisations(tx, rows, foundedAt))
  const add = async (...lines: string[]) => load(await parse(...lines))
  const pathOf = async (code: string) => (await readOrganisation(store.read, code))?.path

  it('takes the real tree in any order, and the same file again changes nothing', async () => {
    expect(await load(real.toReversed())).toEqual({
      read: 3349,
      added: 3349,
      changed: 0,
      unchanged: 0,
      refused: [],
    })
    expect(await load(real)).toMatchObject({ added: 0, changed: 0, unchanged: 3349 })
    expect(await readOrganisation(store.read, '640104')).toMatchObject({
      path: '000000/640000/640100/640104/',
      region: 640104,
      parentCode: '640100',
    })
    const { organisations } = store.read.tables
    expect(await store.read.$count(organisations)).toBe(3349)
  })

  it('finds a subtree as a range of paths, on both engines the same', async () => {
    await load(real)
    await add('640104000001,640104,grassroots,a', '640104-X,640104,grassroots,b')
    const { organisations: o } = store.read.tables
    for (const code of ['640100', '640104', '640000', '000000', '640104000001']) {
      const { from, to } = subtreeRange((await pathOf(code)) ?? '')
      const found = await store.read
        .select({ path: o.path })
        .from(o)
        .where(and(gte(o.path, from), lt(o.path, to)))
        .orderBy(asc(o.path))
      const all = await store.read.select({ path: o.path }).from(o).orderBy(asc(o.path))
      expect(found).toEqual(all.filter(({ path }) => path.split('/').includes(code)))
      expect(found.length).toBeGreaterThan(0)
    }
  })

  it('lists children by pages', async () => {
    await load(real)
    const codes: string[] = []
    let after: string | undefined = ''
    while (after !== undefined) {
      const page = await childrenOf(store.read, '000000', { after, limit: 7 })
      codes.push(...page.items.map(({ code }) => code))
      after = page.next
    }
    const expected = real.filter(({ parentCode }) => parentCode === '000000')
    expect(codes).toEqual(expected.map(({ code }) => code).sort())
  })

  it('refuses each bad row with its reason, and the rows below it', async () => {
    const outcome = await add(
      '000000,,national,root',
      '640000,000000,provincial,宁夏',
      '64,000000,provincial,short',
      '640100,000000,city,level',
      '640200,000000,municipal,',
      '640000,000000,provincial,again',
      '640300,,municipal,orphan',
      '640400,630000,municipal,unknown parent',
      '640401,640400,county,below a refused one',
      '650000,640000,provincial,sideways',
      '000001,,national,second',
      '640000000001,640000000002,grassroots,cycle',
      '640000000002,640000000001,grassroots,cycle',
    )
    expect(outcome).toMatchObject({ read: 13, added: 2 })
    expect(outcome.refused).toEqual(
      [
        [4, 'bad_code'],
        [5, 'unknown_level'],
        [6, 'missing_name'],
        [7, 'duplicate_code'],
        [8, 'missing_parent'],
        [9, 'unknown_parent'],
        [10, 'unknown_parent'],
        [11, 'level_order'],
        [12, 'second_root'],
        [13, 'unknown_parent'],
        [14, 'unknown_parent'],
      ].map(([row, code]) => ({ row, code })),
    )
    expect(await add('640000,000000,municipal,宁夏')).toMatchObject({
      refused: [{ row: 2, code: 'level_changed' }],
    })
  })

  it('renames, and moves with everything below, also under a parent of the same file', async () => {
    await load(real)
    await add('640104000001,640104,grassroots,a')
    const outcome = await add(
      '649900,640000,municipal,新市',
      '640104,649900,county,兴庆区总工会',
      '640105,640100,county,新名',
      '640104000002,640104,grassroots,b',
    )
    expect(outcome).toMatchObject({ added: 2, changed: 2, unchanged: 0, refused: [] })
    expect(await pathOf('640104000001')).toBe('000000/640000/649900/640104/640104000001/')
    expect(await pathOf('640104000002')).toBe('000000/640000/649900/640104/640104000002/')
    expect(await readOrganisation(store.read, '640105')).toMatchObject({ nameZh: '新名' })
  })

  it('moves a subtree by hand, never below itself', async () => {
    await load(real)
    await store.transaction((tx) => moveOrganisation(tx, '640100', '650000'))
    expect(await pathOf('640104')).toBe('000000/650000/640100/640104/')
    const { organisations: o } = store.read.tables
    const [lost] = await store.read
      .select({ n: sql<number>`count(*)` })
      .from(o)
      .where(and(eq(o.parentCode, '640100'), lt(o.path, '000000/65')))
    expect(lost?.n).toBe(0)
    const move = (code: string, parent: string) =>
      refusalOf(store.transaction((tx) => moveOrganisation(tx, code, parent)))
    expect(await move('640100', '640104')).toMatchObject({ reason: 'level_order' })
    expect(await move('640100', '640100')).toMatchObject({ reason: 'level_order' })
    expect(await move('640100', '999999')).toEqual({ code: 'NOT_FOUND' })
  })

  it('knows what is in scope', async () => {
    await load(real)
    const scope = await organisationsInScope(store.read, '000000/640000/')
    expect(scope.size).toBe(3349)
    expect([scope.get('640104'), scope.get('650100')]).toEqual([true, false])
  })
})
