import { and, asc, desc, eq, gt, lt, or, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import type { lookReasons, lookSteps } from '../store/schema/desk.ts'
import type { Reader, Tx } from '../store/store.ts'
import { subtreeRange } from './organisation-rules.ts'
import { type Permission, type Principal, roles } from './roles.ts'

export type LookReason = (typeof lookReasons)[number]
export type LookStep = (typeof lookSteps)[number]

/** A look at one member's record, as it was written down. */
export interface Look {
  readonly id: string
  readonly memberId: string
  readonly principalId: string
  /** The role that let it be seen, and the organisation that the role is held on. */
  readonly role: string
  readonly orgCode: string
  readonly orgNameZh: string
  readonly reason: LookReason | null
  /** Of an auditor's way behind the pseudonym; none for a look at the record itself. */
  readonly step: LookStep | null
  readonly at: Instant
}

/**
 * Writes down that a principal was shown one member's record, by the role that it has on the
 * subtree `within`. Before it is shown, and for ever.
 */
export async function recordLook(
  tx: Tx,
  given: {
    readonly memberId: string
    readonly by: Principal
    readonly permission: Permission
    /** The path in which the member was found; its last code is the organisation's. */
    readonly within: string
    readonly reason?: LookReason | undefined
    readonly step?: LookStep | undefined
    readonly now: Instant
  },
): Promise<void> {
  const { memberId, by, permission, within, reason = null, step = null, now } = given
  const held = by.grants.find(
    ({ role, path }) =>
      path === within && (roles[role] as readonly Permission[]).includes(permission),
  )
  if (!held) throw new TypeError('nobody is shown what no role of theirs shows')
  const orgCode = within.split('/').at(-2) ?? ''
  const row = { memberId, principalId: by.id, role: held.role, orgCode, reason, step, at: now }
  await tx.insert(tx.tables.looks).values({ id: newId(now), ...row })
}

/** The looks at a member's record, the latest first; `before` is the last id of the page before. */
export async function looksAt(
  reader: Reader,
  memberId: string,
  { before, limit }: { before: string; limit: number },
): Promise<Look[]> {
  const { looks } = reader.tables
  const older = before === '' ? undefined : lt(looks.id, before)
  return select(reader)
    .where(and(eq(looks.memberId, memberId), older))
    .orderBy(desc(looks.id))
    .limit(limit)
}

/** The looks by roles held in the subtrees of `orgPaths`, in their order. */
export async function looksWithin(
  reader: Reader,
  orgPaths: readonly string[],
  { after, limit, memberId }: { after: string; limit: number; memberId?: string | undefined },
): Promise<Look[]> {
  const { looks, organisations: o } = reader.tables
  const inside = orgPaths.map((path) => {
    const { from, to } = subtreeRange(path)
    return sql`(${o.path} >= ${from} and ${o.path} < ${to})`
  })
  const of = memberId === undefined ? undefined : eq(looks.memberId, memberId)
  return select(reader)
    .where(and(gt(looks.id, after), or(...inside), of))
    .orderBy(asc(looks.id))
    .limit(limit)
}

function select(reader: Reader) {
  const { looks, organisations: o } = reader.tables
  return reader
    .select({
      ...{ id: looks.id, memberId: looks.memberId, principalId: looks.principalId },
      ...{ role: looks.role, orgCode: looks.orgCode, orgNameZh: o.nameZh },
      ...{ reason: looks.reason, step: looks.step, at: looks.at },
    })
    .from(looks)
    .innerJoin(o, eq(o.code, looks.orgCode))
}
