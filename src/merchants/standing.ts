import { and, eq, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { Tables } from '../store/schema/tables.ts'
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
  /** The number of the node whose terminal it is; none for ours. */
  readonly peer?: number
}

/** What decides whether a store is open for anything. */
const placeColumns = ({ stores, merchants }: Pick<Tables, 'stores' | 'merchants'>) => ({
  storeId: stores.id,
  storeState: stores.state,
  category: stores.category,
  region: stores.region,
  merchantId: merchants.id,
  merchantState: merchants.state,
  contractFrom: merchants.contractFrom,
  contractTo: merchants.contractTo,
})

const readStanding = statement<{ terminalId: string }>()((db) => {
  const { terminals, stores, merchants, shifts } = db.tables
  return db
    .select({
      ...placeColumns(db.tables),
      revokedAt: terminals.revokedAt,
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

const readStore = statement<{ storeId: string }>()((db) => {
  const { stores, merchants, terminals, shifts } = db.tables
  return db
    .select({ ...placeColumns(db.tables), printedCode: stores.printedCode, shiftId: shifts.id })
    .from(stores)
    .innerJoin(merchants, eq(merchants.id, stores.merchantId))
    .leftJoin(terminals, and(eq(terminals.storeId, stores.id), isNull(terminals.revokedAt)))
    .leftJoin(shifts, and(eq(shifts.terminalId, terminals.id), isNull(shifts.closedAt)))
    .orderBy(isNull(shifts.id))
    .where(eq(stores.id, sql.placeholder('storeId')))
    .limit(1)
})

const printed = 'store:'

/** What stands where a terminal would when a member scans the code that a store has printed. */
export function printedCodeOf(storeId: string): string {
  return `${printed}${storeId}`
}

/**
 * A store that takes vouchers by its printed code, which it has asked for and the union has agreed
 * to, while somebody is on shift who sees it. Refusals: NOT_FOUND, STORE_INACTIVE,
 * MERCHANT_SUSPENDED, CONTRACT_ENDED, PRINTED_CODE_OFF, COUNTER_CLOSED.
 */
async function standingOfStore(tx: Tx, storeId: string, now: Instant): Promise<Standing> {
  const [row] = await tx.perform(readStore, { storeId })
  if (!row) throw new Refusal('NOT_FOUND', { what: 'store' })
  requireOpenFor(row, now)
  if (row.printedCode !== 'on') throw new Refusal('PRINTED_CODE_OFF')
  if (row.shiftId === null) throw new Refusal('COUNTER_CLOSED')
  const { merchantId, category, region } = row
  const terminalId = printedCodeOf(storeId)
  const nobody = { shiftId: terminalId, cashierId: terminalId }
  return { terminalId, storeId, merchantId, category, region, ...nobody }
}

/**
 * What a terminal may do is asked anew for every act, cheapest first: terminal, shift, store,
 * merchant. A store's printed code stands for a terminal, too. Refusals: TERMINAL_REVOKED,
 * SHIFT_CLOSED, STORE_INACTIVE, MERCHANT_SUSPENDED, CONTRACT_ENDED; of a store also NOT_FOUND,
 * PRINTED_CODE_OFF, COUNTER_CLOSED.
 */
export async function requireStanding(tx: Tx, terminalId: string, now: Instant): Promise<Standing> {
  if (terminalId.startsWith(printed)) {
    return standingOfStore(tx, terminalId.slice(printed.length), now)
  }
  const [row] = await tx.perform(readStanding, { terminalId })
  if (!row || row.revokedAt !== null) throw new Refusal('TERMINAL_REVOKED')
  if (!row.shiftId || !row.cashierId) throw new Refusal('SHIFT_CLOSED')
  requireOpenFor(row, now)
  const { storeId, merchantId, category, region, shiftId, cashierId } = row
  return { terminalId, storeId, merchantId, category, region, shiftId, cashierId }
}

function requireOpenFor(
  row: { storeState: string; merchantState: string; contractFrom: Instant; contractTo: Instant },
  now: Instant,
): void {
  if (row.storeState !== 'active') throw new Refusal('STORE_INACTIVE')
  if (row.merchantState === 'suspended') throw new Refusal('MERCHANT_SUSPENDED')
  if (row.merchantState === 'ended' || now < row.contractFrom || now >= row.contractTo) {
    throw new Refusal('CONTRACT_ENDED')
  }
}
