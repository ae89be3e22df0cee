import { and, eq, inArray } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { printedCodeStates } from '../store/schema/merchants.ts'
import type { Tx } from '../store/store.ts'

export type PrintedCode = (typeof printedCodeStates)[number]

/** A store's manager asks that its printed code be good for anything, or gives that up. */
export async function askPrintedCode(
  tx: Tx,
  storeId: string,
  wanted: boolean,
): Promise<PrintedCode> {
  const { stores: s } = tx.tables
  if (!wanted) {
    await tx.update(s).set({ printedCode: 'off' }).where(eq(s.id, storeId))
    return 'off'
  }
  const asked = await tx
    .update(s)
    .set({ printedCode: 'asked' })
    .where(and(eq(s.id, storeId), inArray(s.printedCode, ['off', 'asked'])))
    .returning({ id: s.id })
  return asked.length > 0 ? 'asked' : 'on'
}

/**
 * The union agrees to what the store has asked for, or ends it. Refusal PRINTED_CODE_OFF where the
 * store has not asked.
 */
export async function agreePrintedCode(
  tx: Tx,
  storeId: string,
  agreed: boolean,
): Promise<PrintedCode> {
  const { stores: s } = tx.tables
  const printedCode = agreed ? 'on' : 'off'
  const before: PrintedCode[] = agreed ? ['asked', 'on'] : ['off', 'asked', 'on']
  const changed = await tx
    .update(s)
    .set({ printedCode })
    .where(and(eq(s.id, storeId), inArray(s.printedCode, before)))
    .returning({ id: s.id })
  if (changed.length === 0) throw new Refusal('PRINTED_CODE_OFF')
  return printedCode
}
