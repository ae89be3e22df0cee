import { z } from 'zod'

import { closeShift, openShift, takePinTry, verifyPin } from '../../merchants/cashiers.ts'
import { requireStore } from '../../merchants/merchants.ts'
import { cashiersOf, openShiftAt } from '../../merchants/staff.ts'
import { printedCodeStates } from '../../store/schema/merchants.ts'
import { redemptionsToday, takingsToday } from '../../vouchers/takings.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, instantSchema } from '../paging.ts'
import { writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { terminalOf } from './authenticate.ts'

const info = z.object({
  terminal_id: z.string(),
  store: z.object({
    ...{ id: z.string(), name: z.string(), state: z.string() },
    printed_code: z.enum(printedCodeStates),
  }),
  merchant: z.object({ id: z.string(), name: z.string(), state: z.string() }),
  cashiers: z.array(
    z.object({ id: z.string(), name: z.string(), role: z.enum(['cashier', 'manager']) }),
  ),
  shift: z
    .object({
      id: z.string(),
      cashier: z.string(),
      role: z.enum(['cashier', 'manager']),
      opened_at: instantSchema,
    })
    .optional()
    .describe('the shift that is open here'),
  today: z.object({ redemptions: z.int(), reversals: z.int(), amount: fenSchema }),
  server_time: instantSchema,
})

const taken = z.object({
  redemption_id: z.string(),
  state: z.enum(['committed', 'reversed']),
  amount: fenSchema,
  redeemed_at: instantSchema,
  reversible_until: instantSchema,
})

const opened = z.object({
  shift_id: z.string(),
  cashier_id: z.string(),
  opened_at: instantSchema,
})

const closed = z.object({
  shift_id: z.string(),
  opened_at: instantSchema,
  closed_at: instantSchema,
  redemptions: z.int(),
  reversals: z.int(),
  amount: fenSchema,
})

/** Who is at the counter. */
export function shiftRoutes(app: App, context: Context): void {
  getTerminalInfo(app, context)
  getTerminalRedemptions(app, context)
  postTerminalShifts(app, context)
  postTerminalShiftsClose(app, context)
}

function getTerminalInfo(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/terminal/info',
    {
      schema: {
        operationId: 'getTerminal',
        summary: 'This terminal: its store, cashiers and shift, what it took today, the time',
        response: { 200: info },
      },
    },
    async (request) => {
      const { terminalId, storeId } = terminalOf(request)
      const found = await requireStore(store.read, storeId)
      const { id, name, state, printedCode } = found.store
      const now = clock()
      const shift = await openShiftAt(store.read, terminalId)
      return {
        terminal_id: terminalId,
        store: { id, name, state, printed_code: printedCode },
        merchant: {
          id: found.merchant.id,
          name: found.merchant.name,
          state: found.merchant.state,
        },
        cashiers: await cashiersOf(store.read, storeId),
        ...(shift && {
          shift: {
            ...{ id: shift.id, cashier: shift.cashier, role: shift.role },
            opened_at: shift.openedAt,
          },
        }),
        today: { ...(await takingsToday(store.read, { terminalId, now })) },
        server_time: now,
      }
    },
  )
}

function getTerminalRedemptions(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/terminal/redemptions',
    {
      schema: {
        operationId: 'listTerminalRedemptions',
        summary: 'What this terminal redeemed today, latest first, 200 at the most',
        response: { 200: z.object({ items: z.array(taken) }) },
      },
    },
    async (request) => {
      const { terminalId } = terminalOf(request)
      const made = await redemptionsToday(store.read, { terminalId, now: clock(), limit: 200 })
      return {
        items: made.map((row) => ({
          redemption_id: writeReference(row),
          state: row.state,
          amount: row.amount,
          redeemed_at: row.redeemedAt,
          reversible_until: row.reversibleUntil,
        })),
      }
    },
  )
}

function postTerminalShifts(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/terminal/shifts',
    {
      schema: {
        operationId: 'openShift',
        summary: "Open a cashier's shift with their PIN",
        body: z.strictObject({ cashier_id: idText, pin: z.string().regex(/^[0-9]{4,12}$/) }),
        response: { 201: opened },
      },
      config: { refusals: ['PIN_WRONG', 'PIN_LOCKED', 'VERSION_CONFLICT'] },
    },
    async (request, reply) => {
      const { terminalId, nonce } = terminalOf(request)
      const { cashier_id: cashierId, pin } = request.body
      const verified = await verifyPin(store.read, cashierId, pin)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [nonce],
        answer: opened,
        status: 201,
        work: async (tx) => {
          const refused = await takePinTry(tx, { terminalId, cashierId, verified })
          if (refused) return refused
          const shift = await openShift(tx, { terminalId, cashierId, now: clock() })
          return { shift_id: shift.id, cashier_id: cashierId, opened_at: shift.openedAt }
        },
      })
    },
  )
}

function postTerminalShiftsClose(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/terminal/shifts/close',
    {
      schema: {
        operationId: 'closeShift',
        summary: 'Close the open shift and get its totals',
        body: z.strictObject({}),
        response: { 200: closed },
      },
      config: { refusals: ['SHIFT_CLOSED'] },
    },
    async (request, reply) => {
      const { terminalId, nonce } = terminalOf(request)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [nonce],
        answer: closed,
        work: async (tx) => {
          const now = clock()
          const { shift, redemptions, reversals, amount } = await closeShift(tx, {
            terminalId,
            now,
          })
          return {
            shift_id: shift.id,
            opened_at: shift.openedAt,
            closed_at: now,
            redemptions,
            reversals,
            amount,
          }
        },
      })
    },
  )
}
