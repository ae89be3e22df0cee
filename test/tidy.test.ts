import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'

import { describe, expect, it } from 'vitest'

import * as postgresTables from '../migrations/postgres.schema.ts'
import * as sqliteTables from '../migrations/sqlite.schema.ts'
import { postgresKit } from '../src/store/kit.postgres.ts'
import { tablesOf } from '../src/store/schema/tables.ts'
import {
  functionsOf,
  importsOf,
  withoutComments,
  withoutLiterals,
  withoutStrings,
} from './support/source.ts'

/** Lowest first. A room imports itself and whatever stands before it. */
const rooms = [
  ...['base', 'formats', 'wallet', 'store', 'keys', 'ledger', 'trust', 'identity'],
  ...['credentials', 'merchants', 'points', 'benefits', 'vouchers', 'jobs', 'http'],
  ...['config', 'compose', 'cli', 'main'],
]
const domain = ['ledger', 'trust', 'identity', 'credentials', 'merchants', 'points', 'benefits']

/** Where a package may be imported: a room, or a file of one. */
const doors: readonly [name: RegExp, places: readonly string[]][] = [
  [/^(better-sqlite3|pg)$/, ['store']],
  [/^drizzle-orm(\/|$)/, ['store', 'keys', ...domain, 'vouchers']],
  [/^(fastify|fastify-.*|@fastify\/.*|@scalar\/.*|prom-client)$/, ['http']],
  [/^openapi-types$/, ['http']],
  [/^pino$/, ['http', 'compose', 'cli', 'main']],
  [/^jose$/, ['keys', 'credentials', 'trust', 'identity']],
  [/^@peculiar\/x509$/, ['trust', 'keys']],
  [/^(csv-parse(\/.*)?|read-excel-file(\/.*)?)$/, ['identity/roster']],
  [/^@simplewebauthn\/server$/, ['identity/passkeys.ts']],
  [/^qrcode$/, ['formats/qr.ts']],
  [/^iconv-lite$/, ['http/statements/csv.ts']],
  [/^write-excel-file(\/.*)?$/, ['http/admin/funnel-file.ts']],
  [/^pdfkit$/, ['http/statements/pdf.ts']],
  [/^zod$/, ['trust', 'identity', 'credentials', 'benefits', 'http', 'config', 'cli']],
  [/^node:/, rooms.filter((room) => room !== 'formats' && room !== 'wallet')],
]

/** What runs in a page, too: no door is open to it. */
const portable = ['bytes.ts', 'clock.ts', 'refusal.ts', 'refusal-codes.ts']

/** Words our two engines do not share, or that hide a clock, a type or a whole folder. */
const banned: readonly [pattern: RegExp, use: string, except?: RegExp][] = [
  [/\.for\(\s*['"`](update|share)/, 'an update of the row you mean to lock'],
  [/\bas any\b|:\s*any\b|<any>/, 'a type'],
  [/\bas unknown as\b/, 'a type', /^src\/store\//],
  [/\bDate\.now\(|\bnew Date\(\s*\)/, 'the clock', /^src\/base\/clock\.ts$/],
  [/\bMath\.random\(/, 'randomness that is an argument'],
  [/\bexport\s+(\*|\{[^}]*\}|type\s+\{[^}]*\})\s+from\b/, 'the file you mean'],
  [/\bexport default\b/, 'a name'],
  [/\bconsole\./, 'the log, or the command line’s io'],
  [/\bprocess\.env\b/, 'the configuration', /^src\/(config|cli\/|main)/],
]
const bannedInText: readonly [pattern: RegExp, use: string, except?: RegExp][] = [
  [/@ts-(ignore|expect-error|nocheck)/, 'a type'],
  [/biome-ignore-all|eslint-disable/, 'code that is right'],
]
/** In the text of queries, where it is not an engine's own. */
const bannedInSql: readonly [pattern: RegExp, use: string][] = [
  [/::\s*[a-z]/i, 'cast(… as …)'],
  [/\bilike\b|\bdistinct on\b|\blateral\b/i, 'words that both engines speak'],
  [/\bfor (update|share)\b/i, 'an update of the row you mean to lock'],
]
const ownWords = /^src\/(store\/|ledger\/integrate\.ts$)/

const bannedNames = /^(utils?|helpers?|services?|types?|common|shared|dtos?|index|misc|lib)$/

const files = globSync('src/**/*.ts').filter((file) => !file.startsWith('src/web/'))
const read = (file: string) => readFileSync(file, 'utf8')

function roomOf(path: string): string {
  return (path.split('/')[0] ?? '').replace(/\.ts$/, '')
}

describe.each(files)('%s', (file) => {
  const path = relative('src', file)
  const room = roomOf(path)
  const text = read(file)
  const code = withoutComments(text)

  it('stands in a room', () => {
    expect(rooms).toContain(room)
    const names = path.replace(/\.ts$/, '').split(/[/.]/)
    expect(names.filter((name) => bannedNames.test(name))).toEqual([])
    expect(basename(file)).toMatch(/^[a-z0-9]+([-.][a-z0-9]+)*\.ts$/)
  })

  it('imports nothing on its right, and every file by its name', () => {
    const own = importsOf(code).filter((name) => name.startsWith('.'))
    const upward = own
      .map((name) => relative('src', join(dirname(file), name)))
      .filter((target) => rooms.indexOf(roomOf(target)) > rooms.indexOf(room))
    expect(upward).toEqual([])
    expect(own.filter((name) => !/\.(ts|json)$/.test(name))).toEqual([])
  })

  it('takes each package by its door', () => {
    const packages = importsOf(code).filter((name) => !name.startsWith('.'))
    const wrong = packages.filter((name) => {
      const places = doors.find(([pattern]) => pattern.test(name))?.[1]
      return !places?.some(
        (place) => path === place || path === `${place}.ts` || path.startsWith(`${place}/`),
      )
    })
    expect(wrong).toEqual([])
    if (room === 'base' && portable.includes(basename(file))) expect(packages).toEqual([])
  })

  it('keeps to our words', () => {
    const found = [
      ...banned.filter(([pattern]) => pattern.test(withoutStrings(code))),
      ...bannedInText.filter(([pattern]) => pattern.test(text)),
      ...(ownWords.test(file)
        ? []
        : bannedInSql.filter(([pattern]) => queriesIn(code).some((query) => pattern.test(query)))),
    ].filter(([, , except]) => !except?.test(file))
    expect(found.map(([pattern, use]) => `${pattern}: use ${use}`)).toEqual([])
  })

  it('is read in one sitting', () => {
    const lines = text.split('\n')
    expect(lines.length - 1).toBeLessThanOrEqual(300)
    // A literal cannot be broken, and the formatter has broken everything else.
    const bare = withoutLiterals(text).split('\n')
    const wide = lines.filter(
      (line, i) =>
        [...line].length > 100 && !line.includes('://') && [...(bare[i] ?? '')].length > 100,
    )
    expect(wide).toEqual([])
  })

  it('has functions that are seen at once', () => {
    if (file.startsWith('src/store/schema/')) return // lists of tables, told one by one
    const long = functionsOf(text).filter(({ lines }) => lines > 70)
    expect(long.map(({ line, lines }) => `line ${line}: ${lines} lines`)).toEqual([])
  })
})

/** The text of every `sql` template. */
function queriesIn(code: string): string[] {
  return [...code.matchAll(/\bsql(?:<[^`]*?>)?`([^`]*)`/g)].map(([, query = '']) => query)
}

describe('the measure', () => {
  it('sees functions of every shape, and what is in literals as nothing', () => {
    const body = '\n'.repeat(9)
    for (const head of [
      'function f(a: { b: string }): Promise<void> {',
      'const f = async <T>(work: () => T, { a }: { a: T }): Promise<T> => {',
      "class C { m(a = '}{', b = /[{/]/, c = `}$" + '{x}{`): A | B {',
    ]) {
      const text = `${head}${body}if (a) { '{' } // {\n}\n`
      expect(functionsOf(text), head).toEqual([{ line: 1, lines: 11 }])
    }
    const nested = `function f() {\n  const g = () => {${body}}\n  return { a: 1 }\n}`
    expect(functionsOf(nested).map(({ lines }) => lines)).toEqual([10, 4])
  })

  it('reads imports of every shape, and none from a text', () => {
    const text = "import a, { b } from 'x'\nimport 'y'\nimport type {\n  C,\n} from \"z\"\n"
    expect(importsOf(`${text}await import('w')\nconst s = ' from '`).sort()).toEqual([...'wxyz'])
  })
})

describe('pages', () => {
  const pages = globSync('src/web/**/*.{ts,tsx}')
  it.each(pages.length > 0 ? pages : ['none'])('%s import what runs in a page', (file) => {
    if (file === 'none') return
    expect(read(file).split('\n').length - 1).toBeLessThanOrEqual(300)
    for (const [statement, name = ''] of read(file).matchAll(
      /import(?!\.meta)[^'"]*['"]([^'"]+)['"]/g,
    )) {
      if (!name.startsWith('.')) continue
      const target = roomOf(relative('src', join(dirname(file), name)))
      const shape = target === 'http' && /^import type\b/.test(statement)
      expect(shape || ['web', 'base', 'formats', 'wallet'].includes(target), statement).toBe(true)
    }
  })
})

describe('tests', () => {
  it.each(globSync('test/**/*.ts'))('%s has its place and its size', (file) => {
    expect(bannedNames.test(basename(file, '.ts').replace(/\.test$/, ''))).toBe(false)
    expect(read(file)).not.toMatch(/\b(it|describe|test)\.only\b|\bvi\.mock\(/)
    expect(read(file).split('\n').length - 1).toBeLessThanOrEqual(400)
  })
})

describe('migrations', () => {
  const named = (engine: string) =>
    globSync(`migrations/${engine}/*.sql`)
      .map((file) => basename(file))
      .sort()

  it('have the same names for both engines', () => {
    expect(named('sqlite')).toEqual(named('postgres'))
    expect(named('sqlite').length).toBeGreaterThan(0)
  })

  it('are all in their journals, in order', () => {
    for (const engine of ['sqlite', 'postgres']) {
      const journal = JSON.parse(read(`migrations/${engine}/meta/_journal.json`))
      const tags = journal.entries.map(({ tag }: { tag: string }) => `${tag}.sql`)
      expect(tags).toEqual(named(engine))
    }
  })

  it('make every SQLite table strict', () => {
    const texts = named('sqlite').map((name) => read(`migrations/sqlite/${name}`))
    const made = texts.join('\n').match(/CREATE TABLE[^;]*;/g) ?? []
    expect(made.length).toBeGreaterThan(40)
    expect(made.filter((statement) => !/\)\s*STRICT;$/.test(statement))).toEqual([])
  })

  it('are generated from every table', () => {
    const tables = Object.keys(tablesOf(postgresKit)).sort()
    expect(Object.keys(sqliteTables).sort()).toEqual(tables)
    expect(Object.keys(postgresTables).sort()).toEqual(tables)
  })
})

describe('decisions', () => {
  const pages = globSync('docs/decisions/*.md')
  it.each(pages.length > 0 ? pages : ['none'])('%s names files that are there', (page) => {
    if (page === 'none') return
    const named = [...read(page).matchAll(/`((?:src|test|migrations)\/[\w./-]+\.\w+)`/g)]
    for (const [, file = ''] of named) expect(globSync(file), file).toEqual([file])
  })
})
