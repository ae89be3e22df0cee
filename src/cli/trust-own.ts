import { fromBase64 } from '../base/bytes.ts'
import { type Deployment, openDeployment } from '../compose.ts'
import type { Config } from '../config.ts'
import { membershipType } from '../credentials/membership-claims.ts'
import type { TrustList } from '../formats/trust-list.ts'
import { takeTrustList } from '../jobs/trust-refresh.ts'
import { keyFolderOf } from '../keys/keyring.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import { ownRoot } from '../keys/root.ts'
import { readCertificateFacts } from '../trust/certificate-facts.ts'
import {
  entryOf,
  nextTrustList,
  type Publication,
  signTrustList,
  type TrustEntry,
} from '../trust/publish-list.ts'
import { keptTrustLists } from '../trust/trust-lists.ts'

/** What a node says of itself to the keeper of a root. */
export function ownEntry({ node, roles, log }: Deployment): TrustEntry {
  const [leaf = ''] = roles.current('issuer').x5c
  const [url] = readCertificateFacts(fromBase64(leaf) ?? new Uint8Array(0)).uris
  if (url === undefined) throw new Error('the certificate of the issuer names no address')
  const types = [membershipType(url)]
  return entryOf(roles, { ...node, url }, { vkeys: [log.vkey], types })
}

/** A node that is its own root signs the next list, with itself on it, and keeps it. */
export async function publishOwn(
  data: string,
  config: Config,
  change: Pick<Publication, 'entries' | 'withdrawn' | 'days' | 'now'>,
): Promise<TrustList> {
  const authority = ownRoot(keyFolderOf(data, passphraseOf(config)))
  if (!authority) throw new Error('the node is not its own root: publish with --root, offline')
  const deployment = await openDeployment({ data, config })
  try {
    const { store, node } = deployment
    const roots = [authority.certificate]
    const [kept] = await keptTrustLists(store.read, roots)
    const own = ownEntry(deployment)
    const entries = [own, ...change.entries.filter(({ url }) => url !== own.url)]
    const given = { ...change, entries, operator: node.nameZh, previous: kept?.list }
    const list = nextTrustList(authority, given)
    await takeTrustList(store, { token: await signTrustList(authority, list), roots }, change.now)
    return list
  } finally {
    await deployment.close()
  }
}
