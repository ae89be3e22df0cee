import { z } from 'zod'

/** `after` is the `next` of the page before; `limit` is 1 to 200. */
export const pageQuery = z.object({
  after: z.string().max(64).default(''),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

/** A page of `item`s. `next` is absent on the last page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().optional() })
}

/** Cuts what was read with `limit + 1` to a page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  idOf: (row: Row) => string,
  render: (row: Row) => Item,
): { items: Item[]; next?: string } {
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const more = rows.length > limit && last !== undefined
  return { items: page.map(render), ...(more && { next: idOf(last) }) }
}

/** An identifier in a path or body: our own ids and codes. */
export const idText = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)

/** Milliseconds since 1970-01-01T00:00:00Z. */
export const instantSchema = z.int().meta({ description: 'ms since 1970-01-01T00:00:00Z' })

/** Integer fen. */
export const fenSchema = z.int().meta({ description: 'fen' })

/** A P-256 public key (RFC 7517). */
export const jwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().length(43),
  y: z.string().length(43),
})

/** Text that people read: no control characters. */
export function textOf(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}]+$/u)
}
