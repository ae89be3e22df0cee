import { fromBase64 } from '../base/bytes.ts'
import { type Clock, day } from '../base/clock.ts'
import { membershipType } from '../credentials/membership-claims.ts'
import { FormatError } from '../formats/error.ts'
import type { TrustList } from '../formats/trust-list.ts'
import type { Authority } from '../keys/certificates.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Logs } from '../ledger/logs.ts'
import type { Store } from '../store/store.ts'
import { readCertificateFacts } from '../trust/certificate-facts.ts'
import {
  entryOf,
  nextTrustList,
  type Publication,
  signTrustList,
  type TrustEntry,
} from '../trust/publish-list.ts'
import { keptTrustLists } from '../trust/trust-lists.ts'
import { takeTrustList } from './trust-refresh.ts'

/** How long a list is good that nobody has said it of. */
export const ownListDays = 30

/** Log keys that an entry of the list has room for: those of the latest years. */
const maxKeys = 16

/** The node whose list it is. */
interface Own {
  readonly store: Store
  readonly node: ThisNode
  readonly roles: RoleKeys
  readonly logs: Pick<Logs, 'vkeys'>
}

/** What a node says of itself to the keeper of a root. An Error without an issuer's certificate. */
export function ownEntry({ node, roles, logs }: Omit<Own, 'store'>): TrustEntry {
  const [leaf = ''] = roles.current('issuer').x5c
  const [url] = readCertificateFacts(fromBase64(leaf) ?? new Uint8Array(0)).uris
  if (url === undefined) throw new Error('the certificate of the issuer names no address')
  const types = [membershipType(url)]
  return entryOf(roles, { ...node, url }, { vkeys: logs.vkeys.slice(-maxKeys), types })
}

/** A node that is its own root signs the next list, with itself on it, and keeps it. */
export async function publishOwnList(
  own: Own,
  authority: Authority,
  change: Pick<Publication, 'entries' | 'withdrawn' | 'days' | 'now'>,
): Promise<TrustList> {
  const { store, node } = own
  const roots = [authority.certificate]
  const [kept] = await keptTrustLists(store.read, roots)
  const itself = ownEntry(own)
  const entries = [itself, ...change.entries.filter(({ url }) => url !== itself.url)]
  const given = { ...change, entries, operator: node.nameZh, previous: kept?.list }
  const list = nextTrustList(authority, given)
  await takeTrustList(store, { token: await signTrustList(authority, list), roots }, change.now)
  return list
}

/**
 * Signs the list of a node that is its own root again once half its time is over, for as long
 * again, and at once when a key of its logs is not on it (a new year's). Answers whether it did. A
 * node whose root is another's, or that has never published, is left alone; of several instances
 * one is first, and the others are content.
 */
export async function renewOwnList(
  given: Own & {
    readonly clock: Clock
    readonly trustRoots: readonly Uint8Array[]
    /** The root that the node has itself; looked for only when a list is due. */
    readonly ownRoot: () => Promise<Authority | undefined>
  },
): Promise<boolean> {
  const { store, trustRoots, clock } = given
  const now = clock()
  const due = (list: TrustList) =>
    now >= list.issued + (list.nextUpdate - list.issued) / 2 || lacksKeys(list, given.logs.vkeys)
  const kept = await keptTrustLists(store.read, trustRoots)
  if (!kept.some(({ list }) => due(list))) return false
  const authority = await given.ownRoot()
  if (!authority) return false
  const [ours] = await keptTrustLists(store.read, [authority.certificate])
  if (!ours || !due(ours.list)) return false
  const days = Math.max(1, Math.round((ours.list.nextUpdate - ours.list.issued) / day))
  const change = { entries: [], withdrawn: [], days, now }
  try {
    await publishOwnList(given, authority, change)
    return true
  } catch (error) {
    const late = ['TRUST_LIST_FORKED', 'TRUST_LIST_ROLLBACK']
    if (error instanceof FormatError && late.includes(error.code)) return false
    throw error
  }
}

/** Whether a list that names some of our logs' keys lacks the latest. */
function lacksKeys({ nodes }: TrustList, vkeys: readonly string[]): boolean {
  const lists = nodes.map((node) => node.services.flatMap((service) => service.vkeys))
  const ours = lists.find((listed) => vkeys.some((vkey) => listed.includes(vkey)))
  return ours !== undefined && vkeys.slice(-maxKeys).some((vkey) => !ours.includes(vkey))
}
