import { utf8 } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { keyedHash, seal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { ParsedRow } from './roster/row.ts'

/** A row with its numbers hashed and sealed, which is done before any transaction begins. */
export interface PreparedRow {
  readonly parsed: ParsedRow
  readonly idHash: Uint8Array
  readonly sealedId: Uint8Array
  readonly mobileHash: Uint8Array | null
  readonly sealedMobile: Uint8Array | null
  /** SHA-256 of the member number; undefined when the row has none. */
  readonly memberNoHash: Uint8Array | undefined
}

/** The node's keys that a row's numbers are hashed and sealed under. */
export type NumberKeys = Pick<ThisNode, 'sealing' | 'hashing'>

/** The part of a row that is hashed or sealed. */
export type Numbers = Pick<ParsedRow, 'idType' | 'idNumber' | 'mobile' | 'memberNo'>

/** How many values `hashAndSeal` answers for a row. */
export const sealedParts = 5

const none = new Uint8Array(0)

/** The five values of a `PreparedRow` in their order; empty for what the row does not have. */
export function hashAndSeal(keys: NumberKeys, row: Numbers): readonly Uint8Array[] {
  const { idType, idNumber, mobile, memberNo } = row
  return [
    hashIdentity(keys, idType, idNumber),
    seal(keys.sealing, utf8(idNumber), 'identity'),
    mobile === undefined ? none : hashMobile(keys, mobile),
    mobile === undefined ? none : seal(keys.sealing, utf8(mobile), 'mobile'),
    memberNo === undefined ? none : sha256(memberNo),
  ]
}

/** A row with the five values of `hashAndSeal`. */
export function preparedRow(
  parsed: ParsedRow,
  [idHash = none, sealedId = none, ...more]: readonly Uint8Array[],
): PreparedRow {
  const [mobileHash = none, sealedMobile = none, memberNoHash = none] = more
  const hasMobile = parsed.mobile !== undefined
  return {
    parsed,
    idHash,
    sealedId,
    mobileHash: hasMobile ? mobileHash : null,
    sealedMobile: hasMobile ? sealedMobile : null,
    memberNoHash: parsed.memberNo === undefined ? undefined : memberNoHash,
  }
}

/**
 * How an identity document is looked up (`persons.id_hash`, 32 octets); the number as it is kept.
 */
export function hashIdentity(
  { hashing }: Pick<ThisNode, 'hashing'>,
  idType: string,
  idNumber: string,
): Uint8Array {
  return keyedHash(hashing, `${idType}:${idNumber}`)
}

/** How a mobile number of 11 digits is looked up (`members.mobile_hash`, 32 octets). */
export function hashMobile({ hashing }: Pick<ThisNode, 'hashing'>, mobile: string): Uint8Array {
  return keyedHash(hashing, `mobile:${mobile}`)
}
