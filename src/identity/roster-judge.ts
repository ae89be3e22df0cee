import { equal } from '../base/bytes.ts'
import type { RowFaultCode } from './roster/faults.ts'
import type { Field, Layout } from './roster/headers.ts'
import {
  hashKey,
  type Known,
  type LeftMember,
  type Person,
  type StoredMember,
} from './roster-known.ts'
import type { PreparedRow } from './roster-prepare.ts'
import type { SeenHashes } from './roster-seen.ts'

/** What the accepted rows of earlier chunks of the same file were about. */
export interface EarlierRows {
  readonly identities: SeenHashes
  readonly numbers: SeenHashes
}

/** What all rows of one file are judged by. */
export interface RosterRules {
  readonly layout: Layout
  /** Every organisation's code, and whether the importer may write there. */
  readonly inScope: ReadonlyMap<string, boolean>
  readonly earlier: EarlierRows
}

/** The part of a member that a roster decides. */
export interface RosterFacts {
  readonly name: string
  readonly orgCode: string
  readonly occupation: string | null
  readonly joinedOn: string | null
  readonly birthDate: string | null
  readonly gender: 'female' | 'male' | null
  readonly hardship: boolean | null
  readonly modelWorker: boolean | null
  readonly mobileHash: Uint8Array | null
}

/** What becomes of a row. */
export type Verdict =
  | { readonly kind: 'added'; readonly personId: string | undefined; readonly facts: RosterFacts }
  | { readonly kind: 'changed'; readonly member: StoredMember; readonly facts: RosterFacts }
  | { readonly kind: 'rejoined'; readonly member: StoredMember; readonly facts: RosterFacts }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly code: RowFaultCode; readonly field: Field }

/**
 * Judges the rows of one chunk in the order of the file: the first of two that contradict each
 * other counts, and only what was accepted stands in the way of a later row.
 */
export function judgeRows(
  rows: readonly PreparedRow[],
  known: Known,
  rules: RosterRules,
): Verdict[] {
  const identities = new Set<string>()
  const numbers = new Set<string>()
  return rows.map((row) => {
    const identity = hashKey(row.idHash)
    const { memberNo } = row.parsed
    const { earlier } = rules
    if (!rules.inScope.get(row.parsed.orgCode)) return refused('org_out_of_scope', 'org_code')
    if (identities.has(identity) || earlier.identities.has(row.idHash)) {
      return refused('duplicate_of_previous', 'id_number')
    }
    const numberSeen = row.memberNoHash !== undefined && earlier.numbers.has(row.memberNoHash)
    if (memberNo !== undefined && (numberSeen || numbers.has(memberNo))) {
      return refused('duplicate_member_no', 'member_no')
    }
    const verdict = judge(row, identity, known, rules)
    if (verdict.kind !== 'refused') {
      identities.add(identity)
      if (memberNo !== undefined) numbers.add(memberNo)
    }
    return verdict
  })
}

/** Judges a row against what is stored. */
function judge(row: PreparedRow, identity: string, known: Known, rules: RosterRules): Verdict {
  const { memberNo } = row.parsed
  const person = known.people.get(identity)
  const holder = memberNo === undefined ? undefined : known.holders.get(memberNo)
  if (holder && holder !== person?.personId) return refused('member_no_taken', 'member_no')
  const member = person?.member
  if (member) {
    if (memberNo !== undefined && memberNo !== member.memberNo) {
      return refused('identity_taken', 'id_number')
    }
    // Whoever may not write to the organisation a member is in may not take them out of it.
    if (!rules.inScope.get(member.orgCode)) return refused('org_out_of_scope', 'org_code')
    const facts = factsOf(row, rules.layout, member)
    return differs(facts, member) ? { kind: 'changed', member, facts } : { kind: 'unchanged' }
  }
  const last = person?.left[0]
  if (person && last) return judgeLeft(row, { ...person, last }, rules)
  return { kind: 'added', personId: person?.personId, facts: factsOf(row, rules.layout) }
}

/** An old roster does not undo that somebody left; one that has them join again later does. */
function judgeLeft(
  row: PreparedRow,
  { personId, left, last }: Person & { readonly last: LeftMember },
  { layout }: RosterRules,
): Verdict {
  const { memberNo, joinedOn } = row.parsed
  const member = memberNo === undefined ? last : left.find((former) => former.memberNo === memberNo)
  if (joinedOn <= last.until) {
    return member ? { kind: 'unchanged' } : refused('identity_taken', 'id_number')
  }
  if (member) return { kind: 'rejoined', member, facts: factsOf(row, layout, member) }
  return { kind: 'added', personId, facts: factsOf(row, layout) }
}

/** An empty cell says that there is nothing; a column that the file does not have says nothing. */
function factsOf(
  { parsed, mobileHash }: PreparedRow,
  { at }: Layout,
  stored?: StoredMember,
): RosterFacts {
  const told = <T>(field: Field, value: T, otherwise: T | undefined): T | null =>
    at[field] >= 0 ? value : (otherwise ?? null)
  return {
    name: parsed.name,
    orgCode: parsed.orgCode,
    joinedOn: parsed.joinedOn,
    occupation: told('occupation', parsed.occupation ?? null, stored?.occupation),
    hardship: told('hardship', parsed.hardship, stored?.hardship ?? undefined),
    modelWorker: told('model_worker', parsed.modelWorker, stored?.modelWorker ?? undefined),
    mobileHash: told('mobile', mobileHash, stored?.mobileHash),
    birthDate: parsed.birthDate ?? stored?.birthDate ?? null,
    gender: parsed.gender ?? stored?.gender ?? null,
  }
}

function differs(facts: RosterFacts, stored: StoredMember): boolean {
  return (
    facts.name !== stored.name ||
    facts.orgCode !== stored.orgCode ||
    facts.occupation !== stored.occupation ||
    facts.joinedOn !== stored.joinedOn ||
    facts.birthDate !== stored.birthDate ||
    facts.gender !== stored.gender ||
    facts.hardship !== stored.hardship ||
    facts.modelWorker !== stored.modelWorker ||
    !sameHash(facts.mobileHash, stored.mobileHash)
  )
}

function sameHash(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equal(a, b)
}

function refused(code: RowFaultCode, field: Field): Verdict {
  return { kind: 'refused', code, field }
}
