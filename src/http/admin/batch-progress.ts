import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import { second } from '../../base/clock.ts'
import { progressOf, readBatch } from '../../benefits/batches/batch.ts'
import { leftOutOf, listLeftOut } from '../../benefits/batches/left-out.ts'
import { retryBatch } from '../../benefits/batches/run.ts'
import { leftOutReasons } from '../../store/schema/batches.ts'
import type { Store } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, pageOf, pageQuery, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'
import { batchSchema, findBatch, renderBatch } from './batches.ts'

const params = z.object({ id: idText })

const progress = batchSchema.extend({
  members: z.int().describe('of the dry run: what there is to do'),
  left_out: z
    .record(z.string(), z.int())
    .describe('of those dropped, how many by reason: not_entitled, cap_reached, quota_exhausted'),
})

/** How far a batch is, whom it left out and why, and trying those again. */
export function batchProgressRoutes(app: App, context: Context): void {
  getBatchProgress(app, context)
  getBatchEvents(app, context)
  getBatchLeftOut(app, context)
  postBatchRetry(app, context)
}

function getBatchProgress(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/batches/:id/progress',
    {
      schema: {
        operationId: 'getBatchProgress',
        summary: 'How far a batch is',
        params,
        response: { 200: progress },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const batch = await findBatch(store, request.params.id, actorOf(request, 'benefits.read'))
      const { members, leftOut } = await progressOf(store.read, batch.id)
      return { ...renderBatch(batch), members, left_out: { ...leftOut } }
    },
  )
}

function getBatchEvents(app: App, context: Context): void {
  const { store } = context
  const ending = new AbortController()
  app.addHook('preClose', async () => ending.abort())
  app.get(
    '/batches/:id/progress/events',
    {
      schema: {
        operationId: 'streamBatchProgress',
        summary: 'The same as events, until the batch neither runs nor is recalled',
        description:
          'Event `progress`, at once and at every change: what getBatchProgress answers, with ' +
          '`done` of `of`, `rate` a second and `seconds_left`, where it can be said.',
        params,
        response: {
          200: {
            description: 'server-sent events',
            content: { 'text/event-stream': { schema: z.string() } },
          },
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const actor = actorOf(request, 'benefits.read')
      const { id } = await findBatch(store, request.params.id, actor)
      const gone = new AbortController()
      reply.raw.on('close', () => gone.abort())
      const signal = AbortSignal.any([ending.signal, gone.signal])
      reply.header('content-type', 'text/event-stream; charset=utf-8')
      return reply.send(Readable.from(eventsOf(store, id, signal)) as never)
    },
  )
}

const moving = ['running', 'recalling']

/** So long between two looks, and so many looks without a change before a sign of life. */
const everyMs = 250
const quietLooks = 60

/** One event at once, and one at every change; it ends when nothing moves any more. */
async function* eventsOf(store: Store, id: string, signal: AbortSignal): AsyncGenerator<string> {
  let last = ''
  let began: { readonly at: number; readonly done: number } | undefined
  const { members } = await progressOf(store.read, id) // of its dry run: it grows no more
  for (let quiet = 0; !signal.aborted; ) {
    const batch = await readBatch(store.read, id)
    const leftOut = await leftOutOf(store.read, id)
    const recalling = batch.state === 'recalling'
    const done = recalling ? batch.recalled : batch.issued + batch.dropped
    const of = recalling ? batch.issued : members
    const now = performance.now()
    began ??= { at: now, done }
    const rate = (done - began.done) / Math.max(1, (now - began.at) / second)
    const told = { ...renderBatch(batch), members, left_out: leftOut, done, of }
    const said = JSON.stringify(told)
    if (said !== last) {
      const speed = rate > 0 && { rate, seconds_left: Math.ceil((of - done) / rate) }
      yield `event: progress\ndata: ${JSON.stringify({ ...told, ...speed })}\n\n`
      quiet = 0
    } else if (++quiet % quietLooks === 0) yield ': waiting\n\n'
    if (!moving.includes(batch.state)) return
    last = said
    await sleep(everyMs, undefined, { signal }).catch(() => {})
  }
}

function getBatchLeftOut(app: App, { store }: Context): void {
  const item = z.object({ member_id: z.string(), reason: z.enum(leftOutReasons) })
  app.get(
    '/batches/:id/left-out',
    {
      schema: {
        operationId: 'listLeftOut',
        summary: 'Whom a run left out of its dry run, and why',
        description: 'For whoever may read members there; the figures are in getBatchProgress.',
        params,
        querystring: pageQuery,
        response: { 200: pageOf(item) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const [reading, knowing] = [
        actorOf(request, 'benefits.read'),
        actorOf(request, 'members.read'),
      ]
      const batch = await findBatch(store, request.params.id, reading)
      await findBatch(store, batch.id, knowing)
      const { after, limit } = request.query
      const rows = await listLeftOut(store.read, batch.id, { after, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ memberId }) => memberId,
        ({ memberId, reason }) => ({ member_id: memberId, reason }),
      )
    },
  )
}

function postBatchRetry(app: App, context: Context): void {
  app.post(
    '/batches/:id/retry-failed',
    {
      schema: {
        operationId: 'retryBatch',
        summary: 'Try those again whom a run left out, and nobody else',
        params,
        body: z.strictObject({}),
        response: { 200: batchSchema },
      },
      config: {
        refusals: ['NOT_FOUND', 'BATCH_STATE', 'BENEFIT_STATE', 'DRY_RUN_STALE', 'FREEZE_ACTIVE'],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'batches.write',
        answer: batchSchema,
        work: async (tx, actor) => renderBatch(await retryBatch(tx, request.params.id, actor)),
      }),
  )
}
