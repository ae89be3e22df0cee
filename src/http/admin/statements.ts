import { z } from 'zod'

import { monthNamed } from '../../benefits/criteria/month.ts'
import { type Actor, requireSight } from '../../benefits/scope.ts'
import { closeStatement } from '../../merchants/close-statement.ts'
import { requireMerchant } from '../../merchants/merchants.ts'
import { listStatements, requireStatement, type Statement } from '../../merchants/statements.ts'
import { statementStates } from '../../store/schema/statements.ts'
import type { Reader } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, pageOf, pageQuery, toPage } from '../paging.ts'
import { csvEncodings, statementCsv } from '../statements/csv.ts'
import { allNamedLines, namedLines } from '../statements/named-lines.ts'
import {
  renderLine,
  renderStatement,
  statementLineSchema,
  statementSchema,
} from '../statements/views.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const params = z.object({ id: idText })
const monthText = z.string().regex(/^\d{4}-\d{2}$/)
const listed = statementSchema.extend({ merchant_name: z.string() })
const closed = z.object({
  closed: z.boolean().describe('false when the month was closed before, or has nothing to state'),
  statement: statementSchema.optional(),
})

/** What merchants are owed: closing months and looking at statements. */
export function statementRoutes(app: App, context: Context): void {
  postStatementsClose(app, context)
  getAdminStatements(app, context)
  getAdminStatement(app, context)
  getAdminStatementLines(app, context)
  getAdminStatementCsv(app, context)
}

function postStatementsClose(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/statements/close',
    {
      schema: {
        operationId: 'closeStatement',
        summary: "Close a merchant's month; the node does it by itself on the second of the next",
        body: z.strictObject({ merchant_id: idText, month: monthText }),
        response: { 200: closed },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'statements.write',
        answer: closed,
        work: async (tx, actor) => {
          const { merchant_id: merchantId, month } = request.body
          const merchant = await requireMerchant(tx, merchantId)
          await requireSight(tx, actor.orgPaths, merchant)
          const { personId: by } = actor
          const closing = { merchantId, month: monthNamed(month), by, now: clock() }
          const made = await closeStatement(tx, node, closing)
          return { closed: made !== undefined, ...(made && { statement: renderStatement(made) }) }
        },
      }),
  )
}

function getAdminStatements(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/statements',
    {
      schema: {
        operationId: 'listStatements',
        summary: 'Statements of merchants within the scope',
        querystring: pageQuery.extend({
          state: z.enum(statementStates).optional(),
          month: monthText.optional(),
        }),
        response: { 200: pageOf(listed) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'statements.read')
      const { after, limit, state, month } = request.query
      const given = { orgPaths, state, month, after, limit: limit + 1 }
      const rows = await listStatements(store.read, given)
      return toPage(rows, limit, ({ id }) => id, render)
    },
  )
}

function render(row: Statement & { readonly merchantName: string }): z.input<typeof listed> {
  return { ...renderStatement(row), merchant_name: row.merchantName }
}

function getAdminStatement(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/statements/:id',
    {
      schema: {
        operationId: 'getStatement',
        summary: 'A statement',
        params,
        response: { 200: statementSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const actor = actorOf(request, 'statements.read')
      return renderStatement(await statementInSight(store.read, request.params.id, actor))
    },
  )
}

function getAdminStatementLines(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/statements/:id/lines',
    {
      schema: {
        operationId: 'listStatementLines',
        summary: 'Its lines, in their order',
        params,
        querystring: pageQuery.extend({ after: z.coerce.number().int().min(0).default(0) }),
        response: { 200: pageOf(statementLineSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const actor = actorOf(request, 'statements.read')
      const { id: statementId } = await statementInSight(store.read, request.params.id, actor)
      const { after, limit } = request.query
      const rows = await namedLines(store.read, { statementId, after, limit: limit + 1 })
      return toPage(rows, limit, ({ line }) => String(line), renderLine)
    },
  )
}

function getAdminStatementCsv(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/statements/:id.csv',
    {
      schema: {
        operationId: 'exportStatement',
        summary: 'Its lines as a file: UTF-8 with BOM, or GB18030',
        params,
        querystring: z.object({
          language: z.enum(['zh', 'en']).default('zh'),
          encoding: z.enum(csvEncodings).default('utf-8'),
        }),
        response: {
          200: {
            description: 'CSV (RFC 4180)',
            content: { 'text/csv': { schema: z.string() } },
          },
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const actor = actorOf(request, 'statements.read')
      const statement = await statementInSight(store.read, request.params.id, actor)
      const pages = allNamedLines(store.read, statement.id)
      const file = statementCsv(pages, { ...request.query, total: statement.total })
      reply.header('content-disposition', `attachment; filename="statement-${statement.month}.csv"`)
      return reply.type(`text/csv; charset=${request.query.encoding}`).send(file as never)
    },
  )
}

/** A statement of a merchant within the scope. Refusal NOT_FOUND, for any other too. */
export async function statementInSight(
  reader: Reader,
  id: string,
  { orgPaths }: Pick<Actor, 'orgPaths'>,
): Promise<Statement> {
  const statement = await requireStatement(reader, id)
  const { orgCode } = await requireMerchant(reader, statement.merchantId)
  await requireSight(reader, orgPaths, { orgCode, what: 'statement' })
  return statement
}
