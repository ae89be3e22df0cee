import { toBase64 } from '../base/bytes.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import {
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from '../formats/tlog/checkpoint.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { keyOf, noteVerifier, parseNote } from '../formats/tlog/note.ts'
import { openUnderPolicy, type Policy } from '../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { Check, Finder, Findings } from './findings.ts'
import { LeafHashes } from './leaf-hashes.ts'
import type { LogSource } from './log-source.ts'
import type { VerifyOptions } from './verify.ts'
import type { WalkedLog } from './verify-database.ts'
import { EntryCheck } from './verify-entries.ts'
import { type Waypoint, walkTree } from './verify-tree.ts'
import { VoucherCheck } from './verify-vouchers.ts'
import { type Ending, verifyFollows, YearCheck } from './verify-years.ts'

/** A log that was read, as far as it could be. */
interface ReadLog extends WalkedLog {
  /** Base64. */
  readonly root: string
  readonly witnesses: readonly string[]
}

/** An older checkpoint or a receipt that one of the logs must honour. */
interface Kept {
  readonly check: 'since' | 'receipt'
  readonly bytes: Uint8Array
  /** The log that it says it is of; none when it cannot be read. */
  readonly origin: string | undefined
}

/** What is known of the logs of a node while they are read one after the other, oldest first. */
export class History {
  readonly entries: EntryCheck
  readonly hashes = new LeafHashes()
  readonly vouchers: VoucherCheck
  readonly logs: ReadLog[] = []
  readonly #findings: Findings
  readonly #options: VerifyOptions
  #policy: Policy
  #before: Ending | undefined
  #kept: readonly Kept[]

  constructor(findings: Findings, policy: Policy, options: VerifyOptions) {
    this.#findings = findings
    this.#policy = policy
    this.#options = options
    this.entries = new EntryCheck(findings)
    this.vouchers = new VoucherCheck(findings, this.hashes)
    const { since, receipts = [] } = options
    this.#kept = [
      ...(since ? [keptOf('since', since)] : []),
      ...receipts.map((receipt) => keptOf('receipt', receipt)),
    ]
  }

  /** Reads the next log. Answers whether the one after it can be read, too. */
  async read(source: LogSource): Promise<boolean> {
    const note = await source.checkpoint()
    if (!note) throw new Weather('the log has no checkpoint', undefined)
    const opened = await attempt(this.#findings, 'checkpoint', () =>
      openUnderPolicy(this.#policy, note, verifyEd25519),
    )
    if (!opened) return false
    const { origin, size, root } = opened.checkpoint
    const last = this.logs.at(-1)
    const begin = last ? last.begin + last.size : 0
    this.#findings.enter(origin, begin)
    const findings = this.#findings.of(origin)
    if (this.#before) verifyFollows(this.#before, opened.checkpoint, findings)
    const years = new YearCheck(opened.checkpoint, this.#before, findings)
    const tree = await this.#walk(source, opened, { begin, years, findings })
    const { treeOnly = false } = this.#options
    const ending = treeOnly ? undefined : years.end(opened)
    if (tree && ending) this.#before = ending
    this.#policy = withKey(this.#policy, ending?.next)
    this.logs.push({
      ...{ origin, size, begin, tree, latest: this.entries.latest },
      ...{ closedAt: ending?.closedAt, root: toBase64(root) },
      witnesses: opened.cosignatures.map(({ name }) => name),
    })
    return tree !== undefined
  }

  /** After the last log, if all could be read. */
  finish(): void {
    for (const { check, origin } of this.#kept) {
      this.#findings.add(check, `is of another log, ${origin ?? 'unnamed'}`)
    }
    if (!this.#options.treeOnly) this.entries.finish()
  }

  async #walk(
    source: LogSource,
    opened: OpenedCheckpoint,
    { begin, years, findings }: { begin: number; years: YearCheck; findings: Finder },
  ) {
    const { treeOnly = false, progress } = this.#options
    const { size } = opened.checkpoint
    const waypoints = await this.#waypoints(opened, findings)
    const { entries, hashes, vouchers } = this
    return walkTree({
      ...{ source, size, findings, waypoints, treeOnly },
      progress: (done) => progress?.(done, size),
      entry: (index, bytes, hash) => {
        const through = begin + index
        const taken = entries.take(through, bytes)
        if (taken) years.take(index, taken.leaf)
        if (index === 0 && years.followsAnother) this.#missing(source, taken?.leaf.after)
        const about = taken?.kind.voucher
        if (taken && about === 'one') vouchers.one(through, taken.leaf, taken.moved)
        if (!taken || about !== 'chunk') return hashes.add(hash)
        const chunk = this.#chunk(source, index, { ...taken, through, findings })
        return chunk.then(() => hashes.add(hash))
      },
    })
  }

  async #chunk(
    source: LogSource,
    index: number,
    {
      leaf,
      moved,
      through,
      findings,
    }: NonNullable<ReturnType<EntryCheck['take']>> & { through: number; findings: Finder },
  ): Promise<void> {
    const list = await source.issued(index)
    if (list) this.vouchers.chunk(through, leaf, moved, list)
    else if (source.place === 'database') findings.add('issued', 'list is missing', index)
    else throw new Weather(`the log has no issued/${index}`, undefined)
  }

  /** Vouchers of the years before cannot be followed; a database must have those years. */
  #missing(source: LogSource, after: unknown): void {
    const before = typeof after === 'string' ? after : 'another log'
    if (source.place === 'database') {
      this.#findings.add('year', `the log that it follows is not there: ${before}`, 0)
      return
    }
    const why = 'without it, vouchers and balances of the years before cannot be followed'
    throw new Weather(
      `this log follows ${before}: give that one too, before it (${why}), or --tree-only`,
      undefined,
    )
  }

  /** The roots that the tree must pass: the checkpoint's own, the older one's, the receipts'. */
  async #waypoints({ checkpoint }: OpenedCheckpoint, findings: Finder): Promise<Waypoint[]> {
    const waypoints: Waypoint[] = [{ ...checkpoint, check: 'root' }]
    const { origin } = checkpoint
    const mine = this.#kept.filter((kept) => kept.origin === undefined || kept.origin === origin)
    this.#kept = this.#kept.filter((kept) => !mine.includes(kept))
    for (const { check, bytes } of mine) {
      const older = await attempt(findings, check, () => this.#openKept(check, bytes))
      if (!older) continue
      const { size, root } = older.checkpoint
      if (size > checkpoint.size) findings.add(check, `the log has shrunk from ${size} leaves`)
      else waypoints.push({ size, root, check })
    }
    const { database } = this.#options
    if (!database) return waypoints
    const { witnessedWaypoints } = await import('./verify-witnessed.ts')
    const kept = await witnessedWaypoints(database, this.#policy, checkpoint, findings)
    return [...waypoints, ...kept]
  }

  async #openKept(check: Kept['check'], bytes: Uint8Array): Promise<OpenedCheckpoint> {
    if (check === 'receipt') {
      return verifyReceipt(sha256, verifyEd25519, this.#policy, parseReceipt(bytes))
    }
    const keys = this.#policy.logs.map(({ vkey }) => noteVerifier(vkey, verifyEd25519))
    return openCheckpoint(bytes, keys)
  }
}

/** The policy with the key that the closing of a log announces, if it does not know it. */
function withKey(policy: Policy, vkey: Ending['next']): Policy {
  if (!vkey || policy.logs.some((log) => keyOf(log.vkey) === keyOf(vkey))) return policy
  return { ...policy, logs: [...policy.logs, { vkey }] }
}

function keptOf(check: Kept['check'], bytes: Uint8Array): Kept {
  try {
    const note = check === 'receipt' ? parseReceipt(bytes).checkpoint : bytes
    return { check, bytes, origin: parseCheckpoint(parseNote(note).text).origin }
  } catch (error) {
    if (error instanceof TlogError) return { check, bytes, origin: undefined }
    throw error
  }
}

/** Runs what may refuse its input; the refusal is a finding. */
async function attempt<T>(
  findings: Finder,
  check: Check,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    findings.add(check, `${error.message} (${error.code})`)
    return undefined
  }
}
