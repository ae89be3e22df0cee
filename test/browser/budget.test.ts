import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

const built = (path: string) => fileURLToPath(new URL(`../../dist/web${path}`, import.meta.url))

/** Compressed JavaScript of a first load, in kilobytes (3-stack.md): what runs before a click. */
const budgets = [
  ['the member', '/index.html', 90],
  ['the merchant', '/merchant/index.html', 100],
  ['the public check', '/verify/index.html', 100],
  ['the auditor', '/audit/index.html', 300],
  ['the desk', '/admin/index.html', 300],
] as const

describe.each(budgets)('the first load of %s', (_, page, kilobytes) => {
  it(`is at most ${kilobytes} kB of JavaScript, all of it our own`, () => {
    const html = readFileSync(built(page), 'utf8')
    const asked = [...html.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map(([, path = '']) => path)
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((path) => !path.startsWith('/assets/'))).toEqual([])
    const sizes = withImports(asked).map((path) => gzipSync(readFileSync(built(path))).length)
    expect(sizes.reduce((sum, size) => sum + size, 0) / 1000).toBeLessThanOrEqual(kilobytes)
  })

  it('runs no script that is written into the page', () => {
    const html = readFileSync(built(page), 'utf8')
    expect([...html.matchAll(/<script(?![^>]*\bsrc=)[^>]*>/g)]).toEqual([])
    expect(html).not.toMatch(/\son[a-z]+=|style=/)
  })
})

/** The files, and what they import at once. What is imported later is not of the first load. */
function withImports(paths: readonly string[]): string[] {
  const all = new Set<string>()
  const add = (path: string) => {
    if (all.has(path)) return
    all.add(path)
    const code = readFileSync(built(path), 'utf8')
    for (const [, name = ''] of code.matchAll(/(?:^|[;}])import\b[^;'"(]*["']\.\/([^"']+)["']/g)) {
      add(`/assets/${name}`)
    }
  }
  for (const path of paths) add(path)
  return [...all]
}
