/** Why a piece of a transparency log was refused. Closed and stable: callers may branch on it. */
export type TlogErrorCode =
  | 'FRONTIER_MALFORMED'
  | 'INCLUSION_INVALID'
  | 'CONSISTENCY_INVALID'
  | 'NOTE_MALFORMED'
  | 'NOTE_UNVERIFIED'
  | 'NOTE_SIGNATURE_INVALID'
  | 'VKEY_MALFORMED'
  | 'VKEY_UNSUPPORTED'
  | 'CHECKPOINT_MALFORMED'
  | 'CHECKPOINT_UNSIGNED'
  | 'COSIGNATURE_MALFORMED'
  | 'TILE_PATH_MALFORMED'
  | 'TILE_MALFORMED'
  | 'BUNDLE_MALFORMED'
  | 'POLICY_MALFORMED'
  | 'QUORUM_NOT_MET'
  | 'RECEIPT_MALFORMED'
  | 'RECEIPT_WITHOUT_ENTRY'
  | 'SUBMISSION_MALFORMED'

/**
 * Bytes from outside that are not what the log's specifications ask for, or do not verify.
 *
 * It is the only thing that `formats/tlog` throws for a bad input; a caller's own mistake (a size
 * that is no integer, a hash function that answers 31 octets) is a `TypeError`.
 */
export class TlogError extends Error {
  readonly code: TlogErrorCode
  constructor(code: TlogErrorCode, message: string) {
    super(message)
    this.name = 'TlogError'
    this.code = code
  }
}
