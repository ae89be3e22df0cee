import { toBase64 } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { type JsonObject, member } from '../formats/json.ts'
import type { PublicJwk } from '../formats/jwk.ts'
import type { JwsHeader } from '../formats/jws.ts'
import type { TrustedService, TrustRole } from '../formats/trust-list.ts'
import type { Role, RoleKeys } from '../keys/role-keys.ts'
import type { Store } from '../store/store.ts'
import { checkCertificatePath } from './certificate-path.ts'
import { TrustError } from './error.ts'
import { type KeptTrustList, recentTrustLists } from './trust-lists.ts'

/** What this node knows of others, and of itself. The http context is one. */
export interface TrustGround {
  readonly store: Store
  readonly trustRoots: readonly Uint8Array[]
  readonly roles: RoleKeys
  readonly publicUrl: string
  readonly clock: Clock
}

type Signer = (header: JwsHeader, payload: JsonObject) => Promise<PublicJwk>

/**
 * The `trust` of a credential's policy: from `x5c`, `iss` and `vct` to the issuer's key. Its
 * certificates lead to a pinned root, are for the role `issuer` and name `iss`; the trust list of a
 * pinned root has that key for that node and allows it the type. A node trusts its own keys
 * without a list. Throws TrustError.
 */
export function trustedIssuer(ground: TrustGround): Signer {
  return async ({ x5c }, payload) => {
    const [issuer, type] = ['iss', 'vct'].map((name) => member(payload, name))
    if (typeof issuer !== 'string' || typeof type !== 'string') {
      throw new TrustError('ISSUER_UNLISTED', 'credential does not name issuer and type')
    }
    const { jwk } = pathOf(ground, x5c, 'issuer', issuer)
    await requireListed(ground, { issuer, key: jwk, roles: ['issuer'], type })
    return jwk
  }
}

/**
 * The `trust` of a status list's policy, for credentials of `issuer`: the list is signed with a
 * `status` or `issuer` key of that same entity, and of no other. Throws TrustError
 * STATUS_SIGNER_REFUSED, and what a bad path throws.
 */
export function trustedStatusSigner(ground: TrustGround, issuer: string): Signer {
  return async ({ x5c }) => {
    const { jwk } = statusPathOf(ground, x5c, issuer)
    await requireListed(ground, { issuer, key: jwk, roles: ['status', 'issuer'] })
    return jwk
  }
}

/** True when the trust lists let that node issue that type with that key. */
export async function mayIssue(
  ground: TrustGround,
  issuer: string,
  type: string,
  key: PublicJwk,
): Promise<boolean> {
  try {
    await requireListed(ground, { issuer, key, roles: ['issuer'], type })
    return true
  } catch (error) {
    if (error instanceof TrustError) return false
    throw error
  }
}

function pathOf(
  { trustRoots, clock }: TrustGround,
  x5c: JwsHeader['x5c'],
  role: Role,
  uri: string,
): ReturnType<typeof checkCertificatePath> {
  if (x5c === undefined) throw new TrustError('X5C_MISSING', 'token has no certificates')
  return checkCertificatePath(x5c.map(toBase64), { roots: trustRoots, role, now: clock(), uri })
}

function statusPathOf(ground: TrustGround, x5c: JwsHeader['x5c'], issuer: string) {
  try {
    return firstOf(['status', 'issuer'], (role) => pathOf(ground, x5c, role, issuer))
  } catch (error) {
    if (!(error instanceof TrustError && error.code === 'SAN_MISMATCH')) throw error
    throw new TrustError('STATUS_SIGNER_REFUSED', 'status list is signed by another entity')
  }
}

/** What the first role that the certificate has leads to. */
function firstOf<T>([role, ...others]: readonly [Role, ...Role[]], path: (role: Role) => T): T {
  try {
    return path(role)
  } catch (error) {
    const [next, ...rest] = others
    if (!next || !(error instanceof TrustError && error.code === 'ROLE_REFUSED')) throw error
    return firstOf([next, ...rest], path)
  }
}

interface Wanted {
  readonly issuer: string
  readonly key: PublicJwk
  readonly roles: readonly (Role & TrustRole)[]
  readonly type?: string
}

/** Throws TrustError unless a list in force, or our own keyring, has the key. */
async function requireListed(ground: TrustGround, wanted: Wanted): Promise<void> {
  if (wanted.issuer === ground.publicUrl) return requireOwn(ground, wanted)
  const lists = await recentTrustLists(ground.store.read, ground.trustRoots)
  if (lists.length === 0) throw new TrustError('TRUST_LIST_MISSING', 'there is no trust list')
  const fresh = lists.filter(({ list }) => ground.clock() <= list.nextUpdate)
  if (fresh.length === 0) throw new TrustError('TRUST_LIST_STALE', 'trust list is past its time')
  const services = fresh.flatMap((kept) => servicesOf(kept, wanted, ground.clock()))
  if (services.length === 0) throw new TrustError('ISSUER_UNLISTED', 'trust list has no such key')
  const { type } = wanted
  if (type !== undefined && !services.some(({ types }) => types.includes(type))) {
    throw new TrustError('TYPE_UNLISTED', 'trust list does not let the issuer issue this type')
  }
}

/**
 * What a list grants to that key. One that is missing from the list in force, while the
 * node still has the role, counts by the list before it until that one's `NextUpdate`: keys that
 * were replaced are still on their way. What is withdrawn is withdrawn at once.
 */
function servicesOf(
  { list, previous }: KeptTrustList,
  { issuer, key, roles }: Wanted,
  now: number,
): readonly TrustedService[] {
  const granted = (nodes: KeptTrustList['list']['nodes']) =>
    nodes
      .filter(({ url }) => url === issuer)
      .flatMap(({ services }) => services)
      .filter(({ role, status }) => status === 'granted' && roles.some((each) => each === role))
  const has = ({ keys }: TrustedService) => keys.some((each) => isSame(each, key))
  const current = granted(list.nodes)
  const listed = current.filter(has)
  if (listed.length > 0 || !previous || now > previous.nextUpdate) return listed
  const before = granted(previous.nodes).filter(has)
  return current.filter(({ role }) => before.some((each) => each.role === role))
}

function requireOwn({ roles, publicUrl }: TrustGround, wanted: Wanted): void {
  const own = wanted.roles.flatMap((role) => roles.all(role))
  if (!own.some(({ jwk }) => isSame(jwk, wanted.key))) {
    throw new TrustError('ISSUER_UNLISTED', 'key is none of ours')
  }
  if (wanted.type !== undefined && !wanted.type.startsWith(`${publicUrl}/vct/`)) {
    throw new TrustError('TYPE_UNLISTED', 'type is none of ours')
  }
}

function isSame(a: PublicJwk, b: PublicJwk): boolean {
  return a.x === b.x && a.y === b.y
}
