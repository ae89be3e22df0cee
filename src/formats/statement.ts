import { type Bytes, toBase64url, utf8 } from '../base/bytes.ts'

/** One leaf of the log, as a statement states it. */
export interface StatedLine {
  /** From 1. */
  readonly line: number
  readonly kind: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly programmeId: string
  readonly benefitId: string | null
  readonly storeId: string | null
  /** The redemption's or the adjustment's id. */
  readonly subjectId: string
  /** Fen owed to the merchant; negative where it owes. */
  readonly amount: number
  /** 32 octets: the line stands for this leaf and no other. */
  readonly leafHash: Uint8Array
}

/** What a statement says before its lines. */
export interface StatementHead {
  readonly id: string
  readonly merchantId: string
  /** `YYYY-MM`. */
  readonly month: string
  /** Milliseconds since 1970. */
  readonly closedAt: number
  /** Fen. */
  readonly total: number
}

const magic = 'symbolon-statement/v1'

/**
 * The octets of a statement, whose SHA-256 is its digest: a line of text for each fact of its head
 * and then one for each of its lines, words apart by one space, `-` for none, a line feed at each
 * end.
 * Ids, numbers and base64url have neither spaces nor line feeds; there is no personal datum.
 */
export function statementBytes(head: StatementHead, lines: readonly StatedLine[]): Bytes {
  const text = [
    magic,
    `statement ${head.id}`,
    `merchant ${head.merchantId}`,
    `month ${head.month}`,
    `closed ${head.closedAt}`,
    `lines ${lines.length}`,
    `total ${head.total}`,
    ...lines.map((one) =>
      [
        ...[one.line, one.kind, one.at, one.programmeId, one.benefitId ?? '-'],
        ...[one.storeId ?? '-', one.subjectId, one.amount, toBase64url(one.leafHash)],
      ].join(' '),
    ),
  ]
  return utf8(`${text.join('\n')}\n`)
}
