import { z } from 'zod'

import { requireManager } from '../../merchants/agree-statement.ts'
import { askPrintedCode } from '../../merchants/printed-code.ts'
import { printedCodeStates } from '../../store/schema/merchants.ts'
import { answerAtCounter, waitingAt } from '../../vouchers/at-counter.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, instantSchema } from '../paging.ts'
import { readReference, writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { terminalOf } from './authenticate.ts'

const setting = z.object({
  printed_code: z.enum(printedCodeStates).describe('asked: the union has not agreed yet'),
})

const waiting = z.object({
  items: z.array(
    z.object({
      id: z.string().describe('to accept or decline'),
      name: z.object({ zh: z.string(), en: z.string() }),
      amount: fenSchema,
      member_name: z.string().describe('masked'),
      held_until: instantSchema,
    }),
  ),
})

const answered = z.object({ state: z.enum(['accepted', 'declined']) })
const standingCodes = [
  ...(['SHIFT_CLOSED', 'STORE_INACTIVE', 'MERCHANT_SUSPENDED', 'CONTRACT_ENDED'] as const),
  ...(['PREPARATION_EXPIRED', 'NOT_FOUND'] as const),
]

/** The store's printed code: whether it is good, and who wants to use a voucher by it now. */
export function printedCodeRoutes(app: App, context: Context): void {
  putPrintedCode(app, context)
  getWaiting(app, context)
  postAnswer(app, context, 'accept')
  postAnswer(app, context, 'decline')
}

function putPrintedCode(app: App, context: Context): void {
  app.put(
    '/terminal/printed-code',
    {
      schema: {
        operationId: 'askForPrintedCode',
        summary: 'Ask that members may use vouchers by the store’s printed code; for a manager',
        body: z.strictObject({ wanted: z.boolean() }),
        response: { 200: setting },
      },
      config: { refusals: ['SHIFT_CLOSED', 'FORBIDDEN'] },
    },
    async (request, reply) => {
      const { terminalId, storeId, nonce } = terminalOf(request)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [nonce],
        answer: setting,
        work: async (tx) => {
          await requireManager(tx, terminalId)
          return { printed_code: await askPrintedCode(tx, storeId, request.body.wanted) }
        },
      })
    },
  )
}

function getWaiting(app: App, { store, clock }: Context): void {
  app.get(
    '/terminal/member-redemptions',
    {
      schema: {
        operationId: 'listWaitingMembers',
        summary: 'Who wants to use a voucher by the store’s printed code, and waits for a yes',
        response: { 200: waiting },
      },
    },
    async (request) => {
      const found = await waitingAt(store.read, terminalOf(request).storeId, clock())
      return {
        items: found.map(({ name, amount, memberName, until, ...at }) => ({
          ...{ id: writeReference(at), name, amount, member_name: memberName, held_until: until },
        })),
      }
    },
  )
}

function postAnswer(app: App, context: Context, word: 'accept' | 'decline'): void {
  const accepted = word === 'accept'
  app.post(
    `/terminal/member-redemptions/:id/${word}`,
    {
      schema: {
        operationId: `${word}MemberRedemption`,
        summary: accepted
          ? 'Let the member use it: their phone redeems it now'
          : 'Do not: the voucher is free again',
        params: z.object({ id: z.string().max(64) }),
        body: z.strictObject({}),
        response: { 200: answered },
      },
      config: { refusals: standingCodes },
    },
    async (request, reply) => {
      const { terminalId, nonce } = terminalOf(request)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [nonce],
        answer: answered,
        work: async (tx) => {
          const preparation = readReference(request.params.id)
          const now = context.clock()
          await answerAtCounter(tx, { terminalId, preparation, accepted, now })
          return { state: accepted ? ('accepted' as const) : ('declined' as const) }
        },
      })
    },
  )
}
