import type { Instant } from '../base/clock.ts'
import type { Store } from '../store/store.ts'
import { fetchTrustList } from '../trust/fetch-list.ts'
import {
  forgetTrustLists,
  keepTrustList,
  keptTrustLists,
  verifyAgainstRoots,
} from '../trust/trust-lists.ts'

/** Where a node gets its trust list, and who may sign it (DER). */
export interface TrustSource {
  readonly url: string
  readonly roots: readonly Uint8Array[]
}

/** Fetches the trust list and keeps it. Answers whether it is new; throws as `takeTrustList`. */
export async function refreshTrustList(
  store: Store,
  { url, roots }: TrustSource,
  now: Instant,
): Promise<boolean> {
  return takeTrustList(store, { token: await fetchTrustList(url), roots }, now)
}

/**
 * Verifies a list, outside of any transaction, and keeps it. Answers whether it is new. Throws
 * FormatError TRUST_LIST_* and JWS_*, TrustError ROOT_UNTRUSTED; what was in force stays.
 */
export async function takeTrustList(
  store: Store,
  { token, roots }: { readonly token: string; readonly roots: readonly Uint8Array[] },
  now: Instant,
): Promise<boolean> {
  const kept = await keptTrustLists(store.read, roots)
  const verified = await verifyAgainstRoots(token, { roots, kept, now })
  const fresh = await store.transaction((tx) => keepTrustList(tx, verified, now))
  forgetTrustLists(store.read)
  return fresh
}
