import { and, eq, inArray } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { day, type Instant, second } from '../base/clock.ts'
import { newId, type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { type PublicJwk, thumbprintText } from '../formats/jwk.ts'
import { issueSdJwt } from '../formats/sd-jwt/issue.ts'
import { statusValue } from '../formats/status-list.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import {
  type MemberFacts,
  membershipClaims,
  membershipMetadata,
  membershipType,
  readMemberFacts,
} from './membership-claims.ts'
import { drawStatusIndex, reserveStatuses, statusListUri } from './status-entries.ts'

/** Who issues: the node, its keys, and the address it is known by, which is the `iss`. */
export interface Issuer {
  readonly node: ThisNode
  readonly roles: RoleKeys
  readonly publicUrl: string
}

/** For whom copies are made. */
export interface CopiesFor {
  readonly grantId: string
  readonly memberId: string
  /** The enrolled phone that asked: revoking it revokes its copies. */
  readonly deviceId: string | null
  /** One copy for each, all different. */
  readonly keys: readonly PublicJwk[]
  readonly now: Instant
  readonly random?: Random
}

/** Copies that have a status and are not signed yet. */
export interface Copies {
  /** OpenID4VCI 1.0 section 8.3: `notification_id`. */
  readonly issuanceId: string
  readonly facts: MemberFacts
  readonly now: Instant
  readonly copies: readonly {
    readonly key: PublicJwk
    readonly list: number
    readonly index: number
  }[]
}

const lifeDays = 365

/**
 * Gives copies of a member's credential their statuses: an index of its own for each, random and
 * never used again, and an event. Holds the member's row, so that a membership that ends or is
 * suspended meanwhile is seen by one of the two. Refusal MEMBERSHIP_SUSPENDED unless the member is
 * active or retired.
 */
export async function enterCopies(
  tx: Tx,
  node: ThisNode,
  { grantId, memberId, deviceId, keys, now, random = systemRandom }: CopiesFor,
): Promise<Copies> {
  const { members: m, issuances, credentials: c, credentialEvents } = tx.tables
  const held = await tx
    .update(m)
    .set({ id: memberId })
    .where(and(eq(m.id, memberId), inArray(m.standing, ['active', 'retired'])))
    .returning({ id: m.id })
  const facts = held.length > 0 ? await readMemberFacts(tx, memberId) : undefined
  if (!facts) throw new Refusal('MEMBERSHIP_SUSPENDED')
  const issuanceId = toBase64url(random(16))
  await tx.insert(issuances).values({ id: issuanceId, grantId, at: now })
  const list = await reserveStatuses(tx, keys.length, now)
  const copies: { key: PublicJwk; list: number; index: number }[] = []
  const row = {
    ...{ memberId, issuanceId, deviceId, statusList: list, issuedAt: now },
    ...{ expiresAt: daysFrom(now, lifeDays), status: statusValue.valid },
    ...{ held: false, heldForMember: false, version: 1 },
  }
  for (const key of keys) {
    const id = newId(now)
    const holder = thumbprintText(sha256, key)
    for (;;) {
      const statusIndex = drawStatusIndex(node, list, random)
      const entered = await tx
        .insert(c)
        .values({ ...row, id, holder, statusIndex })
        .onConflictDoNothing()
        .returning({ id: c.id })
      if (entered.length === 0) continue
      copies.push({ key, list, index: statusIndex })
      break
    }
    const act = { act: 'issue', actor: `grant:${grantId}`, reason: 'issued', at: now } as const
    await tx.insert(credentialEvents).values({ credentialId: id, version: 1, ...act })
  }
  return { issuanceId, facts, now, copies }
}

/**
 * Signs copies: SD-JWT VCs (draft-19) with the issuer's key and its certificates. Times are whole
 * days, so that copies of one member are not told by them. An Error when the node has no issuer
 * key.
 */
export async function signCopies(
  { node, roles, publicUrl }: Issuer,
  { facts, now, copies }: Copies,
  random: Random = systemRandom,
): Promise<readonly string[]> {
  const key = roles.current('issuer')
  const { integrity } = membershipMetadata(publicUrl)
  const issued = daysFrom(now, 0)
  const expires = Math.min(daysFrom(now, lifeDays), key.notAfter)
  const header = { typ: 'dc+sd-jwt', kid: key.kid, x5c: key.x5c }
  return Promise.all(
    copies.map(({ key: holder, list, index }) =>
      issueSdJwt({ sha256, random, sign: key.sign }, header, {
        ...membershipClaims(facts, { node: node.code, now }),
        plain: {
          iss: publicUrl,
          vct: membershipType(publicUrl),
          'vct#integrity': integrity,
          iat: issued / second,
          nbf: issued / second,
          exp: Math.floor(expires / second),
          cnf: { jwk: { ...holder } },
          status: { status_list: { idx: index, uri: statusListUri(publicUrl, list) } },
        },
      }),
    ),
  )
}

function daysFrom(now: Instant, days: number): Instant {
  return Math.floor(now / day) * day + days * day
}
