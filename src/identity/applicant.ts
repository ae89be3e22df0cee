import { utf8 } from '../base/bytes.ts'
import { Refusal } from '../base/refusal.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { CalendarDate } from './calendar-date.ts'
import { Fault } from './roster/faults.ts'
import type { Layout } from './roster/headers.ts'
import type { ParsedRow } from './roster/row.ts'
import {
  type IdType,
  type Occupation,
  readIdNumber,
  readMobile,
  readName,
  readOccupation,
} from './roster/values.ts'
import { hashAndSeal, type PreparedRow, preparedRow } from './roster-prepare.ts'

/** What an applicant says of themselves, every value in the one form that rosters have too. */
export interface Applicant {
  readonly name: string
  readonly idType: IdType
  readonly idNumber: string
  /** Both are always said by somebody who applies alone; a file may leave them out. */
  readonly mobile: string | undefined
  readonly occupation: Occupation | undefined
  /** What they call their device. */
  readonly device: string
}

/** The same as it was typed. */
export interface Typed {
  readonly name: string
  readonly idType: IdType
  readonly idNumber: string
  readonly mobile: string
  readonly occupation: string
  readonly device: string
}

/**
 * Reads what was typed as a roster is read. Refusal VALIDATION_FAILED: `issues` name the field and
 * a code of `roster/faults.ts`, and quote nothing.
 */
export function readApplicant(typed: Typed, today: CalendarDate): Applicant {
  const { idType, device } = typed
  const name = readName(typed.name)
  const identity = readIdNumber(typed.idNumber, idType, today)
  const mobile = readMobile(typed.mobile)
  const occupation = readOccupation(typed.occupation)
  const values = { name, id_number: identity, mobile, occupation }
  const issues = Object.entries(values).flatMap(([field, value]) => {
    if (value instanceof Fault) return [`${field}: ${value.code}`]
    return value === undefined ? [`${field}: missing`] : []
  })
  if (
    name instanceof Fault ||
    identity instanceof Fault ||
    mobile instanceof Fault ||
    occupation instanceof Fault ||
    mobile === undefined ||
    occupation === undefined
  ) {
    throw new Refusal('VALIDATION_FAILED', { issues })
  }
  return { name, idType, idNumber: identity.idNumber, mobile, occupation, device }
}

/** Seals an applicant for the application with this id. */
export function sealApplicant(
  { sealing }: Pick<ThisNode, 'sealing'>,
  id: string,
  applicant: Applicant,
): Uint8Array {
  return seal(sealing, utf8(JSON.stringify(applicant)), `application:${id}`)
}

/** Opens what `sealApplicant` sealed; `undefined` once it was emptied. */
export function openApplicant(
  { sealing }: Pick<ThisNode, 'sealing'>,
  { id, sealed }: { readonly id: string; readonly sealed: Uint8Array },
): Applicant | undefined {
  if (sealed.length === 0) return undefined
  const plain = unseal(sealing, sealed, `application:${id}`)
  return JSON.parse(new TextDecoder().decode(plain)) as Applicant
}

/** What staff tell an applicant, sealed for that application, and opened again. */
export function sealReason({ sealing }: ThisNode, id: string, reason: string): Uint8Array {
  return seal(sealing, utf8(reason), `application reason:${id}`)
}
export function openReason(
  { sealing }: ThisNode,
  { id, sealedReason }: { readonly id: string; readonly sealedReason: Uint8Array | null },
): string | undefined {
  if (sealedReason === null) return undefined
  return new TextDecoder().decode(unseal(sealing, sealedReason, `application reason:${id}`))
}

/** An applicant as a row of a roster of that organisation, joining `today`. */
export function rosterRow(
  node: ThisNode,
  applicant: Applicant,
  { orgCode, today }: { readonly orgCode: string; readonly today: CalendarDate },
): PreparedRow {
  const { name, idType, idNumber, mobile, occupation } = applicant
  const identity = readIdNumber(idNumber, idType, today)
  if (identity instanceof Fault) throw new TypeError('an application of nobody')
  const parsed: ParsedRow = {
    ...{ row: 1, memberNo: undefined, name, idType, mobile, orgCode, occupation, joinedOn: today },
    ...{ ...identity, hardship: false, modelWorker: false },
  }
  return preparedRow(parsed, hashAndSeal(node, parsed))
}

/** The columns that such a row has. */
export const applicantLayout: Layout = {
  columns: [],
  at: {
    ...{ member_no: -1, name: 0, id_type: 1, id_number: 2, mobile: 3, org_code: 4 },
    ...{ occupation: 5, joined_on: 6, hardship: -1, model_worker: -1 },
  },
  width: 7,
  headers: [],
  ignored: [],
}
