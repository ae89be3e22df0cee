import { z } from 'zod'

import { fromBase64url } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import { readProgramme, returnAvailable, takeAvailable } from '../../benefits/programmes.ts'
import { requireSight } from '../../benefits/scope.ts'
import { adjust } from '../../merchants/adjust.ts'
import { answerDispute } from '../../merchants/agree-statement.ts'
import { approveStatement } from '../../merchants/approve-statement.ts'
import { markPaid } from '../../merchants/settlement.ts'
import { adjustmentReasons } from '../../store/schema/statements.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, textOf } from '../paging.ts'
import { renderStatement, statementSchema } from '../statements/views.ts'
import { adminWrite } from './authenticate.ts'
import { statementInSight } from './statements.ts'

const params = z.object({ id: idText })
const adjustment = z.object({
  id: z.string(),
  programme_id: z.string(),
  amount: fenSchema,
  reason: z.enum(adjustmentReasons),
})

/** The bank's number of a transfer: no resident id, mobile or card number. */
const bankReference = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{5,39}$/)
  .refine((text) => !/^(\d{17}[\dXx]|1[3-9]\d{9}|\d{16}|\d{19})$/.test(text), {
    message: 'must be the number of a transfer, not of a person or a card',
  })

/** From an agreed statement to the money: answering disputes, adjusting, approving, paying. */
export function settlementRoutes(app: App, context: Context): void {
  postStatementApprove(app, context)
  postStatementAnswer(app, context)
  postStatementAdjustments(app, context)
  postStatementMarkPaid(app, context)
}

function postStatementApprove(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/statements/:id/approve',
    {
      schema: {
        operationId: 'approveStatement',
        summary: 'Approve a statement by its digest; two persons must',
        params,
        body: z.strictObject({ digest: z.string().length(43).describe('base64url') }),
        response: { 200: statementSchema },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'STATEMENT_STATE', 'SELF_APPROVAL', 'ALREADY_EXISTS'] as const),
          'VERSION_CONFLICT',
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'statements.approve',
        answer: statementSchema,
        work: async (tx, actor) => {
          const statement = await statementInSight(tx, request.params.id, actor)
          const digest = fromBase64url(request.body.digest)
          if (!digest) throw new Refusal('VALIDATION_FAILED', { issues: ['digest: malformed'] })
          const { personId, principalId } = actor
          const word = { personId, principalId, digest, now: clock() }
          return renderStatement(await approveStatement(tx, statement, word))
        },
      }),
  )
}

function postStatementAnswer(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/statements/:id/answer',
    {
      schema: {
        operationId: 'answerDispute',
        summary: 'Answer the dispute of a statement; what it grants is an adjustment',
        params,
        body: z.strictObject({ answer: textOf(200) }),
        response: { 200: statementSchema },
      },
      config: { refusals: ['NOT_FOUND', 'STATEMENT_STATE'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'statements.write',
        answer: statementSchema,
        work: async (tx, actor) => {
          const statement = await statementInSight(tx, request.params.id, actor)
          const given = { answer: request.body.answer, personId: actor.personId, now: clock() }
          return renderStatement(await answerDispute(tx, statement, given))
        },
      }),
  )
}

function postStatementAdjustments(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/statements/:id/adjustments',
    {
      schema: {
        operationId: 'adjustStatement',
        summary: "Correct a statement by a line of the merchant's next one",
        params,
        body: z.strictObject({
          programme_id: idText,
          amount: z.int().min(-100_000_000).max(100_000_000).describe('fen more; negative: less'),
          reason: z.enum(adjustmentReasons),
        }),
        response: { 201: adjustment },
      },
      config: { refusals: ['NOT_FOUND', 'BUDGET_EXHAUSTED'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'statements.write',
        answer: adjustment,
        status: 201,
        work: async (tx, actor) => {
          const statement = await statementInSight(tx, request.params.id, actor)
          const { programme_id: id, amount, reason } = request.body
          const programme = await readProgramme(tx, id)
          const { orgCode } = programme
          await requireSight(tx, actor.orgPaths, { orgCode, what: 'programme' })
          if (amount > 0) await takeAvailable(tx, id, amount)
          else await returnAvailable(tx, id, -amount)
          const { personId } = actor
          const given = { programme, amount, reason, personId, now: clock() }
          const made = await adjust(tx, node, statement, given)
          return { id: made.id, programme_id: id, amount, reason }
        },
      }),
  )
}

function postStatementMarkPaid(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/statements/:id/mark-paid',
    {
      schema: {
        operationId: 'markStatementPaid',
        summary: 'Say that the bank has paid an approved statement',
        params,
        body: z.strictObject({ bank_reference: bankReference }),
        response: { 200: statementSchema },
      },
      config: { refusals: ['NOT_FOUND', 'STATEMENT_STATE'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'statements.write',
        answer: statementSchema,
        work: async (tx, actor) => {
          const statement = await statementInSight(tx, request.params.id, actor)
          const { bank_reference: reference } = request.body
          const payment = { personId: actor.personId, bankReference: reference, now: clock() }
          return renderStatement(await markPaid(tx, node, statement, payment))
        },
      }),
  )
}
