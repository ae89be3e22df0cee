import { and, asc, eq, inArray, lte, or, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { returnAvailable } from '../benefits/programmes.ts'
import { type BenefitVersion, benefitVersion } from '../benefits/versions.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { book, drawUp } from '../ledger/journal.ts'
import type { Reader, Tx } from '../store/store.ts'
import { chunkList, keepList } from './chunk-entry.ts'
import { releaseUnits } from './quota-units.ts'
import { holdOpenStock, returnStock } from './stock.ts'

/** Vouchers closed in one transaction, at the most. */
export const closeChunkSize = 5000

/** Where a sweep stands: the last voucher it has looked at. */
export interface Cursor {
  readonly bucket: number
  readonly id: string
}
export const fromStart: Cursor = { bucket: -1, id: '' }

/** A cursor as text, for a row that keeps it, and back. '' is the start. */
export function writeCursor({ bucket, id }: Cursor): string {
  return `${bucket}/${id}`
}
export function readCursor(text: string): Cursor {
  const [bucket, id] = text.split('/')
  return id === undefined ? fromStart : { bucket: Number(bucket), id }
}

interface Closing {
  readonly kind: 'batch.recall' | 'voucher.expire' | 'offer.lapse'
  readonly to: 'void' | 'expired'
  readonly benefit: BenefitVersion
  /** Their units go back to the open stock, as long as it is open. */
  readonly stock?: boolean
  /** Which vouchers of the benefit, besides their place in the sweep. */
  readonly which: SQL | undefined
  readonly after: Cursor
  readonly actor: string
  readonly now: Instant
}

export interface Closed {
  readonly count: number
  /** Fen released. */
  readonly amount: number
  readonly entryId: string | undefined
  /** Where to go on; none when nothing is left. */
  readonly next: Cursor | undefined
}

/** The part of a batch that a recall takes back in one chunk: of its set, up to this voucher. */
export interface RecallPart {
  readonly recallId: string
  readonly to: Cursor
}

/**
 * Takes back the vouchers of a batch, or of a part of it, that were never used, chunk by chunk:
 * void, their money back in the budget, the person's cap free again. What was redeemed stays.
 */
export async function recallChunk(
  tx: Tx,
  node: ThisNode,
  given: {
    batchId: string
    benefit: BenefitVersion
    after: Cursor
    now: Instant
    part?: RecallPart
  },
): Promise<Closed> {
  const { vouchers } = tx.tables
  const { batchId, benefit, after, now, part } = given
  const which = and(
    eq(vouchers.batchId, batchId),
    inArray(vouchers.state, ['offered', 'active', 'suspended']),
    eq(vouchers.usesLeft, vouchers.usesTotal),
    part && inPart(tx, part, after),
  )
  const actor = `batch:${batchId}`
  const kind = 'batch.recall'
  const closed = await closeChunk(tx, node, { kind, to: 'void', benefit, which, after, actor, now })
  if (closed.count > 0) await freeCaps(tx, given, closed.next)
  return closed
}

/** Of a recall's set, behind one voucher and up to another: looked up by key. */
function inPart(tx: Tx, { recallId, to }: RecallPart, after: Cursor): SQL {
  const { vouchers: v, recallVouchers: r } = tx.tables
  return sql`(${v.bucket}, ${v.id}) in (select ${r.bucket}, ${r.voucherId} from ${r}
    where ${eq(r.recallId, recallId)}
      and (${r.bucket}, ${r.voucherId}) > (${after.bucket}, ${after.id})
      and (${r.bucket}, ${r.voucherId}) <= (${to.bucket}, ${to.id}))`
}

/** Writes down what reading already knows: vouchers whose time is over. */
export async function expireChunk(
  tx: Tx,
  node: ThisNode,
  given: { benefit: BenefitVersion; state: 'offered' | 'active'; after: Cursor; now: Instant },
): Promise<Closed> {
  const { vouchers } = tx.tables
  const { benefit, state, after, now } = given
  const over = or(
    lte(vouchers.validTo, now),
    state === 'offered' ? lte(vouchers.offerTo, now) : undefined,
  )
  const which = and(eq(vouchers.state, state), over)
  const kind = state === 'offered' ? 'offer.lapse' : 'voucher.expire'
  const stock = state === 'offered' && benefit.definition.supply === 'stock'
  const closing = {
    kind,
    to: 'expired',
    benefit,
    stock,
    which,
    after,
    actor: 'clock',
    now,
  } as const
  return closeChunk(tx, node, closing)
}

/** The benefit versions that have vouchers whose time is over. */
export async function overdue(reader: Reader, now: Instant): Promise<BenefitVersion[]> {
  const { vouchers } = reader.tables
  const rows = await reader
    .selectDistinct({ id: vouchers.benefitId, version: vouchers.benefitVersion })
    .from(vouchers)
    .where(
      and(
        inArray(vouchers.state, ['offered', 'active']),
        or(lte(vouchers.validTo, now), lte(vouchers.offerTo, now)),
      ),
    )
  const found = await Promise.all(rows.map((row) => benefitVersion(reader, row.id, row.version)))
  return found.filter((benefit) => benefit !== undefined)
}

/**
 * Closes one chunk behind the cursor: one leaf, one posting pair, every voucher's version moved on.
 * Refusal VERSION_CONFLICT, with nothing done, when another transaction changed one meanwhile.
 */
async function closeChunk(tx: Tx, node: ThisNode, closing: Closing): Promise<Closed> {
  const { vouchers } = tx.tables
  const { benefit, which, after, now, kind } = closing
  const mine = and(
    eq(vouchers.benefitId, benefit.benefitId),
    eq(vouchers.benefitVersion, benefit.version),
    which,
    sql`(${vouchers.bucket}, ${vouchers.id}) > (${after.bucket}, ${after.id})`,
  )
  const found = await tx
    .select({
      bucket: vouchers.bucket,
      id: vouchers.id,
      amount: vouchers.amount,
      uses: vouchers.usesLeft,
    })
    .from(vouchers)
    .where(mine)
    .orderBy(asc(vouchers.bucket), asc(vouchers.id))
    .limit(closeChunkSize)
  const last = found.at(-1)
  if (!last) return { count: 0, amount: 0, entryId: undefined, next: undefined }

  const amount = found.reduce((sum, voucher) => sum + voucher.amount * voucher.uses, 0)
  const { fields, handles } = chunkList(found.map(({ id }) => id))
  const { programme, benefitId } = benefit
  const open = closing.stock === true && (await holdOpenStock(tx, benefitId))
  const drawn = drawUp(node, {
    id: newId(now),
    kind,
    closes: true,
    bucket: programme.bucket,
    at: now,
    programme,
    amount,
    postings: [
      { account: 'voucher_liability', amount },
      { account: open ? 'stock_reserved' : 'budget_available', amount: -amount },
    ],
    fields,
    commits: { operator: closing.actor },
  })
  const moved = await tx
    .update(vouchers)
    .set({ state: closing.to, version: sql`${vouchers.version} + 1`, lastLeaf: drawn.hash })
    .where(and(mine, sql`(${vouchers.bucket}, ${vouchers.id}) <= (${last.bucket}, ${last.id})`))
    .returning({ id: vouchers.id, amount: vouchers.amount, uses: vouchers.usesLeft })
  const closed = moved.reduce((sum, voucher) => sum + voucher.amount * voucher.uses, 0)
  if (moved.length !== found.length || closed !== amount) throw new Refusal('VERSION_CONFLICT')
  const entryId = drawn.entry.id
  await book(tx, drawn)
  await keepList(tx, { bucket: programme.bucket, entryId, handles })
  if (closing.stock) await returnStock(tx, benefitId, { units: found.length, open })
  if (!open) await returnAvailable(tx, programme.id, amount)
  return { count: found.length, amount, entryId, next: { bucket: last.bucket, id: last.id } }
}

/** A recalled voucher counts neither against anybody's cap nor in a sub-quota. */
async function freeCaps(
  tx: Tx,
  { batchId, benefit, after }: { batchId: string; benefit: BenefitVersion; after: Cursor },
  last: Cursor | undefined,
): Promise<void> {
  const { claims, vouchers, quotaUnits: units } = tx.tables
  const to = last ?? after
  const recalled = sql`from ${vouchers}
    where ${vouchers.batchId} = ${batchId} and ${vouchers.state} = 'void'
      and (${vouchers.bucket}, ${vouchers.id}) > (${after.bucket}, ${after.id})
      and (${vouchers.bucket}, ${vouchers.id}) <= (${to.bucket}, ${to.id})`
  const held = sql`(${units.bucket}, ${units.voucherId}) in (
    select ${vouchers.bucket}, ${vouchers.id} ${recalled})`
  await releaseUnits(tx, benefit.definition, held)
  await tx.delete(claims).where(
    and(
      eq(claims.benefitId, benefit.benefitId),
      sql`(${claims.bucket}, ${claims.personId}, ${claims.voucherId}) in (
        select ${vouchers.bucket}, ${vouchers.personId}, ${vouchers.id} ${recalled})`,
    ),
  )
}
