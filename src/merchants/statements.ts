import { and, asc, desc, eq, getTableColumns, gt, gte, lt, or } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import { subtreeRange } from '../identity/organisation-rules.ts'
import type { statementStates } from '../store/schema/statements.ts'
import type { Reader, Tx } from '../store/store.ts'

export type Statement = Tx['tables']['statements']['$inferSelect']
export type StatementState = (typeof statementStates)[number]

/** A month that is over, in the union's time zone. */
export interface StatedMonth {
  /** `YYYY-MM`. */
  readonly name: string
  /** The first instant after it, milliseconds since 1970. */
  readonly to: number
}

/** A statement by its id. Refusal NOT_FOUND. */
export async function requireStatement(reader: Reader, id: string): Promise<Statement> {
  const { statements } = reader.tables
  const [row] = await reader.select().from(statements).where(eq(statements.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'statement' })
  return row
}

/** The statements of a merchant before `before` (a month; empty for all), latest month first. */
export function statementsOf(
  reader: Reader,
  given: { merchantId: string; before: string; limit: number },
): Promise<Statement[]> {
  const { statements: s } = reader.tables
  return reader
    .select()
    .from(s)
    .where(
      and(
        eq(s.merchantId, given.merchantId),
        given.before === '' ? undefined : lt(s.month, given.before),
      ),
    )
    .orderBy(desc(s.month))
    .limit(given.limit)
}

/** Statements of merchants of organisations at or below one of `orgPaths`, by id. */
export function listStatements(
  reader: Reader,
  given: {
    orgPaths: readonly string[]
    state: StatementState | undefined
    month: string | undefined
    after: string
    limit: number
  },
): Promise<(Statement & { merchantName: string })[]> {
  const { statements: s, merchants: m, organisations: o } = reader.tables
  const below = given.orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return and(gte(o.path, from), lt(o.path, to))
  })
  return reader
    .select({ ...getTableColumns(s), merchantName: m.name })
    .from(s)
    .innerJoin(m, eq(m.id, s.merchantId))
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(
      and(
        gt(s.id, given.after),
        given.state && eq(s.state, given.state),
        given.month === undefined ? undefined : eq(s.month, given.month),
        or(...below),
      ),
    )
    .orderBy(asc(s.id))
    .limit(given.limit)
}

/** The refusal of what a statement's state does not allow. */
export function stateRefusal({ state }: Pick<Statement, 'state'>): Refusal {
  return new Refusal('STATEMENT_STATE', { state })
}
