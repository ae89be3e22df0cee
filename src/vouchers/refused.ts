import { sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { RefusalCode } from '../base/refusal-codes.ts'
import { statement, type Tx } from '../store/store.ts'

const add = statement<Record<'id' | 'terminal' | 'store' | 'voucher' | 'code' | 'at', unknown>>()(
  (db) =>
    db.insert(db.tables.refusedRedemptions).values({
      id: sql.placeholder('id'),
      terminalId: sql.placeholder('terminal'),
      storeId: sql.placeholder('store'),
      voucherId: sql.placeholder('voucher'),
      code: sql.placeholder('code'),
      at: sql.placeholder('at'),
    }),
)

/** Puts a refused redemption on record: who was told no, where, and why. */
export async function recordRefused(
  tx: Tx,
  given: {
    readonly id: string
    readonly terminalId: string
    readonly storeId: string
    readonly voucherId: string | undefined
    readonly code: RefusalCode
    readonly now: Instant
  },
): Promise<void> {
  const { id, terminalId: terminal, storeId: store, voucherId, code, now: at } = given
  await tx.perform(add, { id, terminal, store, voucher: voucherId ?? null, code, at })
}
