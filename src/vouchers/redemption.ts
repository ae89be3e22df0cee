import { and, eq } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { Reader } from '../store/store.ts'
import type { Redemption } from './redeem.ts'

/** A redemption by its bucket and id. Refusal NOT_FOUND. */
export async function requireRedemption(
  reader: Reader,
  { bucket, id }: { bucket: number; id: string },
): Promise<Redemption> {
  const { redemptions } = reader.tables
  const [made] = await reader
    .select()
    .from(redemptions)
    .where(and(eq(redemptions.bucket, bucket), eq(redemptions.id, id)))
  if (!made) throw new Refusal('NOT_FOUND', { what: 'redemption' })
  return made
}
