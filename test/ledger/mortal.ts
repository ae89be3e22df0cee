import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type Database from 'better-sqlite3'

/** When the process dies: before or after the driver does what it is asked at a call. */
export interface Death {
  /** Counted from 1, from when it is set. */
  readonly call: number
  readonly when: 'before' | 'after'
}

/** What a dead process answers: nothing. Whoever catches it was told nothing. */
class Died extends Error {}

/**
 * A process that dies at a call of the store. It stands between the store and its driver: every
 * statement of the writer, BEGIN, COMMIT and savepoints among them, passes here and is counted.
 *
 * At its death the database file and its write-ahead log are copied as they lie there, which is
 * what kill -9 leaves: nothing is rolled back, checkpointed or closed. From then on the old
 * connection does nothing more.
 */
export class Mortal {
  dead = false
  calls = 0
  /** The texts of the calls since the death was set. */
  readonly asked: string[] = []
  /** Nothing is asked of it any more: lets the old store close. */
  buried = false
  /** Looks at the living store at every call. */
  watch: () => void = () => {}
  readonly #path: string
  readonly #next: string
  #death: Death | undefined

  /** `next` is the folder in which the file will be found after the death. */
  constructor(path: string, next: string) {
    this.#path = path
    this.#next = next
  }

  /** Sets when to die; `undefined` to live. */
  set(death: Death | undefined): void {
    this.#death = death
    this.calls = 0
    this.asked.length = 0
  }

  /** Where the database is after the death. */
  get remains(): string {
    return join(this.#next, 'symbolon.db')
  }

  readonly driver = (writer: Database.Database): Database.Database =>
    new Proxy(writer, {
      get: (target, name) => {
        if (name === 'prepare') {
          return (text: string) => this.#mortal(target.prepare(text), text)
        }
        const value = Reflect.get(target, name, target) as unknown
        return typeof value === 'function' ? value.bind(target) : value
      },
    })

  #mortal(statement: Database.Statement, text: string): Database.Statement {
    const proxy: Database.Statement = new Proxy(statement, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target) as unknown
        if (typeof value !== 'function') return value
        const method = value.bind(target) as (...given: unknown[]) => unknown
        if (['run', 'get', 'all'].includes(String(name))) {
          return (...given: unknown[]) => this.#call(text, () => method(...given))
        }
        return (...given: unknown[]) => {
          const made = method(...given)
          return made === target ? proxy : made
        }
      },
    })
    return proxy
  }

  #call(text: string, act: () => unknown): unknown {
    if (this.buried) return undefined
    if (this.dead) {
      if (text === 'ROLLBACK') return undefined // whoever is gone undoes nothing
      throw new Died()
    }
    this.calls++
    this.asked.push(text)
    const due = this.#death?.call === this.calls
    if (due && this.#death?.when === 'before') this.#die()
    const answer = act()
    if (due) this.#die()
    this.watch()
    return answer
  }

  #die(): never {
    this.dead = true
    mkdirSync(dirname(this.remains), { recursive: true })
    for (const end of ['', '-wal']) {
      const from = `${this.#path}${end}`
      if (existsSync(from)) copyFileSync(from, `${this.remains}${end}`)
    }
    throw new Died()
  }
}
