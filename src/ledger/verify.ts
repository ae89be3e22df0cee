import type { Policy } from '../formats/tlog/policy.ts'
import type { Reader } from '../store/store.ts'
import { type Finding, Findings } from './findings.ts'
import type { LogSource } from './log-source.ts'
import type { Balances } from './verify-entries.ts'
import { History } from './verify-history.ts'

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
  /** Of the latest log; empty when no checkpoint could be opened. */
  readonly origin: string
  /** Leaves that the checkpoints cover, all together. */
  readonly leaves: number
  /** Root of the latest log's checkpoint, base64. */
  readonly root: string
  /** Witnesses whose cosignatures of it verified. */
  readonly witnesses: readonly string[]
  /** Every log that was read, oldest first. */
  readonly logs: readonly {
    readonly origin: string
    readonly size: number
    readonly root: string
    readonly witnesses: readonly string[]
  }[]
  /** Index of the first leaf at which anything was found. */
  readonly firstBad?: number
  /** In which log; only where there are several. */
  readonly firstBadLog?: string
  readonly findings: readonly Finding[]
  /** All of them: `findings` ends after a hundred. */
  readonly found: number
  readonly kinds: Readonly<Record<string, number>>
  readonly vouchers: number
  /** Fen by programme and account, debits less credits. */
  readonly trialBalance: Readonly<Record<string, Balances>>
}

/** One log alone: the first of its history, or `treeOnly`. As `verifyLogs`. */
export function verifyLog(
  source: LogSource,
  policy: Policy,
  options: VerifyOptions = {},
): Promise<Report> {
  return verifyLogs([source], policy, options)
}

/**
 * Audits the logs of a node as one history, oldest first (`4-ledger.md`, sections 3.6 and 6):
 * signatures and quorum, trees and tiles, every leaf, I1, I2, I3, I8 and I9, that each log follows
 * the one before, and with `database` I4 and what the other tables say. The key of a later log is
 * learnt from the closing of the one before, if the policy does not name it. Findings are whatever
 * the logs present wrongly; Weather is thrown when something stops us from looking, such as a log
 * whose beginning lies in another that was not given.
 */
export async function verifyLogs(
  sources: readonly LogSource[],
  policy: Policy,
  options: VerifyOptions = {},
): Promise<Report> {
  const findings = new Findings()
  const history = new History(findings, policy, options)
  let whole = true
  for (const source of sources) whole = whole && (await history.read(source))
  const { entries, hashes, vouchers, logs } = history
  if (whole) history.finish()
  const { database, treeOnly = false } = options
  if (database && !treeOnly && logs.length > 0) {
    const { verifyDatabase } = await import('./verify-database.ts') // files need no database
    await verifyDatabase(database, { logs, hashes, vouchers: vouchers.table, whole }, findings)
  }
  const last = logs.at(-1)
  const { first } = findings
  return {
    ok: findings.count === 0,
    origin: last?.origin ?? '',
    leaves: last === undefined ? 0 : last.begin + last.size,
    root: last?.root ?? '',
    witnesses: last?.witnesses ?? [],
    logs: logs.map(({ origin, size, root, witnesses }) => ({ origin, size, root, witnesses })),
    ...(first && { firstBad: first.index, ...(first.log && { firstBadLog: first.log }) }),
    findings: findings.list,
    found: findings.count,
    kinds: entries.counts,
    vouchers: vouchers.table.size,
    trialBalance: entries.balances(),
  }
}
