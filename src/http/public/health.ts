import { z } from 'zod'

import { backlog } from '../../ledger/integrate.ts'
import { logState } from '../../ledger/log-state.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'

/** Liveness, readiness, metrics and the API document. */
export function healthRoutes(app: App, { store, log, metrics, node, clock }: Context): void {
  const healthy = z.object({ status: z.literal('ok') })
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

  const ready = z.object({
    status: z.literal('ready'),
    node: z.string(),
    log: z.string(),
    log_size: z.int(),
    server_time: z.int(),
  })
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
      const state = await logState(store.read, log.name)
      return {
        status: 'ready' as const,
        node: node.code,
        log: log.name,
        log_size: state?.size ?? 0,
        server_time: clock(),
      }
    },
  )

  app.get('/metrics', async (_request, reply) => {
    const [state, { depth }] = await Promise.all([
      logState(store.read, log.name),
      backlog(store.read),
    ])
    metrics.logSize.set(state?.size ?? 0)
    metrics.pendingLeaves.set(depth)
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })

  app.get('/openapi.json', async (_request, reply) => reply.send(app.swagger()))
}
