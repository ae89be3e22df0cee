import { toHex, utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'

/** What is booked of a statement for one programme. */
export type SettlementStep = 'payable' | 'receivable' | 'paid'

/**
 * The id of the entry that books a step of a statement for a programme: of the form of a UUID of
 * version 7, by its time and a digest of what it books. Nothing is booked twice, and whoever has
 * the statement finds its entries.
 */
export function settlementEntryId(
  at: Instant,
  { statementId, step, programmeId }: SettlementKey,
): string {
  const time = at.toString(16).padStart(12, '0')
  const tail = toHex(sha256(utf8(`${statementId} ${step} ${programmeId}`)))
  const parts = [`7${tail.slice(0, 3)}`, `8${tail.slice(3, 6)}`, tail.slice(6, 18)]
  return [time.slice(0, 8), time.slice(8), ...parts].join('-')
}

interface SettlementKey {
  readonly statementId: string
  readonly step: SettlementStep
  readonly programmeId: string
}
