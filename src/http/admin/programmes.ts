import { z } from 'zod'
import { proposeBudgetChange } from '../../benefits/budget-change.ts'
import {
  budgetOf,
  createProgramme,
  listProgrammes,
  type Programme,
  readProgramme,
} from '../../benefits/programmes.ts'
import { requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { accounts } from '../../store/schema/ledger.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'
import { proposalSchema, renderProposal } from './proposals.ts'

const programmeSchema = z.object({
  id: z.string(),
  public_id: z.string(),
  name_zh: z.string(),
  name_en: z.string(),
  org_code: z.string(),
  period_from: instantSchema,
  period_to: instantSchema,
  time_zone: z.string(),
  available: fenSchema,
  version: z.int(),
})
const params = z.object({ id: idText })

const budget = z.object({
  available: fenSchema,
  version: z.int(),
  balances: z
    .record(z.enum(accounts), fenSchema)
    .describe('by account, debits less credits; they sum to zero'),
})

/** Programmes and their budgets. */
export function programmeRoutes(app: App, context: Context): void {
  getProgrammes(app, context)
  postProgrammes(app, context)
  postProgrammeBudgetChanges(app, context)
  getProgrammeBudget(app, context)
}

function getProgrammes(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/programmes',
    {
      schema: {
        operationId: 'listProgrammes',
        summary: 'Programmes within the scope',
        querystring: pageQuery,
        response: { 200: pageOf(programmeSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { after, limit } = request.query
      const rows = await listProgrammes(store.read, orgPaths, { after, limit: limit + 1 })
      return toPage(rows, limit, ({ id }) => id, render)
    },
  )
}

function postProgrammes(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/programmes',
    {
      schema: {
        operationId: 'createProgramme',
        summary: 'Begin a programme, without money',
        body: z.strictObject({
          public_id: textOf(64),
          name_zh: textOf(100),
          name_en: textOf(100),
          org_code: z.string().regex(organisationCode),
          period_from: instantSchema,
          period_to: instantSchema,
          time_zone: textOf(64).default('Asia/Shanghai'),
        }),
        response: { 201: programmeSchema },
      },
      config: { refusals: ['NOT_FOUND', 'ALREADY_EXISTS'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: programmeSchema,
        status: 201,
        work: async (tx, actor) => {
          const { body } = request
          const given = {
            publicId: body.public_id,
            nameZh: body.name_zh,
            nameEn: body.name_en,
            orgCode: body.org_code,
            periodFrom: body.period_from,
            periodTo: body.period_to,
            timeZone: body.time_zone,
          }
          return render(await createProgramme(tx, given, actor, clock()))
        },
      }),
  )
}

function postProgrammeBudgetChanges(app: App, context: Context): void {
  app.post(
    '/programmes/:id/budget-changes',
    {
      schema: {
        operationId: 'proposeBudgetChange',
        summary: 'Propose to add money to a programme, or to give it back to the fund',
        description:
          'Another person signs it at /admin/proposals/{id}/decisions; then it is booked.',
        params,
        body: z.strictObject({
          amount: z.int().min(-1e13).max(1e13).describe('fen, signed'),
          expected_version: z
            .int()
            .min(1)
            .max(2 ** 31 - 1),
          reason: textOf(200),
        }),
        response: { 201: proposalSchema },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT', 'BUDGET_EXHAUSTED'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'budgets.write',
        answer: proposalSchema,
        status: 201,
        work: async (tx, actor) => {
          const { amount, expected_version: expectedVersion, reason } = request.body
          const change = { programmeId: request.params.id, amount, expectedVersion, reason }
          return renderProposal(await proposeBudgetChange(tx, change, actor, context.clock()))
        },
      }),
  )
}

function getProgrammeBudget(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/programmes/:id/budget',
    {
      schema: {
        operationId: 'getBudget',
        summary: "What became of a programme's money, from its postings",
        params,
        response: { 200: budget },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { id, orgCode } = await readProgramme(store.read, request.params.id)
      await requireSight(store.read, orgPaths, { orgCode, what: 'programme' })
      const found = await budgetOf(store.read, id)
      return { ...found, balances: { ...found.balances } }
    },
  )
}

function render(row: Programme): z.input<typeof programmeSchema> {
  return {
    id: row.id,
    public_id: row.publicId,
    name_zh: row.nameZh,
    name_en: row.nameEn,
    org_code: row.orgCode,
    period_from: row.periodFrom,
    period_to: row.periodTo,
    time_zone: row.timeZone,
    available: row.available,
    version: row.version,
  }
}
