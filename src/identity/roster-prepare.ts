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

/** Hashes and seals a row's numbers under the node's keys. */
export function prepareRow(node: ThisNode, parsed: ParsedRow): PreparedRow {
  const { idType, idNumber, mobile, memberNo } = parsed
  return {
    parsed,
    idHash: hashIdentity(node, idType, idNumber),
    sealedId: seal(node.sealing, utf8(idNumber), 'identity'),
    mobileHash: mobile === undefined ? null : hashMobile(node, mobile),
    sealedMobile: mobile === undefined ? null : seal(node.sealing, utf8(mobile), 'mobile'),
    memberNoHash: memberNo === undefined ? undefined : sha256(memberNo),
  }
}

/** How an identity document is looked up (`persons.id_hash`, 32 octets); the number as it is kept. */
export function hashIdentity(node: ThisNode, idType: string, idNumber: string): Uint8Array {
  return keyedHash(node.hashing, `${idType}:${idNumber}`)
}

/** How a mobile number of 11 digits is looked up (`members.mobile_hash`, 32 octets). */
export function hashMobile(node: ThisNode, mobile: string): Uint8Array {
  return keyedHash(node.hashing, `mobile:${mobile}`)
}
