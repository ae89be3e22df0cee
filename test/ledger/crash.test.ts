import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'

import { Refusal } from '../../src/base/refusal.ts'
import { tellStory } from '../support/story.ts'
import { type Holding, holding } from '../vouchers/support.ts'
import { acts, pass } from './crash-acts.ts'
import { type Beginning, CrashRun, type Told } from './crash-run.ts'
import type { Death } from './mortal.ts'

const full = process.env.EFFORT === 'full'
const single = process.env.SEED ? [Number(process.env.SEED)] : undefined
const seeds = single ?? Array.from({ length: full ? 1000 : 100 }, (_, i) => i + 1)

const all = Object.keys(acts)
/** They go the way of `void`: call by call only with EFFORT=full. */
const alike = ['suspend', 'resume']

let beginning: Beginning
beforeAll(async () => {
  const story = await tellStory('sqlite')
  const held: Holding[] = []
  for (const delivery of ['active', 'active', 'active', 'active', 'offer', 'offer'] as const) {
    held.push(await holding(story, { returnable: true }, { delivery }))
  }
  const { location } = story
  await story.store.close()
  if (location.engine !== 'sqlite') throw new TypeError('not SQLite')
  beginning = { story, path: location.path, held }
})

/** Acts that take whatever there is, which may be nothing. */
const sweeping = ['expire', 'recall']

/**
 * Asks for an act, and once more after a death. What was answered must be what is there; what was
 * not answered has happened or has not, whole.
 */
async function ask(run: CrashRun, name: string, which: number): Promise<void> {
  const act = acts[name]!
  const held = run.held[which % run.held.length]!
  const { id } = held.voucher
  const open = () => {
    const { state, reversals } = run.told.get(id)!
    return (act.from?.includes(state) ?? true) && (name !== 'reverse' || reversals < 3)
  }
  for (let tries = 1; ; tries++) {
    pass(run.story)
    const expected = open() || sweeping.includes(name)
    const answered = await answerTo(run, () => act.run(run.story, held))
    if (answered === undefined) {
      expect(tries).toBe(1)
      await run.restart()
      await adopt(run, name, id)
      await run.check()
    } else {
      if (act.from || tries === 1) expect(answered, `${name}, asked ${tries} times`).toBe(expected)
      const done = answered && open() && act.to
      if (done) run.told.set(id, after(run.told.get(id)!, name))
      await asTold(run)
      return
    }
  }
}

/** True when it was done, false when it was refused, undefined when nobody answered. */
async function answerTo(run: CrashRun, work: () => Promise<unknown>) {
  const done = await work().then(
    () => true,
    (error: unknown) => {
      if (run.dead || error instanceof Refusal) return false
      throw error
    },
  )
  return run.dead ? undefined : done
}

/** Learns what became of what nobody was told: done once, or not at all. */
async function adopt(run: CrashRun, name: string, id: string): Promise<void> {
  const told = run.told.get(id)!
  const row = await run.row(id)
  if (row.version === told.version) return
  expect(row, `${name} of a ${told.state} voucher`).toEqual(after(told, name))
  run.told.set(id, row)
}

function after({ version, reversals, state }: Told, name: string): Told {
  const more = name === 'reverse' ? 1 : 0
  return { state: acts[name]?.to ?? state, version: version + 1, reversals: reversals + more }
}

/** Every answer that was ever given still stands. */
async function asTold(run: CrashRun): Promise<void> {
  for (const [id, told] of run.told) expect(await run.row(id)).toEqual(told)
}

/** Into the state that the act begins from. */
async function reach(run: CrashRun, name: string): Promise<number> {
  const { from } = acts[name]!
  if (from?.[0] === 'offered') return 4
  if (from?.[0] === 'used') await ask(run, 'redeem', 0)
  if (from?.[0] === 'suspended') await ask(run, 'suspend', 0)
  return 0
}

describe('a process that dies at a call of the store', () => {
  it.each(full ? all : all.filter((name) => !alike.includes(name)))(
    'at any call of %s loses nothing and does nothing twice',
    async (name) => {
      let deaths = 0
      for (let call = 1; ; call++) {
        const run = await CrashRun.begin(beginning)
        const which = await reach(run, name)
        run.set({ call, when: 'before' })
        await ask(run, name, which)
        const over = run.deaths === 0
        const committing = run.asked[call - 1] === 'COMMIT'
        if (over) await run.check()
        await run.end()
        if (over) break
        deaths++
        if (committing) await lostAnswer(name, call)
      }
      expect(deaths).toBeGreaterThan(5)
    },
  )

  /** The COMMIT takes place and nobody is told. */
  async function lostAnswer(name: string, call: number): Promise<void> {
    const run = await CrashRun.begin(beginning)
    const which = await reach(run, name)
    run.set({ call, when: 'after' })
    await ask(run, name, which)
    expect(run.deaths).toBe(1)
    await run.end()
  }

  const script = fc.array(
    fc.record({
      name: fc.constantFrom(...all.filter((each) => each !== 'expire')),
      which: fc.nat(5),
      call: fc.option(fc.integer({ min: 1, max: 45 }), { freq: 2 }),
      when: fc.constantFrom<Death['when']>('before', 'after'),
    }),
    { minLength: 6, maxLength: 9 },
  )

  async function live(seed: number, given: { early?: boolean } = {}): Promise<number> {
    const [steps] = fc.sample(script, { seed, numRuns: 1 })
    const run = await CrashRun.begin(beginning, given)
    try {
      for (const { name, which, call, when } of steps!) {
        run.set(call === null ? undefined : { call, when })
        await ask(run, name, which)
      }
      await run.check()
      return run.deaths
    } catch (error) {
      throw new Error(`SEED=${seed} plays it again`, { cause: error })
    } finally {
      await run.end()
    }
  }

  it(`holds in ${seeds.length} seeded lives`, { timeout: full ? 3_600_000 : 120_000 }, async () => {
    let deaths = 0
    for (const seed of seeds) deaths += await live(seed)
    if (!single) expect(deaths).toBeGreaterThan(seeds.length)
    process.stdout.write(`${seeds.length} seeds, ${deaths} deaths\n`)
  })

  it('is noticed when it publishes a checkpoint before the commit', async () => {
    let noticed = 0
    for (let call = 1; call < 40; call++) {
      const run = await CrashRun.begin(beginning, { early: true })
      run.set({ call, when: 'before' })
      await ask(run, 'redeem', 0).catch((error: unknown) => {
        expect(String(error)).toMatch(/the database holds|published at/)
        noticed++
      })
      const over = run.deaths === 0
      await run.end()
      if (over) break
    }
    expect(noticed).toBe(1)
  })
})
