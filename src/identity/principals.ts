import { and, eq, inArray, isNotNull, isNull } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { newId, newRandomId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { type PublicJwk, spkiOf } from '../keys/es256.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type Principal, type Role, roleNames } from './roles.ts'

export interface RoleOn {
  readonly role: Role
  readonly orgCode: string
}

/**
 * Registers somebody of the union's staff. A new person, unless `personId` names a known one.
 * `registeredBy` is the principal that asks; none at the machine itself.
 */
export async function createStaff(
  tx: Tx,
  given: {
    name: string
    personId?: string
    grants: readonly RoleOn[]
    registeredBy?: string
    now: Instant
  },
): Promise<{ id: string; personId: string }> {
  const { principals, persons } = tx.tables
  const personId = given.personId ?? newRandomId()
  if (!given.personId) await tx.insert(persons).values({ id: personId, createdAt: given.now })
  const id = newId(given.now)
  await tx.insert(principals).values({
    id,
    kind: 'staff',
    personId,
    name: given.name,
    createdAt: given.now,
    registeredBy: given.registeredBy ?? null,
  })
  await grant(tx, id, given.grants)
  return { id, personId }
}

type NewClient = {
  /** The staff member whose doing the client's doing is. */
  readonly ownerId: string
  readonly name: string
  readonly grants: readonly RoleOn[]
  /** The principal that asks; none at the machine itself. */
  readonly registeredBy?: string
  readonly now: Instant
  readonly random?: Random
} & ({ readonly jwk: PublicJwk } | { readonly jwk?: undefined })

/**
 * Registers a program. With `jwk` it proves itself by `private_key_jwt` and may approve; without,
 * by `client_secret_basic`, and the secret is answered once. Refusals: NOT_FOUND (owner),
 * VALIDATION_FAILED (not a P-256 key).
 */
export async function createClient(
  tx: Tx,
  node: ThisNode,
  { ownerId, name, grants, registeredBy, now, jwk, random = systemRandom }: NewClient,
): Promise<{ id: string; secret?: string }> {
  const { principals } = tx.tables
  const [owner] = await tx
    .select()
    .from(principals)
    .where(and(eq(principals.id, ownerId), eq(principals.kind, 'staff')))
  if (!owner) throw new Refusal('NOT_FOUND')
  if (jwk && !spkiOf(jwk)) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['jwk: not a P-256 public key'] })
  }
  const id = newId(now)
  const secret = jwk ? undefined : toBase64url(random(32))
  await tx.insert(principals).values({
    id,
    kind: 'client',
    personId: owner.personId,
    name,
    method: jwk ? 'private_key_jwt' : 'client_secret_basic',
    jwk: jwk ?? null,
    secretHash: secret ? secretHash(node, secret) : null,
    createdAt: now,
    registeredBy: registeredBy ?? null,
  })
  await grant(tx, id, grants)
  return { id, ...(secret && { secret }) }
}

/** A principal with its grants. `undefined` when unknown or revoked. */
export async function readPrincipal(reader: Reader, id: string): Promise<Principal | undefined> {
  const { principals, grants, organisations } = reader.tables
  const rows = await reader
    .select({
      kind: principals.kind,
      personId: principals.personId,
      method: principals.method,
      revokedAt: principals.revokedAt,
      role: grants.role,
      path: organisations.path,
    })
    .from(principals)
    .leftJoin(grants, eq(grants.principalId, principals.id))
    .leftJoin(organisations, eq(organisations.code, grants.orgCode))
    .where(eq(principals.id, id))
  const [first] = rows
  if (!first || first.revokedAt !== null) return undefined
  const held = rows.flatMap(({ role, path }) =>
    role && path && isRole(role) ? [{ role, path }] : [],
  )
  const signs = first.method === 'private_key_jwt'
  return { id, kind: first.kind, personId: first.personId, signs, grants: held }
}

export type Client = Tx['tables']['principals']['$inferSelect']

/** A client that has not been revoked, with what it proves itself by. */
export async function activeClient(reader: Reader, id: string): Promise<Client | undefined> {
  const { principals } = reader.tables
  const [client] = await reader
    .select()
    .from(principals)
    .where(and(eq(principals.id, id), eq(principals.kind, 'client'), isNull(principals.revokedAt)))
  return client
}

/**
 * The keys that programs were registered with, by their ids; those of the revoked, too: what they
 * signed stays signed.
 */
export async function recordedKeys(
  reader: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, PublicJwk>> {
  if (ids.length === 0) return new Map()
  const { principals: p } = reader.tables
  const rows = await reader
    .select({ id: p.id, jwk: p.jwk })
    .from(p)
    .where(and(inArray(p.id, [...new Set(ids)]), isNotNull(p.jwk)))
  return new Map(
    rows.flatMap(({ id, jwk }) => (jwk ? [[id, { ...jwk, kty: 'EC', crv: 'P-256' }]] : [])),
  )
}

/** Revokes staff or a client; tokens die with it at once. NOT_FOUND. */
export async function revokePrincipal(tx: Tx, id: string, now: Instant): Promise<void> {
  const { principals } = tx.tables
  const gone = await tx
    .update(principals)
    .set({ revokedAt: now })
    .where(and(eq(principals.id, id), isNull(principals.revokedAt)))
    .returning({ id: principals.id })
  if (gone.length === 0) throw new Refusal('NOT_FOUND')
}

/** Keyed hash of a client's secret. */
export function secretHash(node: ThisNode, secret: string): Uint8Array {
  return keyedHash(node.hashing, `client:${secret}`)
}

async function grant(tx: Tx, principalId: string, given: readonly RoleOn[]): Promise<void> {
  const { organisations, grants } = tx.tables
  for (const { role, orgCode } of given) {
    const [known] = await tx.select().from(organisations).where(eq(organisations.code, orgCode))
    if (!known) throw new Refusal('NOT_FOUND')
    await tx.insert(grants).values({ principalId, role, orgCode })
  }
}

function isRole(text: string): text is Role {
  return (roleNames as readonly string[]).includes(text)
}
