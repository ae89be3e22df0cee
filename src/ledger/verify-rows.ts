import { and, asc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'

import { equal } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { type Leaf, LeafError, readLeaf } from '../formats/leaf.ts'
import { leafHash } from '../formats/tlog/merkle.ts'
import type { Reader } from '../store/store.ts'
import type { Finder } from './findings.ts'
import type { LeafHashes } from './leaf-hashes.ts'
import { peerLedger } from './peer-ledger.ts'

const page = 2048

/**
 * Invariant I4, of the leaves of one log: indexes are contiguous, the columns of journal entry and
 * log leaf say what the leaf says, and the postings are the leaf's. `hashes` are of all logs, of
 * which this one's begin at `begin`.
 */
export async function verifyRows(
  reader: Reader,
  log: string,
  { size, begin, hashes }: { size: number; begin: number; hashes: LeafHashes },
  findings: Finder,
): Promise<void> {
  const programmes = await publicIds(reader)
  let expected = 0
  for (let from = 0; from < size; from += page) {
    const to = Math.min(from + page, size)
    const lines = await postingsOf(reader, log, from, to)
    for (const row of await leavesOf(reader, log, from, to)) {
      if (row.index !== expected) findings.add('log_leaves', 'leaf is missing', expected)
      expected = row.index + 1
      const at = begin + row.index
      checkRow(row, at < hashes.size ? hashes.at(at) : undefined, findings)
      checkPostings(row, lines.get(row.index) ?? [], programmes, findings)
    }
  }
  if (expected < size) findings.add('log_leaves', 'leaf is missing', expected)
  const beyond = await reader.rows<{ id: string }>(sql`select l.entry_id as id from log_leaves l
    where l.log = ${log} and l."index" >= ${size} limit 20`)
  for (const { id } of beyond) {
    findings.add('log_leaves', `leaf stands beyond the checkpoint, for entry: ${id}`)
  }
}

type Row = Awaited<ReturnType<typeof leavesOf>>[number]
type Line = Awaited<ReturnType<typeof linesOf>>[number]

function leavesOf(reader: Reader, log: string, from: number, to: number) {
  const { logLeaves, journalEntries } = reader.tables
  return reader
    .select({
      index: logLeaves.index,
      entryId: logLeaves.entryId,
      hash: logLeaves.leafHash,
      id: journalEntries.id,
      kind: journalEntries.kind,
      at: journalEntries.at,
      leaf: journalEntries.leaf,
      booked: journalEntries.leafHash,
    })
    .from(logLeaves)
    .leftJoin(
      journalEntries,
      and(eq(journalEntries.bucket, logLeaves.bucket), eq(journalEntries.id, logLeaves.entryId)),
    )
    .where(and(eq(logLeaves.log, log), gte(logLeaves.index, from), lt(logLeaves.index, to)))
    .orderBy(asc(logLeaves.index))
}

function linesOf(reader: Reader, log: string, from: number, to: number) {
  const { logLeaves, postings } = reader.tables
  return reader
    .select({
      index: logLeaves.index,
      line: postings.line,
      account: postings.account,
      programmeId: postings.programmeId,
      merchantId: postings.merchantId,
      amount: postings.amount,
    })
    .from(logLeaves)
    .innerJoin(
      postings,
      and(eq(postings.bucket, logLeaves.bucket), eq(postings.entryId, logLeaves.entryId)),
    )
    .where(and(eq(logLeaves.log, log), gte(logLeaves.index, from), lt(logLeaves.index, to)))
    .orderBy(asc(logLeaves.index), asc(postings.line))
}

async function postingsOf(
  reader: Reader,
  log: string,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, Line[]>> {
  const byLeaf = new Map<number, Line[]>()
  for (const line of await linesOf(reader, log, from, to)) {
    const lines = byLeaf.get(line.index)
    if (lines) lines.push(line)
    else byLeaf.set(line.index, [line])
  }
  return byLeaf
}

async function publicIds(reader: Reader): Promise<ReadonlyMap<string, string>> {
  const { programmes } = reader.tables
  const rows = await reader
    .select({ id: programmes.id, publicId: programmes.publicId })
    .from(programmes)
  return new Map(rows.map(({ id, publicId }) => [id, publicId]))
}

function checkRow(row: Row, walked: Uint8Array | undefined, findings: Finder): void {
  const { index, leaf, booked, hash } = row
  if (!leaf || !booked) {
    findings.add('log_leaves', `leaf is of an entry ${row.entryId} that is not there`, index)
    return
  }
  const right = walked ?? leafHash(sha256, leaf)
  if (!equal(hash, right)) findings.add('log_leaves', 'leaf hash is not that of the entry', index)
  if (!equal(booked, right)) findings.add('journal', 'leaf hash is not that of the leaf', index)
}

function checkPostings(
  row: Row,
  lines: readonly Line[],
  programmes: ReadonlyMap<string, string>,
  findings: Finder,
): void {
  const { index } = row
  const leaf = row.leaf && read(row.leaf)
  if (!leaf) return
  if (leaf.id !== row.id) findings.add('journal', 'id is not the leaf’s', index)
  if (leaf.k !== row.kind) findings.add('journal', 'kind is not the leaf’s', index)
  if (leaf.t !== row.at) findings.add('journal', 'time is not the leaf’s', index)
  const p = leaf.p ?? []
  const same =
    p.length === lines.length &&
    lines.every(({ line, account, amount }, i) => {
      return line === i && account === p[i]?.[0] && amount === p[i]?.[1]
    })
  if (!same) findings.add('postings', 'rows are not the leaf’s postings', index)
  for (const { programmeId, account, merchantId } of lines) {
    if (account.startsWith('node_') && merchantId !== peerLedger(Number(leaf.peer))) {
      findings.add('postings', `row of ${account} is of another node than the leaf`, index)
    }
    if ((programmes.get(programmeId) ?? '') !== (leaf.pg ?? '')) {
      findings.add('postings', 'row is of another programme than the leaf', index)
    }
    if (/^(merchant|node)_/.test(account) !== (merchantId !== null)) {
      findings.add('postings', `row of ${account} and whose it is do not fit`, index)
    }
  }
}

function read(bytes: Uint8Array): Leaf | undefined {
  try {
    return readLeaf(bytes)
  } catch (error) {
    if (error instanceof LeafError) return undefined // the walk has told of it
    throw error
  }
}

/** The rest of I4, over all logs: what has no counterpart, or more than one. */
export async function verifyCounts(reader: Reader, findings: Finder): Promise<void> {
  const lost = async (check: 'journal' | 'log_leaves' | 'postings', words: string, query: SQL) => {
    const rows = await reader.rows<{ id: string }>(sql`${query} limit 20`)
    for (const { id } of rows) findings.add(check, `${words}: ${id}`)
  }
  await lost(
    'journal',
    'entry is neither logged nor waiting',
    sql`select j.id as id from journal_entries j where not exists
      (select 1 from log_leaves l where l.entry_id = j.id and l.bucket = j.bucket)
      and not exists
      (select 1 from pending_leaves w where w.entry_id = j.id and w.bucket = j.bucket)`,
  )
  await lost(
    'log_leaves',
    'entry is in two logs',
    sql`select a.entry_id as id from log_state s, log_state o, log_leaves a, log_leaves b
      where s.log < o.log and a.log = s.log and b.log = o.log
      and b.entry_id = a.entry_id and b.bucket = a.bucket`,
  )
  await lost(
    'log_leaves',
    'leaf is of a log that is not there, for entry',
    sql`select l.entry_id as id from log_leaves l
      where not exists (select 1 from log_state s where s.log = l.log)`,
  )
  await lost(
    'log_leaves',
    'entry is logged and waiting',
    sql`select l.entry_id as id from log_leaves l
      join pending_leaves w on w.entry_id = l.entry_id and w.bucket = l.bucket`,
  )
  await lost(
    'postings',
    'posting without an entry',
    sql`select p.entry_id as id from postings p where not exists
      (select 1 from journal_entries j where j.id = p.entry_id and j.bucket = p.bucket)`,
  )
}
