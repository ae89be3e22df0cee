import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { asc, eq } from 'drizzle-orm'
import { expect } from 'vitest'

import { toBase64, utf8 } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { Frontier } from '../../src/formats/tlog/merkle.ts'
import { requireAnchored } from '../../src/ledger/anchor.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { allLogs } from '../../src/ledger/log-state.ts'
import { Logs } from '../../src/ledger/logs.ts'
import { openStore } from '../../src/store/open.ts'
import type { Reader } from '../../src/store/store.ts'
import type { VoucherState } from '../../src/vouchers/states.ts'
import { audit, type Story } from '../support/story.ts'
import type { Holding } from '../vouchers/support.ts'
import { type Death, Mortal } from './mortal.ts'

/** A database that many runs begin with, closed. */
export interface Beginning {
  readonly story: Story
  readonly path: string
  readonly held: readonly Holding[]
}

/** What clients were told of a voucher. */
export interface Told {
  readonly state: VoucherState
  readonly version: number
  readonly reversals: number
}

/** One life after another of a process that dies, and what the world outside has seen of it. */
export class CrashRun {
  story: Story
  readonly held: readonly Holding[]
  /** By voucher id: what the last answer was. */
  readonly told = new Map<string, Told>()
  /** Every checkpoint that was published. */
  readonly published: string[] = []
  readonly #known = new Set<string>()
  deaths = 0
  readonly #folder: string
  readonly #early: boolean
  #mortal!: Mortal

  private constructor({ story, held, path }: Beginning, early: boolean) {
    this.#folder = mkdtempSync(join(dirname(path), 'crash-'))
    this.story = { ...story }
    this.held = held
    this.#early = early
  }

  /** With `early` checkpoints are published before they are committed: what must be noticed. */
  static async begin(beginning: Beginning, { early = false } = {}): Promise<CrashRun> {
    const run = new CrashRun(beginning, early)
    const path = join(run.#folder, 'symbolon.db')
    copyFileSync(beginning.path, path)
    await run.#open(path)
    for (const { voucher } of run.held) {
      run.told.set(voucher.id, await run.row(voucher.id))
    }
    return run
  }

  /** Sets the next death; `undefined` to live on. */
  set(death?: Death): void {
    this.#mortal.set(death)
  }

  get dead(): boolean {
    return this.#mortal.dead
  }

  /** Calls of the store since the death was set, by their texts. */
  get asked(): readonly string[] {
    return this.#mortal.asked
  }

  async row(id: string): Promise<Told> {
    const { vouchers } = this.story.store.read.tables
    const [row] = await this.story.store.read.select().from(vouchers).where(eq(vouchers.id, id))
    const { state, version, reversals } = row!
    return { state, version, reversals }
  }

  /** Starts a new process on what the dead one has left, as `serve` does. */
  async restart(): Promise<void> {
    this.deaths++
    const { remains } = this.#mortal
    this.#mortal.buried = true
    await this.story.store.close()
    await this.#open(remains)
  }

  /** Nothing that was published is missing or different, and `ledger verify` finds nothing. */
  async check(): Promise<void> {
    const { store, logs } = this.story
    const all = await allLogs(store.read)
    const keys = all.map(({ name }) => logs.keyOf(name))
    if (this.published.length > 0) await requireAnchored(store.read, keys, this.#anchor)
    const roots = new Map<string, string[]>()
    for (const { name } of all) roots.set(name, await rootsOf(store.read, name))
    for (const note of this.published) {
      const [origin, size, root] = note.split('\n')
      expect(roots.get(origin!)?.[Number(size)], `published at ${size} leaves`).toBe(root)
    }
    expect(all.map(({ closedAt }) => closedAt === null)).toEqual(
      all.map((_, i) => i === all.length - 1),
    )
    await audit(this.story)
  }

  async end(): Promise<void> {
    this.#mortal.set(undefined)
    this.#mortal.buried = this.#mortal.dead
    await this.story.store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #anchor(): string {
    return join(this.#folder, 'anchor')
  }

  async #open(path: string): Promise<void> {
    const mortal = new Mortal(path, join(this.#folder, `after-${this.deaths + 1}`))
    const store = await openStore(
      { engine: 'sqlite', path },
      { driver: mortal.driver, outcomeUnknown: () => {} },
    )
    this.#mortal = mortal
    const logs = await Logs.read(this.story.keyring, store.read)
    this.story = { ...this.story, store, logs, location: { engine: 'sqlite', path } }
    const publish = (reader: Reader) => this.#publish(reader, mortal)
    mortal.watch = () => void publish(store.read)
    store.beforeCommit(async (tx) => {
      if (mortal.buried) return
      await integrate(tx, this.story.logs.keyOf, this.story.now, { shared: false })
      if (this.#early) await publish(tx)
    })
  }

  /** What the logs' prefixes serve, and the anchor: whatever is committed by now. */
  async #publish(reader: Reader, mortal: Mortal): Promise<void> {
    const { logState } = reader.tables
    const rows = await reader.select().from(logState) // one query: the store may be closed then
    if (mortal.dead) return
    for (const { checkpoint, closedAt } of rows) {
      if (this.#known.has(checkpoint)) continue
      this.#known.add(checkpoint)
      this.published.push(checkpoint)
      if (closedAt !== null) continue
      writeFileSync(this.#anchor, utf8(checkpoint))
      expect(readFileSync(this.#anchor, 'utf8')).toBe(checkpoint)
    }
  }
}

/** The root of the log at every size. */
async function rootsOf(reader: Reader, log: string): Promise<string[]> {
  const { logLeaves } = reader.tables
  const leaves = await reader
    .select({ hash: logLeaves.leafHash })
    .from(logLeaves)
    .where(eq(logLeaves.log, log))
    .orderBy(asc(logLeaves.index))
  const tree = new Frontier(sha256)
  const roots = [toBase64(tree.root())]
  for (const { hash } of leaves) {
    tree.append(hash)
    roots.push(toBase64(tree.root()))
  }
  return roots
}
