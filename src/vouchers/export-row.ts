/** A row as its person may read it: what is nobody's secret, and theirs in the clear. */
export type PlainRow = Readonly<Record<string, string | number | boolean>>

/** The most rows that one subject has in an export. */
export const mostRows = 5000

/** Columns that name who of the staff it was. */
const staff =
  /^(created|approved|decided|asked|released|received|refused|requested|registered)By(Person)?$/

/** Rows as their person may read them. */
export function plainRows(rows: readonly object[]): PlainRow[] {
  return rows.map((row) => plainRow(row))
}

/**
 * A row as its person may read it, under the names of the columns. Octets, empty fields and who of
 * the staff it was are left out; an array becomes a text with commas.
 */
export function plainRow(row: object): PlainRow {
  const told: [string, string | number | boolean][] = []
  for (const [name, value] of Object.entries(row)) {
    if (staff.test(name)) continue
    const shown = Array.isArray(value) ? value.join(', ') : value
    const simple =
      typeof shown === 'string' || typeof shown === 'number' || typeof shown === 'boolean'
    if (simple) told.push([name.replace(/[A-Z]/g, (one) => `_${one.toLowerCase()}`), shown])
  }
  return Object.fromEntries(told)
}
