import { type App, apiPrefix } from '../app.ts'
import type { Context } from '../context.ts'
import { completeRoute } from '../operation.ts'
import { enrolRoutes } from './enrol.ts'
import { healthRoutes } from './health.ts'
import { logRoutes } from './log.ts'
import { tokenRoutes } from './token.ts'

/** What anybody may ask: nothing here looks at who it is. */
export async function publicRoutes(app: App, { context }: { context: Context }): Promise<void> {
  app.addHook('onRoute', completeRoute('public', []))
  await app.register(async (own: App) => healthRoutes(own, context))
  await app.register(async (own: App) => tokenRoutes(own, context))
  await app.register(async (own: App) => logRoutes(own, context))
  await app.register(async (own: App) => enrolRoutes(own, context), { prefix: apiPrefix })
}
