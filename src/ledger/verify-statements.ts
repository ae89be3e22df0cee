import { and, asc, eq, gt, sql } from 'drizzle-orm'

import { equal, toBase64url } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { LeafError, readLeaf } from '../formats/leaf.ts'
import { statementBytes } from '../formats/statement.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { Finder } from './findings.ts'
import { settlementEntryId } from './settlement-entry.ts'

type Statement = Tx['tables']['statements']['$inferSelect']
type Line = Tx['tables']['statementLines']['$inferSelect']

const page = 64

/**
 * Compares statements with the log: each line is of a leaf in the tree that posted its amount for
 * the merchant, the statement's octets have its digest, and the leaf that booked it says so too.
 */
export async function verifyStatements(reader: Reader, findings: Finder): Promise<void> {
  const { statements: s } = reader.tables
  for (let after = ''; ; ) {
    const rows = await reader.select().from(s).where(gt(s.id, after)).orderBy(asc(s.id)).limit(page)
    for (const row of rows) await verifyOne(reader, row, findings)
    after = rows.at(-1)?.id ?? after
    if (rows.length < page) break
  }
  const lost = await reader.rows<{ id: string }>(sql`select r.id as id from redemptions r
    where r.statement_id is not null and not exists (select 1 from statement_lines l
      where l.statement_id = r.statement_id and l.bucket = r.bucket
      and l.entry_id = r.entry_id) limit 20`)
  for (const { id } of lost) findings.add('statement', `no line states redemption ${id}`)
}

async function verifyOne(reader: Reader, row: Statement, findings: Finder): Promise<void> {
  const { statementLines: l } = reader.tables
  const lines = await reader.select().from(l).where(eq(l.statementId, row.id)).orderBy(asc(l.line))
  const { digest } = row
  const wrong = (what: string) => findings.add('statement', `${what}: ${row.id}`)
  if (!digest || !equal(sha256(statementBytes(row, lines)), digest)) {
    wrong('lines are not those of the digest, statement')
  }
  const total = lines.reduce((sum, { amount }) => sum + amount, 0)
  if (total !== row.total || lines.length !== row.lines) wrong('total is not of its lines')
  const odd = await reader.rows<{ line: number }>(sql`select l.line as line from statement_lines l
    where l.statement_id = ${row.id} and (l.amount <> coalesce((select -sum(p.amount)
        from postings p where p.bucket = l.bucket and p.entry_id = l.entry_id
        and p.merchant_id = ${row.merchantId}), 0)
      or not exists (select 1 from log_state s join log_leaves g on g.log = s.log
        and g.entry_id = l.entry_id where g.bucket = l.bucket and g.leaf_hash = l.leaf_hash))
    order by l.line limit 20`)
  for (const { line } of odd) {
    findings.add('statement', `line ${line} is not what its leaf says: ${row.id}`)
  }
  if (digest) await verifyBooked(reader, { ...row, digest }, lines, findings)
}

/** The leaves that booked the statement name its digest: it cannot be closed anew. */
async function verifyBooked(
  reader: Reader,
  { id: statementId, bucket, closedAt, digest }: Statement & { digest: Uint8Array },
  lines: readonly Line[],
  findings: Finder,
): Promise<void> {
  const { journalEntries: j } = reader.tables
  for (const programmeId of new Set(lines.map((line) => line.programmeId))) {
    const id = settlementEntryId(closedAt, { statementId, step: 'payable', programmeId })
    const [entry] = await reader
      .select({ leaf: j.leaf })
      .from(j)
      .where(and(eq(j.bucket, bucket), eq(j.id, id)))
    if (entry && namedBy(entry.leaf) === toBase64url(digest)) continue
    findings.add('statement', `no leaf names the digest: ${statementId}`)
  }
}

function namedBy(leaf: Uint8Array): unknown {
  try {
    return readLeaf(leaf).st
  } catch (error) {
    if (error instanceof LeafError) return undefined
    throw error
  }
}
