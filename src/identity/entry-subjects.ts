import { and, eq, inArray } from 'drizzle-orm'

import { parseDisclosure } from '../formats/disclosure.ts'
import { unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader } from '../store/store.ts'
import { unwrapMemberKey } from './member-keys.ts'

interface Logged {
  readonly bucket: number
  readonly entryId: string
}

/** What an entry's leaf commits to, as far as it can still be opened. */
export interface EntrySubject {
  /** The member's id; none where the leaf names none, or they were erased. */
  readonly memberId: string | undefined
  /** Names of what the leaf commits to and the node keeps. */
  readonly committed: readonly string[]
}

/**
 * Whom entries are about, by entry id. An entry knows its member only inside what is sealed under
 * the member's own key; the voucher's row says whose key to try.
 */
export async function subjectsOf(
  reader: Reader,
  node: ThisNode,
  entries: readonly Logged[],
): Promise<ReadonlyMap<string, EntrySubject>> {
  if (entries.length === 0) return new Map()
  const { disclosures: d } = reader.tables
  const sealed = await reader
    .select()
    .from(d)
    .where(
      and(
        inArray(
          d.entryId,
          entries.map(({ entryId }) => entryId),
        ),
        inArray(d.bucket, [...new Set(entries.map(({ bucket }) => bucket))]),
      ),
    )
  const keys = await keysFor(
    reader,
    node,
    sealed.filter(({ sealedMember }) => sealedMember !== null),
  )
  return new Map(
    sealed.map((row) => {
      const key = keys.get(row.entryId)
      const purpose = `disclosure:${row.entryId}`
      const own = key && row.sealedMember ? opened(key, row.sealedMember, purpose) : []
      const committed = [...own, ...opened(node.sealing, row.sealedNode, purpose)]
      const memberId = own.find(({ name }) => name === 'member')?.value
      return [row.entryId, { memberId, committed: committed.map(({ name }) => name) }] as const
    }),
  )
}

/** The data key of the holder of the voucher that each entry is about. */
async function keysFor(
  reader: Reader,
  node: ThisNode,
  entries: readonly Logged[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  if (entries.length === 0) return new Map()
  const { voucherEvents: e, vouchers: v, memberKeys: k } = reader.tables
  const rows = await reader
    .select({ entryId: e.entryId, memberId: k.memberId, wrapped: k.wrapped })
    .from(e)
    .innerJoin(v, and(eq(v.bucket, e.bucket), eq(v.id, e.voucherId)))
    .innerJoin(k, eq(k.memberId, v.memberId))
    .where(
      and(
        inArray(
          e.entryId,
          entries.map(({ entryId }) => entryId),
        ),
        inArray(e.bucket, [...new Set(entries.map(({ bucket }) => bucket))]),
      ),
    )
  return new Map(
    rows.map(({ entryId, memberId, wrapped }) => [
      entryId,
      unwrapMemberKey(node, wrapped, memberId),
    ]),
  )
}

function opened(key: Uint8Array, sealed: Uint8Array, purpose: string) {
  const text = new TextDecoder().decode(unseal(key, sealed, purpose))
  return (JSON.parse(text) as string[]).map(parseDisclosure)
}
