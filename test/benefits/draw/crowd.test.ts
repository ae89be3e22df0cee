import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, describe, expect, it } from 'vitest'

import { second } from '../../../src/base/clock.ts'
import { drawOf, readDraw } from '../../../src/benefits/draw/draw.ts'
import { enterDraw } from '../../../src/benefits/draw/enter.ts'
import { drawFile } from '../../../src/benefits/draw/files.ts'
import { type DrawFiles, type DrawReport, drawFileNames } from '../../../src/formats/draw.ts'
import { DrawRounds } from '../../../src/jobs/draws.ts'
import { audit, benefit, members, type Story, tellStory } from '../../support/story.ts'

const main = fileURLToPath(new URL('../../../src/main.ts', import.meta.url))
const crowd = 10_000
const units = 1200

/** `symbolon draw verify`, in a process of its own, which has nothing but the files. */
function verify(folder: string): Promise<{ code: number; report: DrawReport }> {
  const policy = join(folder, 'policy')
  const args = [main, 'draw', 'verify', '--policy', policy, '--dir', folder, '--json']
  return new Promise((resolve) => {
    execFile(process.execPath, args, { maxBuffer: 10_000_000, env: {} }, (error, out) => {
      const code = error === null ? 0 : Number(error.code)
      resolve({ code, report: JSON.parse(out) as DrawReport })
    })
  })
}

describe('a draw of ten thousand entrants, verified by a fresh process', () => {
  let story: Story
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-crowd-'))
  /** The files again, one of them changed. */
  const changed = (key: keyof DrawFiles, change: (text: string) => string) => {
    const copy = mkdtempSync(join(tmpdir(), 'symbolon-crowd-'))
    cpSync(folder, copy, { recursive: true })
    const file = join(copy, drawFileNames[key])
    writeFileSync(file, change(readFileSync(file, 'utf8')))
    return copy
  }
  beforeAll(async () => {
    story = await tellStory('sqlite', 100_000_000)
    const { store, node, logKey: log } = story
    const allocation = { mode: 'fair_window', seconds: 60 }
    const changes = { supply: 'stock', stock: units, allocation, offer_days: 2 }
    const { benefitId } = await benefit(story, changes)
    const rounds = new DrawRounds({ store, node, clock: () => story.now })
    await rounds.run()
    const draw = await drawOf(store.read, benefitId)
    const people = await members(story, crowd)
    for (let from = 0; from < crowd; from += 1000) {
      await store.transaction(
        async (tx) => {
          const now = story.now
          for (const to of people.slice(from, from + 1000))
            await enterDraw(tx, node, { draw, to, now })
        },
        { bulk: true },
      )
    }
    story.now += 60 * second
    while (await rounds.run());
    const over = await readDraw(store.read, draw.id)
    for (const name of Object.values(drawFileNames)) {
      const bytes = await drawFile(store.read, { draw: over, name })
      writeFileSync(join(folder, name), bytes!)
    }
    writeFileSync(join(folder, 'policy'), `log ${log.vkey}\nquorum none\n`)
  }, 120_000)

  it('is good, and its winners have an offer each', async () => {
    const { code, report } = await verify(folder)
    expect(report).toMatchObject({ ok: true, entrants: crowd, units, findings: [] })
    expect(report.winners).toHaveLength(units)
    expect(code).toBe(0)
    const { vouchers } = story.store.read.tables
    expect(await story.store.read.$count(vouchers)).toBe(units)
    await audit(story)
  }, 60_000)

  it('is not, when one entrant was changed, dropped or added', async () => {
    const other = 'AAAAAAAAAAAAAAAAAAAAAA'
    for (const change of [
      (text: string) => `${other}\n${text.slice(23)}`,
      (text: string) => text.slice(23),
      (text: string) => `${other}\n${text}`,
    ]) {
      const { code, report } = await verify(changed('entrants', change))
      expect(report.findings.map(({ check }) => check)).toContain('entrants')
      expect(code).toBe(1)
    }
  }, 60_000)

  it('is not, when the seed or a winner was changed', async () => {
    const reseeded = changed('result', (text) =>
      text.replace(/^extra (.+)$/m, (_line, leaf: string) => {
        const decoded = Buffer.from(leaf, 'base64').toString()
        const seed = `"seed":"${Buffer.alloc(32, 7).toString('base64url')}"`
        return `extra ${Buffer.from(decoded.replace(/"seed":"[^"]+"/, seed)).toString('base64')}`
      }),
    )
    const seed = await verify(reseeded)
    expect(seed.report.findings).toMatchObject([{ check: 'result' }])
    const swapped = changed('winners', (text) => text.split('\n').slice(1).join('\n'))
    const winners = await verify(swapped)
    expect(winners.report.findings).toMatchObject([{ check: 'winners' }])
    expect([seed.code, winners.code]).toEqual([1, 1])
  }, 60_000)
})
