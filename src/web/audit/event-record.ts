/** One leaf, as the API gives it. */
export interface EventRecord {
  readonly index: number
  readonly entry_id: string
  readonly kind: string
  readonly at: number
  readonly subject?: string
  readonly leaf: string
  readonly leaf_hash: string
}

/** The fen that a leaf is about, as it says itself. */
export function amountOf({ leaf }: EventRecord): number | undefined {
  return (JSON.parse(leaf) as { amt?: number }).amt
}

/** The postings of a leaf: account and signed fen. */
export function postingsOf({ leaf }: EventRecord): readonly (readonly [string, number])[] {
  return (JSON.parse(leaf) as { p?: [string, number][] }).p ?? []
}
