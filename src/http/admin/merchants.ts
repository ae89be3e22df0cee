import { z } from 'zod'
import { type Actor, requireScope, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import {
  createMerchant,
  createStore,
  listMerchants,
  listStores,
  type Merchant,
  requireMerchant,
  requireStore,
  type Store,
  setMerchantState,
  setStoreState,
} from '../../merchants/merchants.ts'
import { merchantStates, storeStates } from '../../store/schema/merchants.ts'
import type { Reader } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const merchantSchema = z.object({
  id: z.string(),
  name: z.string(),
  org_code: z.string(),
  state: z.enum(merchantStates),
  contract_from: instantSchema,
  contract_to: instantSchema,
})
const storeSchema = z.object({
  id: z.string(),
  merchant_id: z.string(),
  name: z.string(),
  category: z.string(),
  region: z.int(),
  state: z.enum(storeStates),
})
const params = z.object({ id: idText })

/** Merchants and their stores. */
export function merchantRoutes(app: App, context: Context): void {
  getMerchants(app, context)
  postMerchants(app, context)
  postMerchantState(app, context)
  getMerchantStores(app, context)
  postMerchantStores(app, context)
  postStoreState(app, context)
}

function getMerchants(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/merchants',
    {
      schema: {
        operationId: 'listMerchants',
        summary: 'Merchants within the scope',
        querystring: pageQuery,
        response: { 200: pageOf(merchantSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'merchants.read')
      const { after, limit } = request.query
      const rows = await listMerchants(store.read, { orgPaths, after, limit: limit + 1 })
      return toPage(rows, limit, ({ id }) => id, render)
    },
  )
}

function postMerchants(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/merchants',
    {
      schema: {
        operationId: 'createMerchant',
        summary: 'Register a merchant with its agreement',
        body: z.strictObject({
          name: textOf(100),
          org_code: z.string().regex(organisationCode),
          contract_from: instantSchema,
          contract_to: instantSchema,
        }),
        response: { 201: merchantSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: merchantSchema,
        status: 201,
        work: async (tx, { orgPaths }) => {
          const { body } = request
          await requireScope(tx, orgPaths, body.org_code)
          const given = {
            name: body.name,
            orgCode: body.org_code,
            contractFrom: body.contract_from,
            contractTo: body.contract_to,
          }
          return render(await createMerchant(tx, { ...given, now: clock() }))
        },
      }),
  )
}

function postMerchantState(app: App, context: Context): void {
  app.post(
    '/merchants/:id/state',
    {
      schema: {
        operationId: 'setMerchantState',
        summary: 'Suspend, end or revive a merchant; terminals feel it at their next request',
        params,
        body: z.strictObject({ state: z.enum(merchantStates) }),
        response: { 200: merchantSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: merchantSchema,
        work: async (tx, actor) => {
          const { id } = await inScope(tx, request.params.id, actor)
          return render(await setMerchantState(tx, id, request.body.state))
        },
      }),
  )
}

function getMerchantStores(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/merchants/:id/stores',
    {
      schema: {
        operationId: 'listStores',
        summary: 'The stores of a merchant',
        params,
        querystring: pageQuery,
        response: { 200: pageOf(storeSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const actor = actorOf(request, 'merchants.read')
      const { id: merchantId } = await inScope(store.read, request.params.id, actor)
      const { after, limit } = request.query
      const rows = await listStores(store.read, { merchantId, after, limit: limit + 1 })
      return toPage(rows, limit, ({ id }) => id, renderStore)
    },
  )
}

function postMerchantStores(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/merchants/:id/stores',
    {
      schema: {
        operationId: 'createStore',
        summary: 'Open a store',
        params,
        body: z.strictObject({
          name: textOf(100),
          category: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
          region: z.int().min(100000).max(999999).describe('GB/T 2260'),
        }),
        response: { 201: storeSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: storeSchema,
        status: 201,
        work: async (tx, actor) => {
          const { id: merchantId } = await inScope(tx, request.params.id, actor)
          return renderStore(await createStore(tx, { merchantId, ...request.body, now: clock() }))
        },
      }),
  )
}

function postStoreState(app: App, context: Context): void {
  app.post(
    '/stores/:id/state',
    {
      schema: {
        operationId: 'setStoreState',
        summary: 'Open or close a store',
        params,
        body: z.strictObject({ state: z.enum(storeStates) }),
        response: { 200: storeSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'merchants.write',
        answer: storeSchema,
        work: async (tx, actor) => {
          const found = await requireStore(tx, request.params.id)
          await requireSight(tx, actor.orgPaths, found.merchant)
          return renderStore(await setStoreState(tx, found.store.id, request.body.state))
        },
      }),
  )
}

async function inScope(reader: Reader, id: string, { orgPaths }: Actor): Promise<Merchant> {
  const merchant = await requireMerchant(reader, id)
  await requireSight(reader, orgPaths, merchant)
  return merchant
}

function render(row: Merchant): z.input<typeof merchantSchema> {
  const { id, name, state } = row
  return {
    id,
    name,
    org_code: row.orgCode,
    state,
    contract_from: row.contractFrom,
    contract_to: row.contractTo,
  }
}

function renderStore(row: Store): z.input<typeof storeSchema> {
  const { id, name, category, region, state } = row
  return { id, merchant_id: row.merchantId, name, category, region, state }
}
