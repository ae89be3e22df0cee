import { takeTrustList } from '../../src/jobs/trust-refresh.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { ownRoot } from '../../src/keys/root.ts'
import { entryOf, nextTrustList, signTrustList } from '../../src/trust/publish-list.ts'
import type { TestServer } from './server.ts'

/** Signs a trust list with the test's root that names this server alone, and puts it in force. */
export async function publishOwnList(server: TestServer): Promise<string> {
  const { data, keyring, node, logKey } = server.deployment
  const authority = ownRoot(keyFolderOf(data))
  if (!authority) throw new TypeError('the test’s node is not its own root')
  const given = { vkeys: [logKey.vkey], types: [`${server.url}/vct/union-membership/1`] }
  const entries = [entryOf(keyring.roles, { ...node, url: server.url }, given)]
  const list = nextTrustList(authority, {
    ...{ operator: '全国总工会', previous: undefined, entries, withdrawn: [] },
    ...{ days: 30, now: server.now },
  })
  const token = await signTrustList(authority, list)
  await takeTrustList(server.store, { token, roots: keyring.trustRoots }, server.now)
  return token
}
