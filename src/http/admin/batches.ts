import { z } from 'zod'
import { toHex } from '../../base/bytes.ts'
import { submitBatch } from '../../benefits/batches/approve.ts'
import { type Batch, listBatches, readBatch } from '../../benefits/batches/batch.ts'
import { readDryRun } from '../../benefits/batches/dry-run.ts'
import { createBatch, editBatch } from '../../benefits/batches/edit.ts'
import { withoutMembers } from '../../benefits/batches/report.ts'
import { cancelBatch, pauseBatch, resumeBatch, startBatch } from '../../benefits/batches/run.ts'
import { type Actor, orgPathOf, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { holds } from '../../identity/roles.ts'
import { dryRunBatch } from '../../jobs/dry-run.ts'
import { batchDeliveries, batchSources, batchStates } from '../../store/schema/batches.ts'
import type { Store } from '../../store/store.ts'
import { recallAlone } from '../../vouchers/run-recall.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { actorOf, adminWrite, principalOf } from './authenticate.ts'

const content = z.strictObject({
  org_code: z.string().regex(organisationCode),
  list_id: idText.optional(),
  criteria: z.unknown().optional().describe("narrows the benefit's own rule"),
  delivery: z.enum(batchDeliveries),
  note: z
    .string()
    .max(500)
    .regex(/^[^\p{Cc}]*$/u)
    .default(''),
})
export const batchSchema = z.object({
  id: z.string(),
  benefit_id: z.string(),
  benefit_version: z.int(),
  org_code: z.string(),
  source: z.enum(batchSources),
  delivery: z.enum(batchDeliveries),
  note: z.string(),
  state: z.enum(batchStates),
  version: z.int(),
  approvals_needed: z.int(),
  issued: z.int(),
  dropped: z.int(),
  recalled: z.int(),
  created_at: instantSchema,
})
const dryRunSchema = z.object({
  batch: batchSchema,
  dry_run_id: z.string(),
  digest: z.string().describe('SHA-256, hexadecimal: what approvers sign'),
  created_at: instantSchema,
  report: z.record(z.string(), z.unknown()),
})
const params = z.object({ id: idText })

const acts = {
  submit: ['batches.write', submitBatch],
  start: ['batches.write', startBatch],
  pause: ['batches.write', pauseBatch],
  resume: ['batches.write', resumeBatch],
  cancel: ['batches.write', cancelBatch],
  recall: ['batches.approve', recallAlone],
} as const

/** Acts of issuing: drafted, dry-run, submitted, approved by others, run, recalled. */
export function batchRoutes(app: App, context: Context): void {
  getBatches(app, context)
  postBatches(app, context)
  putBatch(app, context)
  postBatchDryRun(app, context)
  getBatchDryRun(app, context)
  for (const act of Object.keys(acts) as (keyof typeof acts)[]) postBatchAct(app, context, act)
}

function getBatches(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/batches',
    {
      schema: {
        operationId: 'listBatches',
        summary: 'Batches within the scope, the latest first',
        querystring: pageQuery.extend({ state: z.enum(batchStates).optional() }),
        response: { 200: pageOf(batchSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { after, limit, state } = request.query
      const page = { after, limit: limit + 1, ...(state && { states: [state] }) }
      const rows = await listBatches(store.read, orgPaths, page)
      return toPage(rows, limit, ({ id }) => id, renderBatch)
    },
  )
}

function postBatches(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/batches',
    {
      schema: {
        operationId: 'createBatch',
        summary: 'Draft a batch, by criteria or for the members of a list',
        body: content.extend({ benefit_id: idText }),
        response: { 201: batchSchema },
      },
      config: { refusals: ['NOT_FOUND', 'BENEFIT_STATE', 'CRITERIA_INVALID'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.write',
        answer: batchSchema,
        status: 201,
        work: async (tx, actor) => {
          const { benefit_id, ...given } = request.body
          return renderBatch(await createBatch(tx, benefit_id, contentOf(given), actor, clock()))
        },
      }),
  )
}

function putBatch(app: App, context: Context): void {
  app.put(
    '/batches/:id',
    {
      schema: {
        operationId: 'editBatch',
        summary: 'Write a batch anew; its dry run and approvals count no more',
        params,
        body: content.extend({
          expected_version: z
            .int()
            .min(1)
            .max(2 ** 31 - 1),
        }),
        response: { 200: batchSchema },
      },
      config: {
        refusals: [
          'NOT_FOUND',
          'BENEFIT_STATE',
          'BATCH_STATE',
          'CRITERIA_INVALID',
          'VERSION_CONFLICT',
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.write',
        answer: batchSchema,
        work: async (tx, actor) => {
          const { expected_version, ...given } = request.body
          const { id } = request.params
          return renderBatch(await editBatch(tx, id, contentOf(given), expected_version, actor))
        },
      }),
  )
}

function postBatchDryRun(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/batches/:id/dry-run',
    {
      schema: {
        operationId: 'dryRunBatch',
        summary: 'Find out and store what the batch would do, with the members it would reach',
        params,
        body: z.strictObject({}),
        response: { 200: dryRunSchema },
      },
      config: {
        refusals: [
          'NOT_FOUND',
          'BATCH_STATE',
          'BENEFIT_STATE',
          'DRY_RUN_STALE',
          'VERSION_CONFLICT',
        ],
        unkeyed: true,
      },
    },
    async (request) => {
      const { id } = await findBatch(store, request.params.id, actorOf(request, 'batches.write'))
      await dryRunBatch({ store, batchId: id, now: clock() })
      return renderDryRun(store, id)
    },
  )
}

function getBatchDryRun(app: App, { store }: Context): void {
  app.get(
    '/batches/:id/dry-run',
    {
      schema: {
        operationId: 'getDryRun',
        summary: 'The dry run that the batch stands on',
        description: 'Samples are empty for who may not read members there.',
        params,
        response: { 200: dryRunSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const batch = await findBatch(store, request.params.id, actorOf(request, 'benefits.read'))
      const at = await orgPathOf(store.read, batch.orgCode)
      return renderDryRun(store, batch.id, holds(principalOf(request), 'members.read', at))
    },
  )
}

function postBatchAct(app: App, context: Context, act: keyof typeof acts): void {
  const [permission, run] = acts[act]
  app.post(
    `/batches/:id/${act}`,
    {
      schema: {
        operationId: `${act}Batch`,
        summary: `${act[0]?.toUpperCase()}${act.slice(1)} a batch`,
        params,
        body: z.strictObject({}),
        response: { 200: batchSchema },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'BATCH_STATE', 'BENEFIT_STATE', 'DRY_RUN_STALE'] as const),
          ...(['FREEZE_ACTIVE', 'APPROVAL_NEEDED'] as const),
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission,
        answer: batchSchema,
        work: async (tx, actor) =>
          renderBatch(await run(tx, request.params.id, actor, context.clock())),
      }),
  )
}

/** A batch within the scope. Refusal NOT_FOUND, also for another's. */
export async function findBatch(store: Store, id: string, { orgPaths }: Actor): Promise<Batch> {
  const batch = await readBatch(store.read, id)
  await requireSight(store.read, orgPaths, { orgCode: batch.orgCode, what: 'batch' })
  return batch
}

async function renderDryRun(
  store: Store,
  id: string,
  whole = true,
): Promise<z.input<typeof dryRunSchema>> {
  const batch = await readBatch(store.read, id)
  const dryRun = await readDryRun(store.read, batch)
  return {
    batch: renderBatch(batch),
    dry_run_id: dryRun.id,
    digest: toHex(dryRun.digest),
    created_at: dryRun.createdAt,
    report: { ...(whole ? dryRun.report : withoutMembers(dryRun.report)) },
  }
}

/** A batch as the desk sees it. */
export function renderBatch(row: Batch): z.input<typeof batchSchema> {
  return {
    id: row.id,
    benefit_id: row.benefitId,
    benefit_version: row.benefitVersion,
    org_code: row.orgCode,
    source: row.source,
    delivery: row.delivery,
    note: row.note,
    state: row.state,
    version: row.version,
    approvals_needed: row.approvalsNeeded,
    issued: row.issued,
    dropped: row.dropped,
    recalled: row.recalled,
    created_at: row.createdAt,
  }
}

function contentOf({ org_code, list_id, ...rest }: z.infer<typeof content>) {
  return { orgCode: org_code, listId: list_id, ...rest }
}
