import { benefitNames } from '../../benefits/benefits.ts'
import { storeNames } from '../../merchants/merchants.ts'
import { linesOf } from '../../merchants/statement-lines.ts'
import type { Reader } from '../../store/store.ts'
import type { NamedLine } from './views.ts'

const page = 500

/** The lines of a statement behind `after`, with what their ids are called. */
export async function namedLines(
  reader: Reader,
  given: { statementId: string; after: number; limit: number },
): Promise<NamedLine[]> {
  const rows = await linesOf(reader, given)
  const ids = (of: 'benefitId' | 'storeId') => [
    ...new Set(rows.flatMap((row) => (row[of] === null ? [] : [row[of]]))),
  ]
  const benefits = await benefitNames(reader, ids('benefitId'))
  const stores = await storeNames(reader, ids('storeId'))
  return rows.map((row) => ({
    ...row,
    benefitName: row.benefitId === null ? undefined : benefits.get(row.benefitId),
    storeName: row.storeId === null ? undefined : stores.get(row.storeId),
  }))
}

/** All of them, a page at a time. */
export async function* allNamedLines(
  reader: Reader,
  statementId: string,
): AsyncGenerator<NamedLine[]> {
  for (let after = 0; ; ) {
    const rows = await namedLines(reader, { statementId, after, limit: page })
    if (rows.length > 0) yield rows
    if (rows.length < page) return
    after = rows.at(-1)?.line ?? after
  }
}
