import { sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { statement, type Tx } from '../store/store.ts'

const add = statement<
  Record<'bucket' | 'voucher' | 'version' | 'kind' | 'actor' | 'at' | 'entry', unknown>
>()((db) =>
  db.insert(db.tables.voucherEvents).values({
    bucket: sql.placeholder('bucket'),
    voucherId: sql.placeholder('voucher'),
    version: sql.placeholder('version'),
    kind: sql.placeholder('kind'),
    actor: sql.placeholder('actor'),
    at: sql.placeholder('at'),
    entryId: sql.placeholder('entry'),
  }),
)

/**
 * Records one change of one voucher. `version` is the voucher's after the change and part of the
 * key, so a change has exactly one event. `actor` is a kind and an id, never a name.
 */
export async function recordEvent(
  tx: Tx,
  event: {
    readonly voucher: { readonly bucket: number; readonly id: string; readonly version: number }
    readonly kind: string
    readonly actor: string
    readonly entryId: string
    readonly at: Instant
  },
): Promise<void> {
  const { voucher, kind, actor, entryId, at } = event
  const { bucket, id, version } = voucher
  await tx.perform(add, { bucket, voucher: id, version, kind, actor, at, entry: entryId })
}
