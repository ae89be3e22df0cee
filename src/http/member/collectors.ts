import { z } from 'zod'

import { utf8 } from '../../base/bytes.ts'
import { sha256 } from '../../base/sha256.ts'
import {
  type Delegation,
  delegationsOf,
  nameCollector,
  openCollector,
  revokeCollector,
} from '../../vouchers/delegations.ts'
import { bucketOfHandle } from '../../vouchers/handle.ts'
import { voucherOf } from '../../vouchers/wallet.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, textOf } from '../paging.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const handle = z.object({ id: z.string().regex(/^[0-9a-f]{32}$/) })

const delegationSchema = z.object({
  id: z.string(),
  name: z.string(),
  mobile_last4: z.string(),
  state: z.enum(['active', 'revoked', 'used', 'expired']),
  valid_from: instantSchema,
  valid_to: instantSchema,
  used_at: instantSchema.optional(),
})

const named = delegationSchema.extend({
  digits: z.string().describe('the pick-up code, to be passed on; told once'),
})

/** Who picks a package up for the member. */
export function collectorRoutes(app: App, context: Context): void {
  getDelegations(app, context)
  postDelegations(app, context)
  deleteDelegation(app, context)
}

function getDelegations(app: App, { store, node, clock }: Context): void {
  app.get(
    '/me/vouchers/:id/delegations',
    {
      schema: {
        operationId: 'listCollectors',
        summary: 'Whom the member has named to pick a package up, the latest first',
        params: handle,
        response: { 200: z.object({ items: z.array(delegationSchema) }) },
      },
      config: { refusals: ['VOUCHER_NOT_FOUND'] },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const { id: voucherId } = request.params
      const now = clock()
      await voucherOf(store.read, { memberId, bucket, voucherId, now })
      const rows = await delegationsOf(store.read, bucket, voucherId)
      return { items: rows.map((row) => render(node, row, now)) }
    },
  )
}

function postDelegations(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/me/vouchers/:id/delegations',
    {
      schema: {
        operationId: 'nameCollector',
        summary: 'Name who picks a package up, and get the code to pass on to them',
        params: handle,
        body: z.strictObject({
          name: textOf(64),
          mobile_last4: z.string().regex(/^[0-9]{4}$/),
          valid_from: instantSchema.optional(),
          valid_to: instantSchema.optional(),
        }),
        response: { 201: named },
      },
      config: {
        refusals: [
          ...(['VOUCHER_NOT_FOUND', 'NOT_CLAIMED', 'ALREADY_REDEEMED'] as const),
          ...([
            'VOUCHER_SUSPENDED',
            'VOUCHER_VOID',
            'VOUCHER_RETURNED',
            'VOUCHER_EXPIRED',
          ] as const),
          ...(['VERSION_CONFLICT', 'DELEGATE_MISMATCH', 'ALREADY_EXISTS'] as const),
        ],
      },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      const { name, mobile_last4: mobileLast4, valid_from, valid_to } = request.body
      const evidence = sha256(utf8(String(request.headers.dpop)))
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: named,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const { id: voucherId } = request.params
          const { delegation, digits } = await nameCollector(tx, node, {
            ...{ memberId, bucket: bucketOfHandle(voucherId), voucherId, evidence, now },
            ...{ collector: { name, mobileLast4 }, validFrom: valid_from, validTo: valid_to },
          })
          return { ...render(node, delegation, now), digits }
        },
      })
    },
  )
}

function deleteDelegation(app: App, context: Context): void {
  const { node, clock } = context
  app.delete(
    '/me/vouchers/:id/delegations/:delegation',
    {
      schema: {
        operationId: 'revokeCollector',
        summary: 'Take a name back: its code is worth nothing from then on',
        params: handle.extend({ delegation: idText }),
        response: { 200: delegationSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { memberId, bucket, nonce } = memberOf(request)
      const { id: voucherId, delegation: id } = request.params
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: delegationSchema,
        work: async (tx) => {
          const now = clock()
          const revoked = await revokeCollector(tx, { memberId, bucket, voucherId, id, now })
          return render(node, revoked, now)
        },
      })
    },
  )
}

function render(node: Context['node'], row: Delegation, now: number) {
  const { id, validFrom, validTo, usedAt, revokedAt } = row
  const collector = openCollector(node, row)
  const over = now >= validTo ? ('expired' as const) : ('active' as const)
  const ended = usedAt !== null ? ('used' as const) : ('revoked' as const)
  return {
    ...{ id, name: collector?.name ?? '', mobile_last4: collector?.mobileLast4 ?? '' },
    state: usedAt === null && revokedAt === null ? over : ended,
    ...{ valid_from: validFrom, valid_to: validTo },
    ...(usedAt !== null && { used_at: usedAt }),
  }
}
