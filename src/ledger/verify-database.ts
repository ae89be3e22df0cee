import { and, asc, eq, gt } from 'drizzle-orm'
import { equal, toBase64url, toHex } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { parseLeaf } from '../formats/leaf.ts'
import { type Frontier, hashLength, leafHash } from '../formats/tlog/merkle.ts'
import { widthAt } from '../formats/tlog/tiles.ts'
import type { Reader } from '../store/store.ts'
import type { Finder, Findings } from './findings.ts'
import type { LeafHashes } from './leaf-hashes.ts'
import { allLogs } from './log-state.ts'
import { verifyAccounts } from './verify-accounts.ts'
import { verifyBeside } from './verify-beside.ts'
import { skewMs } from './verify-entries.ts'
import { verifyPeers } from './verify-peers.ts'
import { verifyCounts, verifyRows } from './verify-rows.ts'
import { verifyStatements } from './verify-statements.ts'
import { verifyVoucherRows } from './verify-voucher-rows.ts'
import { verifyWitnessedLogs } from './verify-witnessed.ts'
import type { VoucherTable } from './voucher-table.ts'

/** What the walk over one log has established. */
export interface WalkedLog {
  readonly origin: string
  readonly size: number
  /** Leaves of the logs before it. */
  readonly begin: number
  /** None when the walk could not be finished. */
  readonly tree: Frontier | undefined
  /** Recorded time of the latest leaf. */
  readonly latest: number
  /** When its `log.close` was recorded; none of a log that is open. */
  readonly closedAt: number | undefined
}

/** What the walk over all logs has established. */
export interface Established {
  /** Oldest first. */
  readonly logs: readonly WalkedLog[]
  /** Of every leaf that could be read, through all logs. */
  readonly hashes: LeafHashes
  readonly vouchers: VoucherTable
  /** Every log was walked to its end. */
  readonly whole: boolean
}

/**
 * Compares the tables with the logs (I4, I5) and with each other. `reader` sees one snapshot, the
 * one that the logs were read from.
 */
export async function verifyDatabase(
  reader: Reader,
  established: Established,
  findings: Findings,
): Promise<void> {
  const { logs, hashes } = established
  for (const log of logs) {
    const about = findings.of(log.origin)
    await verifyState(reader, log, about)
    await verifyTiles(reader, log.origin, log.size, about)
    await verifyRows(reader, log.origin, { ...log, hashes }, about)
  }
  await verifyLogRows(reader, established, findings)
  await verifyCounts(reader, findings)
  await verifyWitnessedLogs(reader, findings)
  const waiting = await verifyPending(reader, findings)
  await verifyAccounts(reader, findings)
  await verifyStatements(reader, findings)
  await verifyBeside(reader, findings)
  await verifyPeers(reader, findings)
  if (established.whole) await verifyVoucherRows(reader, established, waiting, findings)
}

/** The row that the next leaf will build on. */
async function verifyState(
  reader: Reader,
  { origin, size, tree, latest, closedAt }: WalkedLog,
  findings: Finder,
): Promise<void> {
  const { logState } = reader.tables
  const [row] = await reader.select().from(logState).where(eq(logState.log, origin))
  if (!row) {
    findings.add('log_state', 'there is no row of the log that the checkpoint names')
    return
  }
  if (row.size !== size) {
    findings.add('log_state', `size is ${row.size}, the checkpoint's is ${size}`)
  }
  if (tree && !equal(tree.serialise(), row.frontier)) {
    findings.add('log_state', 'frontier is not that of the tree')
  }
  if (row.at < latest - skewMs) findings.add('log_state', 'is older than the latest leaf')
  if (tree && row.closedAt !== (closedAt ?? null)) {
    findings.add('log_state', 'is closed at another time than by a leaf')
  }
}

/** One log is open, the latest; and none is there that was not walked. */
async function verifyLogRows(
  reader: Reader,
  { logs, whole }: Established,
  findings: Finder,
): Promise<void> {
  const rows = await allLogs(reader)
  if (rows.filter(({ closedAt }) => closedAt === null).length !== 1) {
    findings.add('log_state', 'not one log is open')
  }
  const walked = logs.map(({ origin }) => origin)
  for (const { name } of whole ? rows : []) {
    if (!walked.includes(name)) findings.add('log_state', `log was not looked at: ${name}`)
  }
}

/** The walk compares their hashes; here, that each has its length and none is superfluous. */
async function verifyTiles(
  reader: Reader,
  log: string,
  size: number,
  findings: Finder,
): Promise<void> {
  const { tiles } = reader.tables
  for (let level = 0; level < 8; level++) {
    let after = -1
    for (;;) {
      const rows = await reader
        .select({ n: tiles.n, data: tiles.data })
        .from(tiles)
        .where(and(eq(tiles.log, log), eq(tiles.level, level), gt(tiles.n, after)))
        .orderBy(asc(tiles.n))
        .limit(256)
      for (const { n, data } of rows) {
        if (data.length === widthAt(size, level, n) * hashLength) continue
        findings.add('tile', `tile ${level}/${n} has ${data.length} octets`)
      }
      after = rows.at(-1)?.n ?? after
      if (rows.length < 256) break
    }
  }
  const odd = await reader
    .select({ log: tiles.log, level: tiles.level })
    .from(tiles)
    .where(gt(tiles.level, 7))
  if (odd.length > 0) findings.add('tile', 'there are tiles above the highest level')
}

/** Leaves that wait for their index; answers their hashes (hexadecimal). */
async function verifyPending(reader: Reader, findings: Finder): Promise<ReadonlySet<string>> {
  const { pendingLeaves, journalEntries } = reader.tables
  const rows = await reader
    .select({
      id: pendingLeaves.entryId,
      hash: pendingLeaves.leafHash,
      prev: pendingLeaves.prev,
      booked: journalEntries.leafHash,
      leaf: journalEntries.leaf,
    })
    .from(pendingLeaves)
    .leftJoin(
      journalEntries,
      and(
        eq(journalEntries.bucket, pendingLeaves.bucket),
        eq(journalEntries.id, pendingLeaves.entryId),
      ),
    )
  for (const { id, hash, prev, booked, leaf } of rows) {
    if (!booked || !leaf) findings.add('pending', `leaf ${id} waits without a journal entry`)
    else if (!equal(hash, booked) || !equal(hash, leafHash(sha256, leaf))) {
      findings.add('pending', `leaf ${id} is not the entry's`)
    } else if ((prev ? toBase64url(prev) : undefined) !== prevOf(leaf)) {
      findings.add('pending', `leaf ${id} waits for another than it names`)
    }
  }
  return new Set(rows.map(({ hash }) => toHex(hash)))
}

function prevOf(leaf: Uint8Array): unknown {
  try {
    return parseLeaf(leaf).prev
  } catch {
    return null // no prev equals it
  }
}
