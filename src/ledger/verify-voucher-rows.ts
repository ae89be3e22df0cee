import { and, asc, eq, gt, or, sql } from 'drizzle-orm'

import { toHex } from '../base/bytes.ts'
import type { Reader } from '../store/store.ts'
import type { Finder } from './findings.ts'
import type { LeafHashes } from './leaf-hashes.ts'
import { voucherDigest } from './voucher-digest.ts'
import { standing, type VoucherTable } from './voucher-table.ts'

const page = 5000

/** The rows' states that each standing allows. */
const allowed: Readonly<Record<number, readonly string[]>> = {
  [standing.open]: ['offered', 'active', 'used'],
  [standing.suspended]: ['suspended'],
  [standing.void]: ['void'],
  [standing.returned]: ['returned'],
  [standing.expired]: ['expired'],
}

/**
 * Compares voucher rows with what their leaves say: version, latest leaf, state, money; and uses
 * with the redemptions. A voucher whose latest leaf is among `waiting` (hexadecimal) is ahead of
 * the log.
 */
export async function verifyVoucherRows(
  reader: Reader,
  { hashes, vouchers }: { hashes: LeafHashes; vouchers: VoucherTable },
  waiting: ReadonlySet<string>,
  findings: Finder,
): Promise<void> {
  let seen = 0
  let after = { bucket: -1, id: '' }
  for (;;) {
    const rows = await pageOf(reader, after)
    for (const row of rows) {
      if (waiting.size > 0 && waiting.has(toHex(row.lastLeaf))) {
        if (vouchers.find(voucherDigest(row.id)) >= 0) seen++
        continue
      }
      const found = vouchers.find(voucherDigest(row.id))
      if (found < 0) findings.add('voucher', 'a row is of a voucher that was never issued')
      else {
        seen++
        compare(row, found, vouchers, hashes, findings)
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < page) break
    after = last
  }
  if (seen !== vouchers.size) {
    findings.add('voucher', `${vouchers.size - seen} issued vouchers have no row`)
  }
  await verifyUses(reader, findings)
}

type Row = Awaited<ReturnType<typeof pageOf>>[number]

function pageOf(reader: Reader, { bucket, id }: { bucket: number; id: string }) {
  const { vouchers } = reader.tables
  return reader
    .select({
      bucket: vouchers.bucket,
      id: vouchers.id,
      version: vouchers.version,
      state: vouchers.state,
      usesLeft: vouchers.usesLeft,
      amount: vouchers.amount,
      lastLeaf: vouchers.lastLeaf,
    })
    .from(vouchers)
    .where(or(gt(vouchers.bucket, bucket), and(eq(vouchers.bucket, bucket), gt(vouchers.id, id))))
    .orderBy(asc(vouchers.bucket), asc(vouchers.id))
    .limit(page)
}

function compare(
  row: Row,
  found: number,
  table: VoucherTable,
  hashes: LeafHashes,
  findings: Finder,
): void {
  const { last, version, standing: stands } = table.at(found)
  const add = (message: string) => findings.add('voucher', message, last)
  if (row.version !== version) add(`row has version ${row.version}`)
  if (!hashes.is(last, row.lastLeaf)) add('row does not name its latest leaf')
  if (!allowed[stands]?.includes(row.state)) add(`row says ${row.state}`)
  if (!worthOfLeaves(row, found, table)) add(`row is worth ${row.amount} fen a use`)
}

/** One use is worth what the leaves say, and what is left what is still reserved for it. */
function worthOfLeaves({ amount, usesLeft }: Row, found: number, table: VoucherTable): boolean {
  const { unit, left, standing: stands } = table.at(found)
  if (!Number.isNaN(unit) && amount !== unit) return false
  const held: readonly number[] = [standing.open, standing.suspended]
  return !held.includes(stands) || amount * usesLeft === left
}

async function verifyUses(reader: Reader, findings: Finder): Promise<void> {
  const rows = await reader.rows<{ n: number }>(sql`
    select count(*) as n from vouchers v left join (
      select r.bucket as bucket, r.voucher_id as voucher_id, sum(r.uses) as uses
      from redemptions r where r.state = 'committed' group by r.bucket, r.voucher_id) u
    on u.bucket = v.bucket and u.voucher_id = v.id
    where v.uses_left <> v.uses_total - coalesce(u.uses, 0)
      or (v.state = 'used') <> (v.uses_left = 0)
        and v.state in ('active', 'used', 'offered')`)
  const wrong = rows[0]?.n ?? 0
  if (wrong > 0) findings.add('redemption', `${wrong} vouchers have uses that redemptions deny`)
}
