import { and, asc, eq, isNull } from 'drizzle-orm'

import type { Reader } from '../store/store.ts'
import type { Cashier, Shift } from './cashiers.ts'
import type { Terminal } from './terminals.ts'

/** Who may open a shift at a store's terminals, by name. */
export async function cashiersOf(
  reader: Reader,
  storeId: string,
): Promise<Pick<Cashier, 'id' | 'name' | 'role' | 'triesLeft'>[]> {
  const { cashiers: c } = reader.tables
  return reader
    .select({ id: c.id, name: c.name, role: c.role, triesLeft: c.triesLeft })
    .from(c)
    .where(and(eq(c.storeId, storeId), isNull(c.revokedAt)))
    .orderBy(asc(c.name), asc(c.id))
}

/** A store's terminals, revoked ones too, in the order of their making. */
export function terminalsOf(reader: Reader, storeId: string): Promise<Terminal[]> {
  const { terminals: t } = reader.tables
  return reader.select().from(t).where(eq(t.storeId, storeId)).orderBy(asc(t.id))
}

/** The shift that is open at a terminal, and whose it is. */
export async function openShiftAt(
  reader: Reader,
  terminalId: string,
): Promise<
  | (Pick<Shift, 'id' | 'openedAt'> & { readonly cashier: string; readonly role: Cashier['role'] })
  | undefined
> {
  const { shifts: s, cashiers: c } = reader.tables
  const [open] = await reader
    .select({ id: s.id, openedAt: s.openedAt, cashier: c.name, role: c.role })
    .from(s)
    .innerJoin(c, eq(c.id, s.cashierId))
    .where(and(eq(s.terminalId, terminalId), isNull(s.closedAt)))
  return open
}
