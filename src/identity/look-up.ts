import { sql } from 'drizzle-orm'

/**
 * A statement with a thousand blanks costs as much to build and to plan as to run: look-ups by many
 * values are prepared once, for so many.
 */
const lookUpSize = 1_000
const names = Array.from({ length: lookUpSize }, (_, i) => `v${i}`)

/** The blanks, in brackets: what stands behind `in`. */
export const blankList = sql`(${sql.join(
  names.map((name) => sql.placeholder(name)),
  sql`, `,
)})`

/** `items` as the values of statements with a `blankList`; the last fills what is left. */
export function* blanks<T>(items: readonly T[]): Generator<Record<string, T>> {
  for (let at = 0; at < items.length; at += lookUpSize) {
    const some = items.slice(at, at + lookUpSize)
    yield Object.fromEntries(names.map((name, i) => [name, some[i] ?? (some.at(-1) as T)]))
  }
}
