import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Instant } from '../../src/base/clock.ts'
import type { TrustList } from '../../src/formats/trust-list.ts'
import { type Authority, makeRoleKeys } from '../../src/keys/certificates.ts'
import { createKeyring, type Keyring } from '../../src/keys/keyring.ts'
import type { RoleKeys } from '../../src/keys/role-keys.ts'
import { entryOf, nextTrustList, type TrustEntry } from '../../src/trust/publish-list.ts'

/** The keys of another node, certified by `root`. */
export async function newNode(root: Authority, url: string, now: Instant): Promise<Keyring> {
  const data = mkdtempSync(join(tmpdir(), 'symbolon-node-'))
  const roleKeys = await makeRoleKeys(root, { name: 'gs', url, now })
  return createKeyring(data, 'log.test/2026', { roleKeys, root: root.certificate })
}

/** What that node would say of itself. */
export function entry(keys: RoleKeys, url: string, number: number): TrustEntry {
  const types = [`${url}/vct/union-membership/1`]
  return entryOf(keys, { url, number, nameZh: '甘肃省总工会' }, { vkeys: [], types })
}

/** The next list with these entries, good for 30 days. */
export function nextList(
  root: Authority,
  entries: readonly TrustEntry[],
  given: { readonly previous?: TrustList; readonly now: Instant; readonly withdrawn?: string[] },
): TrustList {
  const { previous, now, withdrawn = [] } = given
  return nextTrustList(root, {
    ...{ operator: '全国总工会', previous, entries, withdrawn, days: 30, now },
  })
}
