import { eq } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { Reader } from '../store/store.ts'

/** Staff or a client that was authenticated, with the person behind it. */
export interface Actor {
  readonly principalId: string
  readonly personId: string
  /** Paths of the organisations in whose subtrees it may do this. */
  readonly orgPaths: readonly string[]
}

/** The path of an organisation. Refusal NOT_FOUND when there is none. */
export async function orgPathOf(reader: Reader, orgCode: string): Promise<string> {
  const { organisations } = reader.tables
  const [row] = await reader
    .select({ path: organisations.path })
    .from(organisations)
    .where(eq(organisations.code, orgCode))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'organisation' })
  return row.path
}

/** The path of an organisation that `orgPaths` reach down to. Refusals NOT_FOUND, OUT_OF_SCOPE. */
export async function requireScope(
  reader: Reader,
  orgPaths: readonly string[],
  orgCode: string,
): Promise<string> {
  const path = await orgPathOf(reader, orgCode)
  if (!orgPaths.some((one) => path.startsWith(one))) throw new Refusal('OUT_OF_SCOPE')
  return path
}

/**
 * The same for what belongs to an organisation and is asked for by its id: from outside, there is
 * no such thing. Refusal NOT_FOUND, in the words for an unknown id.
 */
export async function requireSight(
  reader: Reader,
  orgPaths: readonly string[],
  { orgCode, what }: { readonly orgCode: string; readonly what?: string },
): Promise<string> {
  const path = await orgPathOf(reader, orgCode)
  if (orgPaths.some((one) => path.startsWith(one))) return path
  throw new Refusal('NOT_FOUND', what === undefined ? {} : { what })
}
