import { z } from 'zod'

import { toBase64url } from '../../base/bytes.ts'
import { type IssueProof, receiptsOf } from '../../ledger/voucher-receipts.ts'
import { voucherOf } from '../../vouchers/wallet.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { receiptSchema, renderReceipt } from '../promised.ts'
import { memberOf } from './authenticate.ts'

const issueSchema = z
  .object({
    vh: z.string().describe("base64url: the voucher's digest, as the log names it"),
    position: z.int().describe('in the list that the leaf commits to'),
    count: z.int().describe('cnt of the leaf'),
    proof: z.array(z.string()).describe('RFC 9162 inclusion proof towards vr of the leaf, base64'),
  })
  .describe('that the leaf, which issued many, issued this voucher')

const receipts = z.object({
  items: z.array(
    receiptSchema.extend({
      kind: z.string(),
      version: z.int(),
      at: instantSchema,
      issue: issueSchema.optional(),
    }),
  ),
})

/** What a member can keep of a voucher, to prove it without us. */
export function receiptRoutes(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/me/vouchers/:id/receipts',
    {
      schema: {
        operationId: 'listVoucherReceipts',
        summary: "A receipt of every leaf about one of the member's vouchers",
        params: z.object({ id: z.string().regex(/^[0-9a-f]{32}$/) }),
        response: { 200: receipts },
      },
      config: { refusals: ['VOUCHER_NOT_FOUND'] },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const voucherId = request.params.id
      const held = await voucherOf(store.read, { memberId, bucket, voucherId, now: clock() })
      const made = await receiptsOf(store.read, held.voucher)
      const rendered = made.map(async (one) => ({
        ...{ kind: one.kind, version: one.version, at: one.at },
        ...(await renderReceipt(context, one, one.receipt)),
        ...(one.issue && { issue: renderIssue(one.issue) }),
      }))
      return { items: await Promise.all(rendered) }
    },
  )
}

function renderIssue({ digest, position, count, proof }: IssueProof) {
  return { vh: toBase64url(digest), position, count, proof: [...proof] }
}
