import type { SQL } from 'drizzle-orm'
import { gt } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'

/** A page of a list in the order of ids. */
export interface Page {
  /** The last id of the page before. */
  readonly after?: string | undefined
  /** Rows at the most. */
  readonly limit: number
}

/** The condition that begins a page; nothing for the first. */
export function behind(column: PgColumn, page: Page): SQL | undefined {
  return page.after === undefined ? undefined : gt(column, page.after)
}
