import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { type Actor, requireSight } from '../../benefits/scope.ts'
import { cashierById, createCashier, hashPin, setPin } from '../../merchants/cashiers.ts'
import { requireStore, type Store } from '../../merchants/merchants.ts'
import { agreePrintedCode } from '../../merchants/printed-code.ts'
import {
  createTerminal,
  issueProvisioning,
  revokeTerminal,
  terminalById,
} from '../../merchants/terminals.ts'
import { cashierRoles, printedCodeStates } from '../../store/schema/merchants.ts'
import type { Reader } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, textOf } from '../paging.ts'
import { adminWrite } from './authenticate.ts'

const params = z.object({ id: idText })
const pin = z.string().regex(/^[0-9]{4,12}$/)

const terminal = z.object({ id: z.string(), store_id: z.string(), name: z.string() })

const token = z.object({ url: z.string(), token: z.string(), expires_at: instantSchema })

const gone = z.object({ id: z.string() })

const role = z
  .enum(cashierRoles)
  .describe("a manager may undo any terminal's redemptions of the store for a day")

const cashier = z.object({ id: z.string(), store_id: z.string(), name: z.string(), role })

/** What stands in a store: terminals with keys of their own, cashiers with PINs. */
export function storeRoutes(app: App, context: Context): void {
  postStoreTerminals(app, context)
  postTerminalProvisionings(app, context)
  postTerminalRevoke(app, context)
  postStoreCashiers(app, context)
  postCashierPin(app, context)
  putPrintedCode(app, context)
}

function postStoreTerminals(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/stores/:id/terminals',
    {
      schema: {
        operationId: 'createTerminal',
        summary: 'Register a terminal',
        params,
        body: z.strictObject({ name: textOf(64) }),
        response: { 201: terminal },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: terminal,
        status: 201,
        work: async (tx, actor) => {
          const { id: storeId } = await inScope(tx, request.params.id, actor)
          const { name } = request.body
          const made = await createTerminal(tx, { storeId, name, now: clock() })
          return { id: made.id, store_id: storeId, name }
        },
      }),
  )
}

function postTerminalProvisionings(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/terminals/:id/provisionings',
    {
      schema: {
        operationId: 'provisionTerminal',
        summary: 'A one-time token with which the terminal registers its key; told once',
        params,
        body: z.strictObject({}),
        response: { 201: token },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: token,
        status: 201,
        work: async (tx, actor) => {
          const terminalId = await terminalInScope(tx, request.params.id, actor)
          const made = await issueProvisioning(tx, node, { terminalId, now: clock() })
          return { url: context.publicUrl, token: made.token, expires_at: made.expiresAt }
        },
      }),
  )
}

function postTerminalRevoke(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/terminals/:id/revoke',
    {
      schema: {
        operationId: 'revokeTerminal',
        summary: 'End a terminal; its next request fails',
        params,
        body: z.strictObject({}),
        response: { 200: gone },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: gone,
        work: async (tx, actor) => {
          const id = await terminalInScope(tx, request.params.id, actor)
          await revokeTerminal(tx, id, clock())
          return { id }
        },
      }),
  )
}

function postStoreCashiers(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/stores/:id/cashiers',
    {
      schema: {
        operationId: 'createCashier',
        summary: 'Register a cashier, or a manager of the store, with a PIN',
        params,
        body: z.strictObject({ name: textOf(64), pin, role: role.optional() }),
        response: { 201: cashier },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const pinHash = await hashPin(request.body.pin)
      return adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: cashier,
        status: 201,
        work: async (tx, actor) => {
          const { id: storeId } = await inScope(tx, request.params.id, actor)
          const { name, role = 'cashier' } = request.body
          const made = await createCashier(tx, { storeId, name, role, pinHash, now: clock() })
          return { id: made.id, store_id: storeId, name, role }
        },
      })
    },
  )
}

function postCashierPin(app: App, context: Context): void {
  app.post(
    '/cashiers/:id/pin',
    {
      schema: {
        operationId: 'setPin',
        summary: 'Give a cashier a new PIN; ends a lock',
        params,
        body: z.strictObject({ pin }),
        response: { 200: gone },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const pinHash = await hashPin(request.body.pin)
      return adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: gone,
        work: async (tx, actor) => {
          const held = await cashierById(tx, request.params.id)
          if (!held) throw new Refusal('NOT_FOUND')
          await inScope(tx, held.storeId, actor)
          await setPin(tx, held.id, pinHash)
          return { id: held.id }
        },
      })
    },
  )
}

function putPrintedCode(app: App, context: Context): void {
  const answer = z.object({ printed_code: z.enum(printedCodeStates) })
  app.put(
    '/stores/:id/printed-code',
    {
      schema: {
        operationId: 'agreeToPrintedCode',
        summary: 'Agree that members use vouchers by a store’s printed code, or end it',
        description: 'A manager of the store asks first; the counter accepts each use.',
        params,
        body: z.strictObject({ agreed: z.boolean() }),
        response: { 200: answer },
      },
      config: { refusals: ['NOT_FOUND', 'PRINTED_CODE_OFF'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer,
        work: async (tx, actor) => {
          const { id } = await inScope(tx, request.params.id, actor)
          return { printed_code: await agreePrintedCode(tx, id, request.body.agreed) }
        },
      }),
  )
}

async function inScope(reader: Reader, storeId: string, { orgPaths }: Actor): Promise<Store> {
  const { store, merchant } = await requireStore(reader, storeId)
  await requireSight(reader, orgPaths, merchant)
  return store
}

async function terminalInScope(reader: Reader, id: string, actor: Actor): Promise<string> {
  const terminal = await terminalById(reader, id)
  if (!terminal) throw new Refusal('NOT_FOUND')
  await inScope(reader, terminal.storeId, actor)
  return terminal.id
}
