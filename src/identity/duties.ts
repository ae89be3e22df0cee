import { eq, isNull, type SQL, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader } from '../store/store.ts'
import { subtreeRange } from './organisation-rules.ts'
import { type Permission, type Role, roles } from './roles.ts'

/** What the report asks. `broken` has happened though it must not; `notice` may happen. */
export const dutyRules = {
  made_and_approved: 'broken',
  registered_and_approved: 'broken',
  asked_and_unmasked: 'broken',
  both_roles: 'notice',
  registered_alone: 'notice',
  client_owner: 'notice',
} as const

export type DutyRule = keyof typeof dutyRules

/** One row of the database behind a finding. */
export interface DutyRow {
  /** `batch`, `proposal`, `grant`, `principal` or `unmask_request`. */
  readonly what: string
  readonly id: string
  /** What it says: a role and its organisation, or what was done. */
  readonly says: string
  readonly principalId: string
  readonly at: Instant | undefined
}

/** Persons in whose hands comes together what is to be kept apart. */
export interface DutyFinding {
  readonly rule: DutyRule
  readonly persons: readonly string[]
  readonly rows: readonly DutyRow[]
}

/**
 * The segregation of duties within these subtrees: what was broken first, then what could be. Those
 * who hold no role there are nobody of whom it speaks.
 */
export async function dutyFindings(
  reader: Reader,
  orgPaths: readonly string[],
): Promise<DutyFinding[]> {
  const staff = await staffWithin(reader, orgPaths)
  return [
    ...(await madeAndApproved(reader, orgPaths)),
    ...(await registeredAndApproved(reader, orgPaths)),
    ...(await askedAndUnmasked(reader, orgPaths)),
    ...bothRoles(staff),
    ...(await registeredAlone(reader, staff)),
    ...clientOwners(staff),
  ]
}

interface Held {
  readonly id: string
  readonly kind: 'staff' | 'client'
  readonly personId: string
  readonly registeredBy: string | null
  readonly createdAt: Instant
  readonly role: Role
  readonly orgCode: string
  readonly path: string
}

/** Every role that is held now in the subtrees. */
async function staffWithin(reader: Reader, orgPaths: readonly string[]): Promise<Held[]> {
  const { principals: p, grants: g, organisations: o } = reader.tables
  const rows = await reader
    .select({ principal: p, role: g.role, orgCode: g.orgCode, path: o.path })
    .from(g)
    .innerJoin(p, eq(p.id, g.principalId))
    .innerJoin(o, eq(o.code, g.orgCode))
    .where(isNull(p.revokedAt))
    .orderBy(p.id, g.role, g.orgCode)
  return rows
    .filter(({ path }) => orgPaths.some((scope) => path.startsWith(scope)))
    .map(({ principal, role, ...rest }) => {
      const { id, kind, personId, registeredBy, createdAt } = principal
      return { id, kind, personId, registeredBy, createdAt, role: role as Role, ...rest }
    })
}

/**
 * Whoever decided beside each who had a hand in it: editors of a batch; of a proposal (money,
 * recalls, renewals) its proposer.
 */
const decided = sql`(
    select 'batch' as what, b.id, b.org_code, e.person_id as maker, a.person_id as person,
      a.principal_id as principal, a.at
    from approvals a join dry_runs d on d.id = a.dry_run_id join batches b on b.id = d.batch_id
    join batch_editors e on e.batch_id = b.id
  union all
    select 'proposal', q.id, q.org_code, q.proposed_by_person, s.person_id, s.principal_id, s.at
    from proposal_decisions s join proposals q on q.id = s.proposal_id)`

interface Decided extends Record<'id' | 'maker' | 'person' | 'principal', string> {
  readonly what: 'batch' | 'proposal'
  readonly at: number
}

async function madeAndApproved(
  reader: Reader,
  orgPaths: readonly string[],
): Promise<DutyFinding[]> {
  const rows = await reader.rows<Decided>(
    sql`select f.* from ${decided} f join organisations o on o.code = f.org_code
      where f.person = f.maker and ${within(orgPaths)} order by f.id`,
  )
  const says = { batch: 'edited and decided', proposal: 'proposed and decided' }
  return rows.map(({ what, id, person, principal, at }) => ({
    rule: 'made_and_approved',
    persons: [person],
    rows: [row(what, id, says[what], principal, at)],
  }))
}

async function registeredAndApproved(
  reader: Reader,
  orgPaths: readonly string[],
): Promise<DutyFinding[]> {
  const rows = await reader.rows<Omit<Decided, 'at'>>(
    sql`select distinct f.what, f.id, f.maker, f.person, f.principal
      from ${decided} f join principals p on p.id = f.principal
      join principals r on r.id = p.registered_by and r.person_id = f.maker
      join organisations o on o.code = f.org_code
      where p.person_id <> r.person_id and ${within(orgPaths)}
        and not exists (select 1 from confirmations c where c.principal_id = p.id)
      order by f.id`,
  )
  const says = {
    batch: 'decided by whom its maker registered',
    proposal: 'decided by whom its proposer registered',
  }
  return rows.map(({ what, id, maker, person, principal }) => ({
    rule: 'registered_and_approved',
    persons: [maker, person],
    rows: [row(what, id, says[what], principal)],
  }))
}

async function askedAndUnmasked(
  reader: Reader,
  orgPaths: readonly string[],
): Promise<DutyFinding[]> {
  const rows = await reader.rows<{ id: string; person: string; principal: string; at: number }>(
    sql`select u.id, u.decided_by_person as person, u.decided_by as principal, u.decided_at as at
      from unmask_requests u join members m on m.id = u.member_id
      join organisations o on o.code = m.org_code
      where u.decided_by_person = u.requested_by_person and ${within(orgPaths)} order by u.id`,
  )
  return rows.map(({ id, person, principal, at }) => ({
    rule: 'asked_and_unmasked',
    persons: [person],
    rows: [row('unmask_request', id, 'asked and decided', principal, at)],
  }))
}

/** Persons who may make batches and approve them in one place, if not the same batch. */
function bothRoles(staff: readonly Held[]): DutyFinding[] {
  return byPerson(staff).flatMap(([person, held]) => {
    const making = held.filter(({ role }) => may(role, 'batches.write'))
    const approving = held.filter(({ role }) => may(role, 'batches.approve'))
    const meet = approving.some(({ path }) =>
      making.some((one) => one.path.startsWith(path) || path.startsWith(one.path)),
    )
    if (!meet) return []
    const rows = [...new Set([...making, ...approving])].map(grantRow)
    return [{ rule: 'both_roles' as const, persons: [person], rows }]
  })
}

/** Persons who stand on one other person's word alone: they count as one with them. */
async function registeredAlone(reader: Reader, staff: readonly Held[]): Promise<DutyFinding[]> {
  const { principals, confirmations } = reader.tables
  const all = await reader
    .select({ id: principals.id, person: principals.personId })
    .from(principals)
  const persons = new Map(all.map(({ id, person }) => [id, person]))
  const rows = await reader.select({ id: confirmations.principalId }).from(confirmations)
  const confirmed = new Set(rows.map(({ id }) => id))
  const once = new Map(staff.map((held) => [held.id, held]))
  return [...once.values()].flatMap(({ id, personId, registeredBy, createdAt }) => {
    const registrar = registeredBy === null ? undefined : persons.get(registeredBy)
    if (!registrar || registrar === personId || confirmed.has(id)) return []
    const rows = [row('principal', id, 'registered', registeredBy ?? '', createdAt)]
    return [{ rule: 'registered_alone' as const, persons: [registrar, personId], rows }]
  })
}

/** Persons of the staff who own a program with roles of its own: both count as one person. */
function clientOwners(staff: readonly Held[]): DutyFinding[] {
  return byPerson(staff).flatMap(([person, held]) => {
    const owned = held.filter(({ kind }) => kind === 'client')
    if (owned.length === 0 || owned.length === held.length) return []
    return [{ rule: 'client_owner' as const, persons: [person], rows: held.map(grantRow) }]
  })
}

function byPerson(staff: readonly Held[]): [string, Held[]][] {
  const all = new Map<string, Held[]>()
  for (const held of staff) all.set(held.personId, [...(all.get(held.personId) ?? []), held])
  return [...all]
}

function may(role: Role, permission: Permission): boolean {
  return (roles[role] as readonly Permission[]).includes(permission)
}

function grantRow({ id, role, orgCode }: Held): DutyRow {
  return row('grant', id, `${role} ${orgCode}`, id)
}

function row(what: string, id: string, says: string, principalId: string, at?: number): DutyRow {
  return { what, id, says, principalId, at: at === undefined ? undefined : Number(at) }
}

/** Whether the organisation `o` of a query lies in one of the subtrees. */
function within(orgPaths: readonly string[]): SQL {
  const parts = orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return sql`(o.path >= ${from} and o.path < ${to})`
  })
  return sql`(${sql.join(parts, sql` or `)})`
}
