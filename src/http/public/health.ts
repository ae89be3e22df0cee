import { z } from 'zod'

import { unwitnessedSeconds } from '../../ledger/cosigned.ts'
import { readReconciliation } from '../../ledger/day.ts'
import { backlog } from '../../ledger/integrate.ts'
import { logState } from '../../ledger/log-state.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

const healthy = z.object({ status: z.literal('ok') })
const ready = z.object({
  status: z.literal('ready'),
  node: z.string(),
  log: z.string(),
  log_size: z.int(),
  log_key: z.enum(['held', 'missing']).describe('whether this instance can sign that log'),
  server_time: z.int(),
})

/** Liveness, readiness, metrics and the API document. */
export function healthRoutes(app: App, context: Context): void {
  getHealth(app)
  getReadiness(app, context)
  getMetrics(app, context)
  getDocument(app)
}

function getHealth(app: App): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'The process answers',
        response: { 200: healthy },
      },
    },
    async () => ({ status: 'ok' as const }),
  )
}

function getReadiness(app: App, { store, node, clock, logs }: Context): void {
  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'The database answers and the log can be read',
        response: { 200: ready },
      },
    },
    async () => {
      const log = logs.name
      const state = await logState(store.read, log)
      return {
        status: 'ready' as const,
        node: node.code,
        log,
        log_size: state?.size ?? 0,
        log_key: logs.lacking === undefined ? ('held' as const) : ('missing' as const),
        server_time: clock(),
      }
    },
  )
}

function getMetrics(app: App, { store, logs, metrics, witnesses, clock }: Context): void {
  const content = { 'text/plain': { schema: z.string() } }
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'What is counted, for Prometheus',
        response: { 200: { description: 'Prometheus text format', content } },
      },
    },
    async (_request, reply) => {
      const [state, { depth }, books] = await Promise.all([
        logState(store.read, logs.name),
        backlog(store.read),
        readReconciliation(store.read),
      ])
      metrics.differences.set(books?.equations.filter(({ good }) => !good).length ?? 0)
      metrics.logSize.set(state?.size ?? 0)
      metrics.pendingLeaves.set(depth)
      metrics.keyMissing.set(logs.lacking === undefined ? 0 : 1)
      if (witnesses) {
        metrics.unwitnessed.set(await unwitnessedSeconds(store.read, logs.name, clock()))
      }
      return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
    },
  )
}

function getDocument(app: App): void {
  const document = z.looseObject({ openapi: z.string() }).describe('OpenAPI 3.1')
  app.get(
    '/openapi.json',
    {
      schema: {
        operationId: 'getDocument',
        summary: 'This document',
        response: { 200: document },
      },
    },
    async (_request, reply) => {
      reply.type('application/json; charset=utf-8')
      return { ...app.swagger(), openapi: '3.1.0' }
    },
  )
}
