import { toBase64 } from '../base/bytes.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { type OpenedCheckpoint, openCheckpoint } from '../formats/tlog/checkpoint.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { noteVerifier } from '../formats/tlog/note.ts'
import { openUnderPolicy, type Policy } from '../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { Reader } from '../store/store.ts'
import { type Check, type Finding, Findings } from './findings.ts'
import { LeafHashes } from './leaf-hashes.ts'
import type { LogSource } from './log-source.ts'
import { verifyDatabase } from './verify-database.ts'
import { type Balances, EntryCheck } from './verify-entries.ts'
import { type Waypoint, walkTree } from './verify-tree.ts'
import { VoucherCheck } from './verify-vouchers.ts'
import { witnessedWaypoints } from './verify-witnessed.ts'

export interface VerifyOptions {
  /** Checkpoint, tiles and tree alone: for logs whose entries are not public, or not ours. */
  readonly treeOnly?: boolean
  /** A checkpoint kept from earlier: the log must continue it. */
  readonly since?: Uint8Array
  /** Receipts (`c2sp.org/tlog-proof@v1`) that the log must honour. */
  readonly receipts?: readonly Uint8Array[]
  /** The database that the log is of, as one snapshot: rows are compared with leaves. */
  readonly database?: Reader
  /** Told how many of how many leaves are done. */
  readonly progress?: (done: number, size: number) => void
}

/** What was looked at, and what was found. `JSON.stringify` is its machine-readable form. */
export interface Report {
  readonly ok: boolean
  /** Empty when the checkpoint could not be opened. */
  readonly origin: string
  /** Leaves that the checkpoint covers. */
  readonly leaves: number
  /** Root of the checkpoint, base64. */
  readonly root: string
  /** Witnesses whose cosignatures verified. */
  readonly witnesses: readonly string[]
  /** Lowest leaf index at which anything was found. */
  readonly firstBad?: number
  readonly findings: readonly Finding[]
  /** All of them: `findings` ends after a hundred. */
  readonly found: number
  readonly kinds: Readonly<Record<string, number>>
  readonly vouchers: number
  /** Fen by programme and account, debits less credits. */
  readonly trialBalance: Readonly<Record<string, Balances>>
}

/**
 * Audits a log (`4-ledger.md`, section 6): signatures and quorum, tree and tiles, every leaf, I1,
 * I2, I3, I8 and I9, and with `database` I4 and what the other tables say. Findings are whatever
 * the log itself presents wrongly; Weather is thrown when something stops us from looking.
 */
export async function verifyLog(
  source: LogSource,
  policy: Policy,
  options: VerifyOptions = {},
): Promise<Report> {
  const findings = new Findings()
  const note = await source.checkpoint()
  if (!note) throw new Weather('the log has no checkpoint', undefined)
  const opened = await attempt(findings, 'checkpoint', () =>
    openUnderPolicy(policy, note, verifyEd25519),
  )
  const entries = new EntryCheck(findings)
  const hashes = new LeafHashes()
  const vouchers = new VoucherCheck(findings, hashes)
  if (opened) {
    const waypoints = await waypointsOf(findings, policy, opened, options)
    await walk(source, opened, { findings, entries, hashes, vouchers, waypoints }, options)
  }
  const { checkpoint } = opened ?? {}
  return {
    ok: findings.count === 0,
    origin: checkpoint?.origin ?? '',
    leaves: checkpoint?.size ?? 0,
    root: checkpoint ? toBase64(checkpoint.root) : '',
    witnesses: opened?.cosignatures.map(({ name }) => name) ?? [],
    ...(findings.first !== undefined && { firstBad: findings.first }),
    findings: findings.list,
    found: findings.count,
    kinds: entries.counts,
    vouchers: vouchers.table.size,
    trialBalance: entries.balances(),
  }
}

interface State {
  readonly findings: Findings
  readonly entries: EntryCheck
  readonly hashes: LeafHashes
  readonly vouchers: VoucherCheck
  readonly waypoints: readonly Waypoint[]
}

async function walk(
  source: LogSource,
  { checkpoint: { origin, size } }: OpenedCheckpoint,
  { findings, entries, hashes, vouchers, waypoints }: State,
  { treeOnly = false, database, progress }: VerifyOptions,
): Promise<void> {
  const takeChunk = async (index: number, taken: Taken) => {
    const list = await source.issued(index)
    if (list) vouchers.chunk(index, taken.leaf, taken.moved, list)
    else if (source.place === 'database') findings.add('issued', 'list is missing', index)
    else throw new Weather(`the log has no issued/${index}`, undefined)
  }
  const tree = await walkTree({
    source,
    size,
    findings,
    waypoints,
    treeOnly,
    progress: (done) => progress?.(done, size),
    entry(index, bytes, hash) {
      const taken = entries.take(index, bytes)
      const about = taken?.kind.voucher
      if (taken && about === 'one') vouchers.one(index, taken.leaf, taken.moved)
      const waits = taken && about === 'chunk' ? takeChunk(index, taken) : undefined
      if (!waits) return hashes.add(hash)
      return waits.then(() => hashes.add(hash))
    },
  })
  if (treeOnly) return
  if (tree) entries.finish()
  if (!database) return
  const state = { size, hashes, tree, latest: entries.latest, vouchers: vouchers.table }
  await verifyDatabase(database, origin, state, findings)
}

type Taken = NonNullable<ReturnType<EntryCheck['take']>>

/** The roots that the tree must pass: the checkpoint's own, the older one's, the receipts'. */
async function waypointsOf(
  findings: Findings,
  policy: Policy,
  { checkpoint }: OpenedCheckpoint,
  { since, receipts = [], database }: VerifyOptions,
): Promise<Waypoint[]> {
  const waypoints: Waypoint[] = [{ ...checkpoint, check: 'root' }]
  const pass = (check: 'since' | 'receipt', older: OpenedCheckpoint | undefined) => {
    if (!older) return
    const { origin, size, root } = older.checkpoint
    if (origin !== checkpoint.origin) findings.add(check, `is of another log, ${origin}`)
    else if (size > checkpoint.size) findings.add(check, `the log has shrunk from ${size} leaves`)
    else waypoints.push({ size, root, check })
  }
  if (since) {
    const keys = policy.logs.map(({ vkey }) => noteVerifier(vkey, verifyEd25519))
    pass('since', await attempt(findings, 'since', () => openCheckpoint(since, keys)))
  }
  for (const receipt of receipts) {
    const read = () => verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(receipt))
    pass('receipt', await attempt(findings, 'receipt', read))
  }
  if (!database) return waypoints
  return [...waypoints, ...(await witnessedWaypoints(database, policy, checkpoint, findings))]
}

/** Runs what may refuse its input; the refusal is a finding. */
async function attempt<T>(
  findings: Findings,
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
