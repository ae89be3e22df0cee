import { and, desc, eq } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import { isWithin } from '../identity/organisation-rules.ts'
import type { Reader } from '../store/store.ts'
import type { Credential } from './revoke.ts'

const most = 500

/** The copies that a member was issued, the latest first; the last five hundred. */
export function credentialsOf(reader: Reader, memberId: string): Promise<Credential[]> {
  const { credentials: c } = reader.tables
  return reader
    .select()
    .from(c)
    .where(eq(c.memberId, memberId))
    .orderBy(desc(c.issuedAt), desc(c.id))
    .limit(most)
}

/** One copy by its id. */
export async function credentialById(reader: Reader, id: string): Promise<Credential | undefined> {
  const { credentials: c } = reader.tables
  const [row] = await reader.select().from(c).where(eq(c.id, id))
  return row
}

/** The copy that has a status, as a verifier or a merchant may report it. */
export async function credentialAt(
  reader: Reader,
  { list, index }: { readonly list: number; readonly index: number },
): Promise<Credential | undefined> {
  const { credentials: c } = reader.tables
  const [row] = await reader
    .select()
    .from(c)
    .where(and(eq(c.statusList, list), eq(c.statusIndex, index)))
  return row
}

/**
 * The member's bucket. Refusal NOT_FOUND unless the member is at or below one of the
 * organisations: what is out of sight is not there.
 */
export async function requireMemberInSight(
  reader: Reader,
  memberId: string,
  orgPaths: readonly string[],
): Promise<{ readonly bucket: number }> {
  const { members: m, organisations: o } = reader.tables
  const [row] = await reader
    .select({ path: o.path, bucket: m.bucket })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .where(eq(m.id, memberId))
  const seen = row !== undefined && orgPaths.some((within) => isWithin(row.path, within))
  if (!seen) throw new Refusal('NOT_FOUND', { what: 'member' })
  return { bucket: row.bucket }
}
