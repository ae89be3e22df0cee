import { Refusal } from '../base/refusal.ts'

/** A row of a distributed table: its bucket (0 to 4095) and its id (a UUID). */
export interface Reference {
  readonly bucket: number
  readonly id: string
}

/** How a reference is written in addresses and answers: three hexadecimal digits, a dot, the id. */
export function writeReference({ bucket, id }: Reference): string {
  return `${bucket.toString(16).padStart(3, '0')}.${id}`
}

/** Reads a reference. Refusal NOT_FOUND for anything else: there is no such thing. */
export function readReference(text: string): Reference {
  const match = /^([0-9a-f]{3})\.([0-9a-f-]{36})$/.exec(text)
  if (!match?.[1] || !match[2]) throw new Refusal('NOT_FOUND')
  return { bucket: Number.parseInt(match[1], 16), id: match[2] }
}
