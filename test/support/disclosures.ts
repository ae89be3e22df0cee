import { unwrapMemberKey } from '../../src/identity/member-keys.ts'
import { unseal } from '../../src/keys/seal.ts'
import type { ThisNode } from '../../src/keys/this-node.ts'
import type { Reader } from '../../src/store/store.ts'

/** Entries that open to a member under any key that the database still holds, sorted. */
export async function openingTo(
  reader: Reader,
  node: ThisNode,
  memberId: string,
): Promise<string[]> {
  const { memberKeys, disclosures } = reader.tables
  const rows = await reader.select().from(memberKeys)
  const keys = rows.map((row) => unwrapMemberKey(node, row.wrapped, row.memberId))
  const found: string[] = []
  for (const { entryId, sealedMember, sealedNode } of await reader.select().from(disclosures)) {
    const tries = [...keys.map((one) => [one, sealedMember]), [node.sealing, sealedNode]]
    for (const [one, sealed] of tries) {
      const text = one && sealed ? openedBy(one, sealed, entryId) : ''
      if (text.includes(memberId)) found.push(entryId)
    }
  }
  return found.sort()
}

function openedBy(key: Uint8Array, sealed: Uint8Array, entryId: string): string {
  try {
    const list = JSON.parse(
      new TextDecoder().decode(unseal(key, sealed, `disclosure:${entryId}`)),
    ) as string[]
    return list.map((one) => Buffer.from(one, 'base64url').toString()).join('\n')
  } catch {
    return '' // another's key
  }
}
