import { minute } from '../base/clock.ts'
import { LeafError, type LeafFacts, type LeafPosting, readFacts } from '../formats/leaf.ts'
import { accounts } from '../store/schema/ledger.ts'
import type { Finder } from './findings.ts'
import type { Account } from './journal.ts'
import { type Kind, kinds, owedByNode, owedByProgramme } from './kinds.ts'

/** How far the times of neighbouring leaves may run backwards (invariant I9). */
export const skewMs = 5 * minute

/** Kinds of leaf that state the trial balance of all leaves before them, over all years. */
const statesBalance = ['ledger.close', 'log.close']

/** Fen by account, debits less credits. */
export type Balances = Partial<Record<Account, number>>

/** A leaf that could be read, and what it does. */
export interface Entry {
  readonly leaf: LeafFacts
  readonly kind: Kind
  /** Fen that its postings move. */
  readonly moved: number
}

const accountIndex = new Map<string, number>(accounts.map((account, i) => [account, i]))

/**
 * Reads leaves one after the other and checks what each says by itself: its encoding, its kind,
 * its postings (I1), its time (I9); and sums the accounts (I2, I8).
 */
export class EntryCheck {
  /** Leaves by kind. */
  readonly counts: Record<string, number> = {}
  readonly #findings: Finder
  readonly #sums = new Map<string, Float64Array>()
  /** Other nodes' leaves that were booked: each once. */
  readonly #refs = new Set<string>()
  /** Recorded time of the latest leaf, milliseconds since 1970. */
  latest = 0

  constructor(findings: Finder) {
    this.#findings = findings
  }

  /** Checks one leaf. `undefined` when it cannot be read or is of no kind. */
  take(index: number, bytes: Uint8Array): Entry | undefined {
    const leaf = this.#read(index, bytes)
    const kind = leaf && kinds.get(leaf.k)
    if (!leaf) return undefined
    if (!kind) {
      this.#findings.add('kind', 'leaf is of an unknown kind', index)
      return undefined
    }
    this.counts[leaf.k] = (this.counts[leaf.k] ?? 0) + 1
    this.#time(index, leaf.t)
    if (leaf.k.startsWith('node.')) this.#peer(index, leaf)
    const fault = postingFault(leaf, kind)
    if (fault) this.#findings.add('postings', `${leaf.k}: ${fault}`, index)
    if (statesBalance.includes(leaf.k) && !this.#balances(leaf.b)) {
      this.#findings.add('conservation', 'trial balance is not that of the leaves before', index)
    }
    return { leaf, kind, moved: this.#book(leaf) }
  }

  /** Conservation: no account ends on the wrong side, and everything sums to zero. */
  finish(): void {
    const total = new Float64Array(accounts.length)
    for (const [programme, sums] of this.#sums) {
      sums.forEach((sum, i) => {
        total[i] = (total[i] ?? 0) + sum
        const account = accounts[i] as Account
        if (sum > 0 && owedByProgramme.includes(account)) {
          this.#wrong(`${account} of ${programme || 'no programme'} is overdrawn by ${sum} fen`)
        }
        if (!Number.isSafeInteger(sum)) this.#wrong(`${account} is out of range`)
      })
    }
    for (const account of owedByNode) {
      const sum = total[accountIndex.get(account) ?? 0] ?? 0
      if (sum > 0) this.#wrong(`${account} is overdrawn by ${sum} fen`)
    }
    const off = total.reduce((sum, each) => sum + each, 0)
    if (off !== 0) this.#wrong(`the accounts are off by ${off} fen`)
  }

  /** The trial balance: fen by programme (public id, or empty) and account. */
  balances(): Record<string, Balances> {
    const byProgramme = [...this.#sums].map(([programme, sums]) => {
      const lines = accounts.map((account, i) => [account, sums[i] ?? 0] as const)
      return [programme, Object.fromEntries(lines.filter(([, sum]) => sum !== 0))] as const
    })
    return Object.fromEntries(byProgramme.sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  #read(index: number, bytes: Uint8Array): LeafFacts | undefined {
    try {
      return readFacts(bytes)
    } catch (error) {
      if (!(error instanceof LeafError)) throw error
      this.#findings.add('leaf', error.message, index)
      return undefined
    }
  }

  #peer(index: number, { k, ref, peer }: LeafFacts): void {
    if (ref === undefined || this.#refs.has(ref) || typeof peer !== 'number') {
      this.#findings.add('peer', `${k} of no leaf, or of one booked before`, index)
    }
    if (ref !== undefined) this.#refs.add(ref)
  }

  #time(index: number, t: number): void {
    if (t < this.latest - skewMs) {
      this.#findings.add('time', `leaf is ${this.latest - t} ms older than one before it`, index)
    }
    if (t > this.latest) this.latest = t
  }

  /** Adds the postings to the accounts; answers what they move. */
  #book({ p, pg = '' }: LeafFacts): number {
    if (!p) return 0
    let sums = this.#sums.get(pg)
    if (!sums) {
      sums = new Float64Array(accounts.length)
      this.#sums.set(pg, sums)
    }
    let moved = 0
    for (const [account, amount] of p) {
      const i = accountIndex.get(account)
      if (i !== undefined) sums[i] = (sums[i] ?? 0) + amount
      if (amount > 0) moved += amount
    }
    return moved
  }

  /** True when `stated` is every account that is not zero, by name, with its balance. */
  #balances(stated: unknown): boolean {
    const totals = accounts.map((account, i) => {
      const sums = [...this.#sums.values()]
      return [account as string, sums.reduce((sum, each) => sum + (each[i] ?? 0), 0)] as const
    })
    const open = totals.filter(([, sum]) => sum !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
    return JSON.stringify(stated) === JSON.stringify(open)
  }

  #wrong(message: string): void {
    this.#findings.add('conservation', message)
  }
}

/** What is wrong with the postings of a leaf, if anything (I1). */
function postingFault(leaf: LeafFacts, kind: Kind): string | undefined {
  const { p, amt, ccy, pg, k } = leaf
  if (amt !== undefined && ccy !== 'CNY') return 'unknown currency'
  if (!p) {
    const free = kind.moves.length === 0 || amt === 0
    return free || (kind.still && leaf.sv !== 1) ? undefined : 'postings are missing'
  }
  if (kind.moves.length === 0) return 'has postings'
  if (p.length < 2) return 'has one posting'
  if (kind.still && leaf.sv !== 1) return 'moves money for a voucher that was issued before'
  let total = 0
  let moved = 0
  for (const [, amount] of p) {
    total += amount
    if (amount > 0) moved += amount
  }
  if (total !== 0) return `postings are off by ${total} fen`
  if (!kind.moves.some((move) => follows(p, move))) return 'moves between the wrong accounts'
  if (amt !== moved) return 'postings are not of the amount'
  return pg === undefined && !/^(settle|node)\./.test(k) ? 'names no programme' : undefined
}

function follows(p: readonly LeafPosting[], [debit, credit]: readonly [Account, Account]): boolean {
  return p.every(([account, amount]) => account === (amount > 0 ? debit : credit))
}
