import { z } from 'zod'

import { fromBase64 } from '../base/bytes.ts'
import { day, type Instant, second } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { thumbprintText } from '../formats/jwk.ts'
import { signJws } from '../formats/jws.ts'
import {
  makeTrustListPayload,
  type TrustedNode,
  type TrustedService,
  type TrustList,
  trustListType,
} from '../formats/trust-list.ts'
import type { Authority } from '../keys/certificates.ts'
import { jwkOf } from '../keys/es256.ts'
import { type RoleKeys, roles } from '../keys/role-keys.ts'
import { signWith } from '../keys/sign-jws.ts'
import { checkCertificatePath, readCertificateKey } from './certificate-path.ts'

/** What a node tells the keeper of a root, so that it can be listed. Not signed: looked at. */
export const trustEntry = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  number: z.int().min(0).max(65_535),
  names: z.array(z.strictObject({ lang: z.string(), value: z.string() })).min(1),
  /** By role: certificates in base64 DER, the current one first. */
  certificates: z.partialRecord(z.enum(roles), z.array(z.string()).min(1).max(8)),
  vkeys: z.array(z.string()).max(16),
  types: z.array(z.string()).max(16),
})
export type TrustEntry = z.infer<typeof trustEntry>

/** What the next list is made of. */
export interface Publication {
  readonly operator: string
  /** The list before this one; `undefined` for the first. */
  readonly previous: TrustList | undefined
  /** New and changed nodes; those that are not here stay as they were. */
  readonly entries: readonly TrustEntry[]
  /** Addresses of nodes that lose every role. */
  readonly withdrawn: readonly string[]
  readonly days: number
  readonly now: Instant
}

/** What the node says of itself. */
export function entryOf(
  keys: RoleKeys,
  node: { readonly url: string; readonly number: number; readonly nameZh: string },
  { vkeys, types }: { readonly vkeys: readonly string[]; readonly types: readonly string[] },
): TrustEntry {
  const certificates: TrustEntry['certificates'] = {}
  for (const role of roles) {
    const leaves = keys.all(role).flatMap(({ x5c: [leaf] }) => leaf ?? [])
    if (leaves.length > 0) certificates[role] = leaves.slice(0, 8)
  }
  const { url, number, nameZh } = node
  const names = [{ lang: 'zh-CN', value: nameZh }]
  return { url, number, names, certificates, vkeys: [...vkeys], types: [...types] }
}

/**
 * The next list: one number more, good for `days`. Every certificate of an entry must lead to this
 * root, for its role and address: TrustError otherwise, and an Error for a node to withdraw that
 * nobody knows.
 */
export function nextTrustList(authority: Authority, given: Publication): TrustList {
  const { previous, entries, withdrawn, days, now } = given
  const issued = Math.floor(now / second) * second
  const before = previous?.nodes ?? []
  const changed = entries.map((entry) => {
    return nodeOf(
      authority,
      entry,
      before.find(({ url }) => url === entry.url),
      issued,
    )
  })
  const others = before.filter(({ url }) => !entries.some((entry) => entry.url === url))
  const nodes = [...others, ...changed]
  const unknown = withdrawn.find((url) => !nodes.some((node) => node.url === url))
  if (unknown !== undefined) throw new Error(`${unknown} is not on the list`)
  return {
    sequence: (previous?.sequence ?? 0) + 1,
    issued,
    nextUpdate: issued + days * day,
    operator: [{ lang: 'zh-CN', value: given.operator }],
    nodes: nodes.map((node) => (withdrawn.includes(node.url) ? withdraw(node, issued) : node)),
  }
}

/** Signs a list with the root; its `kid` is the thumbprint of the root's key. */
export function signTrustList(authority: Authority, list: TrustList): Promise<string> {
  const kid = thumbprintText(sha256, jwkOf(readCertificateKey(authority.certificate)))
  const header = { typ: trustListType, kid }
  return signJws(signWith(authority.key), header, makeTrustListPayload(list))
}

function nodeOf(
  authority: Authority,
  entry: TrustEntry,
  before: TrustedNode | undefined,
  issued: Instant,
): TrustedNode {
  const { url, number, names } = entry
  const services = roles.flatMap((role): TrustedService[] => {
    const x5c = entry.certificates[role] ?? []
    const vkeys = role === 'log' ? entry.vkeys : []
    if (x5c.length === 0 && vkeys.length === 0) return []
    const certificates = x5c.map((text) => {
      const policy = { roots: [authority.certificate], role, now: issued, uri: url }
      checkCertificatePath([text], policy)
      return fromBase64(text) ?? new Uint8Array(0)
    })
    const keys = certificates.map((der) => jwkOf(readCertificateKey(der)))
    const known = before?.services.find((each) => each.role === role)
    const since = known?.status === 'granted' ? known.since : issued
    const types = role === 'issuer' ? entry.types : []
    return [{ role, certificates, keys, vkeys, types, status: 'granted', since }]
  })
  return { url, number, names, services }
}

function withdraw(node: TrustedNode, issued: Instant): TrustedNode {
  const services = node.services.map((service): TrustedService => {
    if (service.status === 'withdrawn') return service
    return { ...service, status: 'withdrawn', since: issued }
  })
  return { ...node, services }
}
