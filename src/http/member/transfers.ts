import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { openJoinCode } from '../../identity/join-codes.ts'
import { named, transfersOf } from '../../identity/transfer-lists.ts'
import { askTransfer, type Transfer, withdrawTransfer } from '../../identity/transfers.ts'
import type { Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { renderTransfer, transferSchema } from '../transfer-view.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const wish = z.union([
  z.strictObject({ org_code: z.string().regex(organisationCode) }),
  z.strictObject({ join_code: z.string().regex(/^[A-Za-z0-9_-]{22}$/) }),
])

/** The member's own moves from one union to another. */
export function transferRoutes(app: App, context: Context): void {
  getTransfers(app, context)
  postTransfers(app, context)
  postTransferWithdraw(app, context)
}

function getTransfers(app: App, { store, node }: Context): void {
  app.get(
    '/me/transfers',
    {
      schema: {
        operationId: 'listMyTransfers',
        summary: 'The transfers of the member, the latest first',
        response: { 200: z.object({ items: z.array(transferSchema) }) },
      },
    },
    async (request) => {
      const rows = await transfersOf(store.read, memberOf(request).memberId)
      return { items: rows.map((row) => renderTransfer(node, row)) }
    },
  )
}

function postTransfers(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/me/transfers',
    {
      schema: {
        operationId: 'askTransfer',
        summary: 'Ask to move to another union, named by its code or by the code that it prints',
        body: wish,
        response: { 201: transferSchema },
      },
      config: { refusals: ['NOT_FOUND', 'ALREADY_EXISTS', 'VERSION_CONFLICT'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      return write(context, request, reply, {
        ...{ principal: `member:${memberId}`, nonces: [nonce] },
        ...{ answer: transferSchema, status: 201 },
        work: async (tx) => {
          const now = clock()
          const toOrg = await targetOf(tx, context, request.body)
          return rendered(tx, node, await askTransfer(tx, { memberId, toOrg, now }))
        },
      })
    },
  )
}

function postTransferWithdraw(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/me/transfers/:id/withdraw',
    {
      schema: {
        operationId: 'withdrawTransfer',
        summary: 'Take a transfer back that waits',
        params: z.object({ id: idText }),
        body: z.strictObject({}),
        response: { 200: transferSchema },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT'] },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      const { id } = request.params
      return write(context, request, reply, {
        ...{ principal: `member:${memberId}`, nonces: [nonce], answer: transferSchema },
        work: async (tx) =>
          rendered(tx, node, await withdrawTransfer(tx, { id, memberId, now: clock() })),
      })
    },
  )
}

async function targetOf(
  tx: Tx,
  { node, clock }: Context,
  body: z.output<typeof wish>,
): Promise<string> {
  if ('org_code' in body) return body.org_code
  const code = await openJoinCode(tx, node, body.join_code, clock())
  if (!code) throw new Refusal('NOT_FOUND', { what: 'organisation' })
  return code.orgCode
}

async function rendered(tx: Tx, node: Context['node'], transfer: Transfer) {
  const [row] = await named(tx, [transfer])
  if (!row) throw new TypeError('a transfer without names')
  return renderTransfer(node, row)
}
