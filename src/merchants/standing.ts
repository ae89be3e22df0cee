import { and, eq, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { statement, type Tx } from '../store/store.ts'

/** A terminal that may act: where it stands, and who is at it. */
export interface Standing {
  readonly terminalId: string
  readonly storeId: string
  readonly merchantId: string
  readonly category: string
  readonly region: number
  readonly shiftId: string
  readonly cashierId: string
}

const readStanding = statement<{ terminalId: string }>()((db) => {
  const { terminals, stores, merchants, shifts } = db.tables
  return db
    .select({
      revokedAt: terminals.revokedAt,
      storeId: stores.id,
      storeState: stores.state,
      category: stores.category,
      region: stores.region,
      merchantId: merchants.id,
      merchantState: merchants.state,
      contractFrom: merchants.contractFrom,
      contractTo: merchants.contractTo,
      shiftId: shifts.id,
      cashierId: shifts.cashierId,
    })
    .from(terminals)
    .innerJoin(stores, eq(stores.id, terminals.storeId))
    .innerJoin(merchants, eq(merchants.id, stores.merchantId))
    .leftJoin(shifts, and(eq(shifts.terminalId, terminals.id), isNull(shifts.closedAt)))
    .where(eq(terminals.id, sql.placeholder('terminalId')))
    .limit(1)
})

/**
 * What a terminal may do is asked anew for every act, cheapest first: terminal, shift, store,
 * merchant. Refusals: TERMINAL_REVOKED, SHIFT_CLOSED, STORE_INACTIVE, MERCHANT_SUSPENDED,
 * CONTRACT_ENDED.
 */
export async function requireStanding(tx: Tx, terminalId: string, now: Instant): Promise<Standing> {
  const [row] = await tx.perform(readStanding, { terminalId })
  if (!row || row.revokedAt !== null) throw new Refusal('TERMINAL_REVOKED')
  if (!row.shiftId || !row.cashierId) throw new Refusal('SHIFT_CLOSED')
  if (row.storeState !== 'active') throw new Refusal('STORE_INACTIVE')
  if (row.merchantState === 'suspended') throw new Refusal('MERCHANT_SUSPENDED')
  if (row.merchantState === 'ended' || now < row.contractFrom || now >= row.contractTo) {
    throw new Refusal('CONTRACT_ENDED')
  }
  const { storeId, merchantId, category, region, shiftId, cashierId } = row
  return { terminalId, storeId, merchantId, category, region, shiftId, cashierId }
}
