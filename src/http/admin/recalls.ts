import { z } from 'zod'
import { toHex } from '../../base/bytes.ts'
import { readBatch } from '../../benefits/batches/batch.ts'
import { readProposal } from '../../benefits/proposals.ts'
import { orgPathOf, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { dryRunRecall } from '../../jobs/recall-dry-run.ts'
import { recallStates } from '../../store/schema/batches.ts'
import { proposalStates } from '../../store/schema/proposals.ts'
import type { Reader } from '../../store/store.ts'
import {
  type Asked,
  type Recall,
  readRecall,
  recallableStates,
  recallsOf,
} from '../../vouchers/recalls.ts'
import { signersFor, submitRecall } from '../../vouchers/run-recall.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const selection = z
  .strictObject({
    org_code: z
      .string()
      .regex(organisationCode)
      .optional()
      .describe('of members at or below it now'),
    list_id: idText.optional().describe('of members on this list'),
    member_nos: z.array(textOf(64)).min(1).max(5000).optional(),
    states: z.array(z.enum(recallableStates)).min(1).max(3).optional(),
  })
  .describe('what all that is given holds for; {}: whatever nobody has used')

const recallSchema = z.object({
  id: z.string(),
  batch_id: z.string(),
  state: z.enum([...recallStates, ...proposalStates]),
  reason: z.string(),
  count: z.int().describe('vouchers that nobody had used'),
  amount: fenSchema.describe('fen that would come back'),
  cannot: z
    .record(z.string(), z.int())
    .describe('what was asked for and stays, by state; part_used: uses are left'),
  vouchers_sha256: z.string(),
  approvals_needed: z.int(),
  proposal_id: z.string().optional(),
  recalled: z.int(),
  returned: fenSchema,
  created_at: instantSchema,
  finished_at: instantSchema.optional(),
})
const params = z.object({ id: idText })

/** Taking back a chosen part of a batch: tried out, signed by others if it is worth much, run. */
export function recallRoutes(app: App, context: Context): void {
  postRecalls(app, context)
  getRecalls(app, context)
  getRecall(app, context)
  postRecallSubmit(app, context)
}

function postRecalls(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/batches/:id/recalls',
    {
      schema: {
        operationId: 'createRecall',
        summary: 'Find out and store what taking back a part of a batch would do',
        description: 'Nothing is taken back before it is submitted; the set grows no more.',
        params,
        body: z.strictObject({ selection, reason: textOf(200) }),
        response: { 200: recallSchema },
      },
      config: { refusals: ['NOT_FOUND', 'BATCH_STATE'], unkeyed: true },
    },
    async (request) => {
      const actor = actorOf(request, 'batches.approve')
      const { reason, selection: chosen } = request.body
      const given = { batchId: request.params.id, actor, reason, asked: askedOf(chosen) }
      return render(store.read, await dryRunRecall(store, { ...given, now: clock() }))
    },
  )
}

function getRecalls(app: App, { store }: Context): void {
  app.get(
    '/batches/:id/recalls',
    {
      schema: {
        operationId: 'listRecalls',
        summary: 'Recalls of parts of a batch, the latest first',
        params,
        querystring: pageQuery,
        response: { 200: pageOf(recallSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { id, orgCode } = await readBatch(store.read, request.params.id)
      await requireSight(store.read, orgPaths, { orgCode, what: 'batch' })
      const { after, limit } = request.query
      const rows = await recallsOf(store.read, id, { after, limit: limit + 1 })
      const { items, next } = toPage(
        rows,
        limit,
        (row) => row.id,
        (row) => row,
      )
      const shown = await Promise.all(items.map((row) => render(store.read, row)))
      return { items: shown, ...(next !== undefined && { next }) }
    },
  )
}

function getRecall(app: App, { store }: Context): void {
  app.get(
    '/recalls/:id',
    {
      schema: {
        operationId: 'getRecall',
        summary: 'One recall: what it would do, and how far it is',
        params,
        response: { 200: recallSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      return render(store.read, await readRecall(store.read, request.params.id, orgPaths))
    },
  )
}

function postRecallSubmit(app: App, context: Context): void {
  app.post(
    '/recalls/:id/submit',
    {
      schema: {
        operationId: 'submitRecall',
        summary: 'Run a recall that was tried out, or hand it over to others',
        description:
          'Up to CNY 10 000 it runs at once. Above, others sign a proposal first: one fewer than ' +
          'issuing the same money takes.',
        params,
        body: z.strictObject({}),
        response: { 200: recallSchema },
      },
      config: { refusals: ['NOT_FOUND', 'PROPOSAL_STATE', 'DRY_RUN_STALE'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.approve',
        answer: recallSchema,
        work: async (tx, actor) =>
          render(tx, await submitRecall(tx, request.params.id, actor, context.clock())),
      }),
  )
}

function askedOf({ org_code, list_id, member_nos, states }: z.infer<typeof selection>): Asked {
  return {
    ...(org_code !== undefined && { orgCode: org_code }),
    ...(list_id !== undefined && { listId: list_id }),
    ...(member_nos && { memberNos: member_nos }),
    ...(states && { states }),
  }
}

/** While it waits for others its state is that of its proposal. */
async function render(reader: Reader, row: Recall): Promise<z.input<typeof recallSchema>> {
  const { orgCode } = await readBatch(reader, row.batchId)
  const waits = row.state === 'proposed' ? row.proposalId : null
  const own = [await orgPathOf(reader, orgCode)]
  const state = waits === null ? row.state : (await readProposal(reader, waits, own)).state
  return {
    ...{ id: row.id, batch_id: row.batchId, state, reason: row.reason },
    ...{ count: row.count, amount: row.amount, cannot: JSON.parse(row.cannot) },
    vouchers_sha256: toHex(row.vouchersHash),
    approvals_needed: signersFor(row.amount),
    ...(row.proposalId !== null && { proposal_id: row.proposalId }),
    ...{ recalled: row.recalled, returned: row.returned, created_at: row.createdAt },
    ...(row.finishedAt !== null && { finished_at: row.finishedAt }),
  }
}
