import { equal, fromBase64url } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import type { LeafFacts } from '../formats/leaf.ts'
import type { Checkpoint, OpenedCheckpoint } from '../formats/tlog/checkpoint.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { keyOf, parseVkey, type Vkey } from '../formats/tlog/note.ts'
import type { Finder } from './findings.ts'

/** How a log ended, once it was read to its end. */
export interface Ending {
  readonly checkpoint: Checkpoint
  /** When `log.close` was written; none of a log that is open. */
  readonly closedAt: number | undefined
  /** The key of the next log, as `log.close` announces it. */
  readonly next: Vkey | undefined
}

/**
 * Follows one log of several: it begins with `log.open`, which names exactly what the log before it
 * ended with, and nothing stands behind `log.close` (`4-ledger.md`, section 3.6).
 */
export class YearCheck {
  readonly #checkpoint: Checkpoint
  readonly #before: Ending | undefined
  readonly #findings: Finder
  /** Keys that the log may be signed with: what was announced for it, and rotated in it. */
  readonly #announced: Vkey[]
  #closedAt: number | undefined
  #next: Vkey | undefined
  #follows = false

  /** `before`: how the log before it ended; none of the first. */
  constructor(checkpoint: Checkpoint, before: Ending | undefined, findings: Finder) {
    this.#checkpoint = checkpoint
    this.#before = before
    this.#findings = findings
    this.#announced = before?.next ? [before.next] : []
  }

  /** True when the log says that another stands before it, which was not given. */
  get followsAnother(): boolean {
    return this.#follows && !this.#before
  }

  /** Takes a leaf by its index in this log. */
  take(index: number, leaf: LeafFacts): void {
    if (this.#closedAt !== undefined) {
      this.#findings.add('year', 'leaf stands behind log.close', index)
    }
    if (leaf.k === 'log.open') this.#open(index, leaf)
    else if (index === 0 && this.#before) {
      this.#findings.add('year', 'log does not begin with log.open', index)
    }
    if (leaf.k === 'log.close') this.#close(index, leaf)
    if (leaf.k === 'key.rotate') this.#announced.push(...(this.#vkey(index, leaf.vkey) ?? []))
  }

  /** At the end of the log: who signed it, and how it ended. */
  end({ logSignatures }: Pick<OpenedCheckpoint, 'logSignatures'>): Ending {
    const known = new Set(this.#announced.map(keyOf))
    if (this.#before && !logSignatures.some((signature) => known.has(keyOf(signature)))) {
      const said = 'no key signed it that log.close or a key.rotate announces'
      this.#findings.add('year', said)
    }
    return { checkpoint: this.#checkpoint, closedAt: this.#closedAt, next: this.#next }
  }

  #open(index: number, leaf: LeafFacts): void {
    if (index > 0) {
      this.#findings.add('year', 'log.open is not the first leaf', index)
      return
    }
    this.#follows = true
    if (!this.#before) return
    const { origin, size, root } = this.#before.checkpoint
    const said = typeof leaf.root === 'string' ? fromBase64url(leaf.root) : undefined
    const same = leaf.after === origin && leaf.size === size && said && equal(said, root)
    if (!same) this.#findings.add('year', 'log.open names another end of the log before', index)
  }

  #close(index: number, leaf: LeafFacts): void {
    this.#closedAt = leaf.t
    const [next] = this.#vkey(index, leaf.next) ?? []
    if (next && next.name === this.#checkpoint.origin) {
      this.#findings.add('year', 'log.close announces the log itself', index)
    }
    this.#next = next
  }

  #vkey(index: number, text: unknown): readonly [Vkey] | undefined {
    try {
      return [parseVkey(sha256, String(text))]
    } catch (error) {
      if (!(error instanceof TlogError)) throw error
      this.#findings.add('year', `announces no key: ${error.message}`, index)
      return undefined
    }
  }
}

/** What is wrong with a log that is said to follow another, before it is read. */
export function verifyFollows(before: Ending, { origin }: Checkpoint, findings: Finder): void {
  if (before.closedAt === undefined) {
    findings.add('year', `${before.checkpoint.origin} was not closed, and ${origin} follows it`)
  } else if (before.next && before.next.name !== origin) {
    findings.add('year', `log.close announces ${before.next.name}, and ${origin} follows it`)
  }
}
