import { and, eq } from 'drizzle-orm'

import { utf8 } from '../base/bytes.ts'
import { hour, type Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import type { JsonObject } from '../formats/json.ts'
import type { Claims } from '../formats/sd-jwt/issue.ts'
import { integrityOf, membershipTypeMetadata } from '../formats/type-metadata.ts'
import { maskedName } from '../identity/masked-name.ts'
import { newEmploymentForms } from '../identity/roster/values.ts'
import type { Reader } from '../store/store.ts'

/** What a credential is made from: a member's row and the organisation's. */
export interface MemberFacts {
  readonly member: Reader['tables']['members']['$inferSelect']
  readonly organisation: Pick<
    Reader['tables']['organisations']['$inferSelect'],
    'code' | 'nameZh' | 'level' | 'region'
  >
  /** base64url of SHA-256 of the accepted portrait. */
  readonly portraitDigest: string | null
}

/** Digests at the top and in `organisation`, decoys included: more than there are claims. */
const digests = { top: 20, nested: 4 } as const

/** The type of our membership credential at a node (section 2 of the credentials' design). */
export function membershipType(publicUrl: string): string {
  return `${publicUrl}/vct/union-membership/1`
}

/** The type's metadata, octet for octet as it is served, and its `vct#integrity`. */
export function membershipMetadata(publicUrl: string): { octets: Uint8Array; integrity: string } {
  const octets = utf8(JSON.stringify(membershipTypeMetadata(membershipType(publicUrl))))
  return { octets, integrity: integrityOf(sha256, octets) }
}

/** A member with the organisation they are in. `undefined` for an unknown one. */
export async function readMemberFacts(
  reader: Reader,
  memberId: string,
): Promise<MemberFacts | undefined> {
  const { members: m, organisations: o, portraits: p } = reader.tables
  const [row] = await reader
    .select({
      member: m,
      organisation: { code: o.code, nameZh: o.nameZh, level: o.level, region: o.region },
      portraitDigest: p.digest,
    })
    .from(m)
    .innerJoin(o, eq(o.code, m.orgCode))
    .leftJoin(p, and(eq(p.memberId, m.id), eq(p.state, 'accepted')))
    .where(eq(m.id, memberId))
  return row
}

/**
 * The claims of a membership, all of them selective, `organisation` with selective members of its
 * own (section 2 of the design). What is not on record is not claimed; the number of digests is
 * always the same. Never among them: identity number, mobile number, address. Ages are those of
 * the day at `now` in China.
 */
export function membershipClaims(
  { member, organisation, portraitDigest }: MemberFacts,
  { node, now }: { readonly node: string; readonly now: Instant },
): Omit<Claims, 'plain'> {
  const today = new Date(now + 8 * hour).toISOString().slice(0, 10)
  const { code, nameZh, level, region } = organisation
  const { occupation, birthDate } = member
  const selective = known({
    membership_number: member.memberNo,
    name: member.name,
    name_masked: maskedName(member.name),
    organisation: { code, name: nameZh, level },
    node,
    region: String(region).padStart(6, '0'),
    joined_on: member.joinedOn,
    standing: member.standing,
    occupation_group: occupation,
    new_employment_form:
      occupation === null ? null : newEmploymentForms.some((each) => each === occupation),
    hardship: member.hardship,
    model_worker: member.modelWorker,
    age_over_18: birthDate === null ? null : isOver(18, birthDate, today),
    age_over_45: birthDate === null ? null : isOver(45, birthDate, today),
    gender: member.gender,
    birth_year: birthDate === null ? null : Number(birthDate.slice(0, 4)),
    photo_digest: portraitDigest,
  })
  return { selective, nested: ['organisation'], digests }
}

/** True from the birthday on; who was born on 29 February has it on 1 March in common years. */
function isOver(years: number, birthDate: string, today: string): boolean {
  return `${Number(birthDate.slice(0, 4)) + years}${birthDate.slice(4)}` <= today
}

function known(claims: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null))
}
