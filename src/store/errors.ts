import { DrizzleQueryError } from 'drizzle-orm/errors'

/** The engines' words for "that row is already there". */
const duplicateCodes = new Set([
  '23505',
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
])

/** True when `error`, or anything that caused it, is a broken unique constraint. */
export function isDuplicate(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && duplicateCodes.has(String(e.code))) return true
  }
  return false
}

/** A failed query, told without the values that were in it: they may be personal data. */
export class QueryError extends Error {
  readonly code: string
  constructor(query: string, cause: unknown) {
    const { code, words } = publicPart(cause)
    super(query === '' ? `query failed: ${words}` : `query failed: ${words}: ${query}`)
    this.name = 'QueryError'
    this.code = code
  }
}

/**
 * `error` as it may be logged. Drizzle writes a failed query's parameters into its message, and
 * PostgreSQL quotes values in its own, in `detail` and in `where`: none of it must reach a log.
 * `query` is the statement of an engine's own error, which does not say.
 */
export function withoutValues(error: unknown, query = ''): unknown {
  if (error instanceof DrizzleQueryError) return new QueryError(error.query, error.cause)
  return isEngines(error) ? new QueryError(query, error) : error
}

/** An error as a driver throws it: SQLite's by its codes, PostgreSQL's by its severity. */
function isEngines(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || error instanceof QueryError) return false
  return 'severity' in error || String(error.code).startsWith('SQLITE')
}

/** The code of an error, or of what caused it: the engine's, or the network's. */
export function codeOf(error: unknown): string {
  for (let e = error; e instanceof Error; e = e.cause) if ('code' in e) return String(e.code)
  return ''
}

/** True when the server went away under a query, or ended its session: it may be asked again. */
export function connectionLost(error: unknown): boolean {
  if (/^(08|57P)|^(ECONN|EPIPE|ETIMEDOUT)/.test(codeOf(error))) return true
  for (let e = error; e instanceof Error; e = e.cause) {
    if (/Connection terminated|not queryable/.test(e.message)) return true
  }
  return false
}

function publicPart(cause: unknown): { code: string; words: string } {
  if (!(cause instanceof Error)) return { code: '', words: 'unknown cause' }
  const code = 'code' in cause ? String(cause.code) : ''
  if (code === '') return { code, words: cause.message } // our own guards
  // SQLite names columns, never values; PostgreSQL's triggers of ours use this one code.
  if (code.startsWith('SQLITE') || code === '23000') return { code, words: cause.message }
  const constraint = 'constraint' in cause ? String(cause.constraint) : ''
  return { code, words: `${code} ${constraint}`.trim() }
}
