import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import type { StatementLine } from '../../merchants/statement-lines.ts'
import type { Statement } from '../../merchants/statements.ts'
import {
  disputeReasons,
  statementLineKinds,
  statementStates,
} from '../../store/schema/statements.ts'
import { fenSchema, instantSchema } from '../paging.ts'

export const statementSchema = z.object({
  id: z.string(),
  merchant_id: z.string(),
  month: z.string().describe('YYYY-MM, in the union’s time zone'),
  state: z.enum(statementStates),
  closed_at: instantSchema,
  lines: z.int(),
  redeemed: fenSchema,
  reversed: fenSchema,
  adjusted: fenSchema,
  total: fenSchema.describe('redeemed less reversed, and adjusted: what is paid'),
  digest: z.string().describe('base64url of the SHA-256 of its octets'),
  confirmed_at: instantSchema.optional(),
  by_silence: z.boolean().describe('confirmed because the merchant said nothing for ten days'),
  dispute: z
    .object({
      at: instantSchema,
      reason: z.enum(disputeReasons),
      text: z.string().optional(),
      answered_at: instantSchema.optional(),
      answer: z.string().optional(),
    })
    .optional(),
  approvals: z.int(),
  approved_at: instantSchema.optional(),
  paid_at: instantSchema.optional(),
  bank_reference: z.string().optional(),
})

export const statementLineSchema = z.object({
  line: z.int(),
  kind: z.enum(statementLineKinds),
  at: instantSchema,
  benefit: z.object({ id: z.string(), zh: z.string(), en: z.string() }).optional(),
  store: z.object({ id: z.string(), name: z.string() }).optional(),
  subject_id: z.string().describe('of the redemption, or of the adjustment'),
  amount: fenSchema.describe('negative where the merchant owes it'),
  leaf_hash: z.string().describe('base64url: the line is this leaf of the ledger'),
})

/** What a line's ids are called. */
export interface NamedLine extends StatementLine {
  readonly storeName: string | undefined
  readonly benefitName: { readonly zh: string; readonly en: string } | undefined
}

/** A statement, as the merchant and the union see it. */
export function renderStatement(row: Statement): z.input<typeof statementSchema> {
  const { id, month, state, lines, redeemed, reversed, adjusted, total, approvals } = row
  if (!row.digest) throw new TypeError('a statement without its digest')
  return {
    ...{ id, merchant_id: row.merchantId, month, state, closed_at: row.closedAt, lines },
    ...{ redeemed, reversed, adjusted, total, approvals, digest: toBase64url(row.digest) },
    by_silence: row.confirmedAt !== null && row.confirmedBy === null,
    ...(row.confirmedAt !== null && { confirmed_at: row.confirmedAt }),
    ...(row.disputedAt !== null && { dispute: renderDispute(row, row.disputedAt) }),
    ...(row.approvedAt !== null && { approved_at: row.approvedAt }),
    ...(row.paidAt !== null && { paid_at: row.paidAt }),
    ...(row.bankReference !== null && { bank_reference: row.bankReference }),
  }
}

function renderDispute(row: Statement, at: number) {
  return {
    at,
    reason: row.disputeReason ?? 'other',
    ...(row.disputeText !== null && { text: row.disputeText }),
    ...(row.answeredAt !== null && { answered_at: row.answeredAt }),
    ...(row.answer !== null && { answer: row.answer }),
  }
}

/** One line of it. */
export function renderLine(row: NamedLine): z.input<typeof statementLineSchema> {
  const { line, kind, at, amount, benefitId, benefitName, storeId, storeName } = row
  return {
    ...{ line, kind, at, amount, subject_id: row.subjectId },
    leaf_hash: toBase64url(row.leafHash),
    ...(benefitId !== null && { benefit: { id: benefitId, zh: '', en: '', ...benefitName } }),
    ...(storeId !== null && { store: { id: storeId, name: storeName ?? '' } }),
  }
}
