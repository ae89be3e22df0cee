import { and, asc, eq, gt } from 'drizzle-orm'
import { equal, toBase64url, toHex } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { parseLeaf } from '../formats/leaf.ts'
import { type Frontier, hashLength, leafHash } from '../formats/tlog/merkle.ts'
import { widthAt } from '../formats/tlog/tiles.ts'
import type { Reader } from '../store/store.ts'
import type { Findings } from './findings.ts'
import type { LeafHashes } from './leaf-hashes.ts'
import { verifyAccounts } from './verify-accounts.ts'
import { verifyBeside } from './verify-beside.ts'
import { skewMs } from './verify-entries.ts'
import { verifyRows } from './verify-rows.ts'
import { verifyStatements } from './verify-statements.ts'
import { verifyVoucherRows } from './verify-voucher-rows.ts'
import type { VoucherTable } from './voucher-table.ts'

/** What the walk over the log has established. */
export interface Established {
  readonly size: number
  /** Of every leaf that could be read. */
  readonly hashes: LeafHashes
  /** None when the walk could not be finished. */
  readonly tree: Frontier | undefined
  /** Recorded time of the latest leaf. */
  readonly latest: number
  readonly vouchers: VoucherTable
}

/**
 * Compares the tables with the log (I4, I5) and with each other. `reader` sees one snapshot, the
 * one that the log was read from.
 */
export async function verifyDatabase(
  reader: Reader,
  log: string,
  established: Established,
  findings: Findings,
): Promise<void> {
  await verifyState(reader, log, established, findings)
  await verifyTiles(reader, log, established.size, findings)
  await verifyRows(reader, log, established, findings)
  const waiting = await verifyPending(reader, findings)
  await verifyAccounts(reader, findings)
  await verifyStatements(reader, findings)
  await verifyBeside(reader, findings)
  if (established.tree) await verifyVoucherRows(reader, established, waiting, findings)
}

/** The row that the next leaf will build on. */
async function verifyState(
  reader: Reader,
  log: string,
  { size, tree, latest }: Established,
  findings: Findings,
): Promise<void> {
  const { logState } = reader.tables
  const [row] = await reader.select().from(logState).where(eq(logState.log, log))
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
}

/** The walk compares their hashes; here, that each has its length and none is superfluous. */
async function verifyTiles(
  reader: Reader,
  log: string,
  size: number,
  findings: Findings,
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
async function verifyPending(reader: Reader, findings: Findings): Promise<ReadonlySet<string>> {
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
