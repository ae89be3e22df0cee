import { and, asc, eq, gt, inArray, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { invite } from './invitations.ts'
import { createStaff, type RoleOn } from './principals.ts'
import { type Role, roleNames } from './roles.ts'

/** A role with the organisation on whose subtree it is held. */
export interface HeldRole {
  readonly role: Role
  readonly orgCode: string
  readonly orgNameZh: string
}

/** Somebody of the union's staff, as colleagues who look after the staff see them. */
export interface StaffMember {
  readonly id: string
  readonly name: string
  readonly grants: readonly HeldRole[]
  readonly passkeys: number
  readonly lastSeenAt: Instant | undefined
  /** Until when an invitation may be taken up that is still open. */
  readonly invitedUntil: Instant | undefined
  readonly revokedAt: Instant | undefined
  readonly createdAt: Instant
  /** Who has registered them, as long as nobody else has confirmed them (`vouching.ts`). */
  readonly registrar: Registrar | undefined
}

interface Registrar {
  readonly id: string
  readonly name: string
}

/**
 * Registers somebody of the staff and invites them to make a passkey: whoever has the token becomes
 * them. They count as the person who invited them until another has confirmed them (see
 * `vouching.ts`). Refusal NOT_FOUND (organisation).
 */
export async function inviteStaff(
  tx: Tx,
  node: ThisNode,
  given: { name: string; grants: readonly RoleOn[]; invitedBy?: string; now: Instant },
): Promise<{ principalId: string; token: string; expiresAt: Instant }> {
  const { name, grants, invitedBy, now } = given
  const by = invitedBy === undefined ? {} : { registeredBy: invitedBy }
  const { id: principalId } = await createStaff(tx, { name, grants, now, ...by })
  const how = { principalId, now, ...(invitedBy !== undefined && { invitedBy }) }
  const { token, expiresAt } = await invite(tx, node, how)
  return { principalId, token, expiresAt }
}

/** The name of a principal, and its roles by their organisations. Refusal NOT_FOUND. */
export async function describePrincipal(
  reader: Reader,
  id: string,
): Promise<{ name: string; grants: HeldRole[] }> {
  const { principals } = reader.tables
  const [row] = await reader
    .select({ name: principals.name })
    .from(principals)
    .where(eq(principals.id, id))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'principal' })
  return { name: row.name, grants: (await rolesOf(reader, [id])).get(id) ?? [] }
}

/**
 * Staff all of whose roles lie in the subtrees of `orgPaths`, and who have one, by their ids;
 * `after` is the last id of the page before. Revoked ones too.
 */
export async function listStaff(
  reader: Reader,
  orgPaths: readonly string[],
  { after, limit }: { after: string; limit: number },
): Promise<StaffMember[]> {
  const { principals: p } = reader.tables
  const inside = sql.join(
    orgPaths.map((path) => sql`(o.path >= ${path} and o.path < ${`${path}~`})`),
    sql` or `,
  )
  const outside = sql`exists (select 1 from grants g join organisations o on o.code = g.org_code
    where g.principal_id = ${p.id} and not (${inside}))`
  const some = sql`exists (select 1 from grants g where g.principal_id = ${p.id})`
  const rows = await reader
    .select()
    .from(p)
    .where(and(eq(p.kind, 'staff'), gt(p.id, after), some, sql`not ${outside}`))
    .orderBy(asc(p.id))
    .limit(limit)
  const ids = rows.map(({ id }) => id)
  const [roles, keys, seen, invited, registrars] = [
    await rolesOf(reader, ids),
    await passkeysBy(reader, ids),
    await lastSeen(reader, ids),
    await invitedUntil(reader, ids),
    await soleRegistrarsOf(reader, ids),
  ]
  return rows.map(({ id, name, createdAt, revokedAt }) => ({
    ...{ id, name, createdAt, grants: roles.get(id) ?? [], passkeys: keys.get(id) ?? 0 },
    ...{ lastSeenAt: seen.get(id), invitedUntil: invited.get(id) },
    ...{ revokedAt: revokedAt ?? undefined, registrar: registrars.get(id) },
  }))
}

async function soleRegistrarsOf(
  reader: Reader,
  ids: readonly string[],
): Promise<Map<string, Registrar>> {
  if (ids.length === 0) return new Map()
  const rows = await reader.rows<{ principal: string; id: string; name: string }>(
    sql`select p.id as principal, r.id, r.name from principals p
      join principals r on r.id = p.registered_by
      where p.id in ${[...ids]}
        and not exists (select 1 from confirmations c where c.principal_id = p.id)`,
  )
  return new Map(rows.map(({ principal, id, name }) => [principal, { id, name }]))
}

async function rolesOf(reader: Reader, ids: readonly string[]): Promise<Map<string, HeldRole[]>> {
  const { grants, organisations } = reader.tables
  const held = new Map<string, HeldRole[]>()
  if (ids.length === 0) return held
  const rows = await reader
    .select({
      id: grants.principalId,
      role: grants.role,
      orgCode: grants.orgCode,
      orgNameZh: organisations.nameZh,
    })
    .from(grants)
    .innerJoin(organisations, eq(organisations.code, grants.orgCode))
    .where(inArray(grants.principalId, [...ids]))
    .orderBy(grants.role, grants.orgCode)
  for (const { id, role, ...org } of rows) {
    const known = roleNames.find((one) => one === role)
    if (known) held.set(id, [...(held.get(id) ?? []), { role: known, ...org }])
  }
  return held
}

async function passkeysBy(reader: Reader, ids: readonly string[]): Promise<Map<string, number>> {
  const { passkeys: k } = reader.tables
  if (ids.length === 0) return new Map()
  const rows = await reader
    .select({ id: k.principalId, count: sql<number>`count(*)` })
    .from(k)
    .where(and(inArray(k.principalId, [...ids]), isNull(k.removedAt)))
    .groupBy(k.principalId)
  return new Map(rows.map(({ id, count }) => [id ?? '', Number(count)]))
}

async function lastSeen(reader: Reader, ids: readonly string[]): Promise<Map<string, Instant>> {
  const { sessions: s } = reader.tables
  if (ids.length === 0) return new Map()
  const rows = await reader
    .select({ id: s.principalId, at: sql<number>`max(${s.lastSeenAt})` })
    .from(s)
    .where(inArray(s.principalId, [...ids]))
    .groupBy(s.principalId)
  return new Map(rows.map(({ id, at }) => [id, Number(at)]))
}

async function invitedUntil(reader: Reader, ids: readonly string[]): Promise<Map<string, Instant>> {
  const { invitations: i } = reader.tables
  if (ids.length === 0) return new Map()
  const rows = await reader
    .select({ id: i.principalId, at: i.expiresAt })
    .from(i)
    .where(and(inArray(i.principalId, [...ids]), isNull(i.usedAt)))
  return new Map(rows.map(({ id, at }) => [id, at]))
}
