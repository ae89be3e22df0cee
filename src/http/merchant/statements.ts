import { z } from 'zod'

import {
  confirmStatement,
  disputeStatement,
  requireManager,
  requireOwnStatement,
} from '../../merchants/agree-statement.ts'
import { requireMerchant } from '../../merchants/merchants.ts'
import { statementsOf } from '../../merchants/statements.ts'
import { disputeReasons } from '../../store/schema/statements.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { csvEncodings, statementCsv } from '../statements/csv.ts'
import { allNamedLines, namedLines } from '../statements/named-lines.ts'
import { pdfLines, statementPdf } from '../statements/pdf.ts'
import {
  renderLine,
  renderStatement,
  statementLineSchema,
  statementSchema,
} from '../statements/views.ts'
import { write } from '../write.ts'
import { terminalOf } from './authenticate.ts'

const params = z.object({ id: idText })
const language = z.enum(['zh', 'en']).default('zh')
const csv = { 'text/csv': { schema: z.string() } }
const pdf = { 'application/pdf': { schema: z.string() } }

/** What the merchant is paid, for its managers. */
export function statementRoutes(app: App, context: Context): void {
  getStatements(app, context)
  getStatement(app, context)
  getStatementLines(app, context)
  getStatementCsv(app, context)
  getStatementPdf(app, context)
  postStatementConfirm(app, context)
  postStatementDisputes(app, context)
}

const reading = ['SHIFT_CLOSED', 'FORBIDDEN'] as const

function getStatements(app: App, { store }: Context): void {
  app.get(
    '/merchant/statements',
    {
      schema: {
        operationId: 'listOwnStatements',
        summary: "The merchant's statements, latest month first; for a manager on shift",
        querystring: pageQuery,
        response: { 200: pageOf(statementSchema) },
      },
      config: { refusals: reading },
    },
    async (request) => {
      const { merchantId } = await requireManager(store.read, terminalOf(request).terminalId)
      const { after: before, limit } = request.query
      const rows = await statementsOf(store.read, { merchantId, before, limit: limit + 1 })
      return toPage(rows, limit, ({ month }) => month, renderStatement)
    },
  )
}

function getStatement(app: App, context: Context): void {
  app.get(
    '/merchant/statements/:id',
    {
      schema: {
        operationId: 'getOwnStatement',
        summary: 'One of them',
        params,
        response: { 200: statementSchema },
      },
      config: { refusals: [...reading, 'NOT_FOUND'] },
    },
    async (request) => renderStatement(await own(context, request)),
  )
}

function getStatementLines(app: App, context: Context): void {
  app.get(
    '/merchant/statements/:id/lines',
    {
      schema: {
        operationId: 'listOwnStatementLines',
        summary: 'Its lines, in their order',
        params,
        querystring: pageQuery.extend({ after: z.coerce.number().int().min(0).default(0) }),
        response: { 200: pageOf(statementLineSchema) },
      },
      config: { refusals: [...reading, 'NOT_FOUND'] },
    },
    async (request) => {
      const { id: statementId } = await own(context, request)
      const { after, limit } = request.query
      const given = { statementId, after, limit: limit + 1 }
      const rows = await namedLines(context.store.read, given)
      return toPage(rows, limit, ({ line }) => String(line), renderLine)
    },
  )
}

function getStatementCsv(app: App, context: Context): void {
  app.get(
    '/merchant/statements/:id.csv',
    {
      schema: {
        operationId: 'getOwnStatementCsv',
        summary: 'Its lines as a file: UTF-8 with BOM, or GB18030',
        params,
        querystring: z.object({ language, encoding: z.enum(csvEncodings).default('utf-8') }),
        response: { 200: { description: 'CSV (RFC 4180)', content: csv } },
      },
      config: { refusals: [...reading, 'NOT_FOUND'] },
    },
    async (request, reply) => {
      const statement = await own(context, request)
      const { encoding } = request.query
      const pages = allNamedLines(context.store.read, statement.id)
      const file = statementCsv(pages, { ...request.query, total: statement.total })
      reply.header('content-disposition', `attachment; filename="statement-${statement.month}.csv"`)
      return reply.type(`text/csv; charset=${encoding}`).send(file as never)
    },
  )
}

function getStatementPdf(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/merchant/statements/:id.pdf',
    {
      schema: {
        operationId: 'getOwnStatementPdf',
        summary: `The statement for printing, with its first ${pdfLines} lines`,
        params,
        querystring: z.object({ language }),
        response: { 200: { description: 'PDF of A4 pages', content: pdf } },
      },
      config: { refusals: [...reading, 'NOT_FOUND'] },
    },
    async (request, reply) => {
      const statement = await own(context, request)
      const { name: merchantName } = await requireMerchant(store.read, statement.merchantId)
      const given = { statementId: statement.id, after: 0, limit: pdfLines }
      const lines = await namedLines(store.read, given)
      const file = await statementPdf({ statement, merchantName, lines, ...request.query })
      reply.header('content-disposition', `attachment; filename="statement-${statement.month}.pdf"`)
      return reply.type('application/pdf').send(file as never)
    },
  )
}

function postStatementConfirm(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/merchant/statements/:id/confirm',
    {
      schema: {
        operationId: 'confirmStatement',
        summary: 'Agree to a statement',
        params,
        body: z.strictObject({}),
        response: { 200: statementSchema },
      },
      config: { refusals: [...reading, 'NOT_FOUND', 'STATEMENT_STATE'] },
    },
    async (request, reply) => {
      const { terminalId, nonce } = terminalOf(request)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [nonce],
        answer: statementSchema,
        work: async (tx) => {
          const by = await requireManager(tx, terminalId)
          return renderStatement(await confirmStatement(tx, request.params.id, by, clock()))
        },
      })
    },
  )
}

function postStatementDisputes(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/merchant/statements/:id/disputes',
    {
      schema: {
        operationId: 'disputeStatement',
        summary: 'Hold something against a statement; corrections are lines of the next one',
        params,
        body: z.strictObject({ reason: z.enum(disputeReasons), text: textOf(200).optional() }),
        response: { 200: statementSchema },
      },
      config: { refusals: [...reading, 'NOT_FOUND', 'STATEMENT_STATE'] },
    },
    async (request, reply) => {
      const { terminalId, nonce } = terminalOf(request)
      return write(context, request, reply, {
        principal: `terminal:${terminalId}`,
        nonces: [nonce],
        answer: statementSchema,
        work: async (tx) => {
          const by = await requireManager(tx, terminalId)
          const { reason, text } = request.body
          const dispute = { reason, text, now: clock() }
          return renderStatement(await disputeStatement(tx, request.params.id, by, dispute))
        },
      })
    },
  )
}

async function own(
  { store }: Context,
  request: Parameters<typeof terminalOf>[0] & { params: { id: string } },
) {
  const by = await requireManager(store.read, terminalOf(request).terminalId)
  return requireOwnStatement(store.read, request.params.id, by)
}
