import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'

import type { App } from './app.ts'
import { type WitnessContext, witnessRoutes } from './public/witness.ts'

/**
 * The HTTP server of a witness that is nothing else: the same routes as in a node, below the same
 * path. It knows no people, and its log names none.
 */
export async function buildWitnessServer(
  context: WitnessContext,
  { logger }: { readonly logger: FastifyBaseLogger },
): Promise<App> {
  const app: App = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: true,
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).type('text/plain; charset=utf-8').send('there is nothing here\n')
  })
  app.setErrorHandler((error, request, reply) => {
    const words = error instanceof Error ? error.message : 'unknown'
    request.log.error({ route: request.routeOptions.url, words }, 'mistake')
    reply.code(500).type('text/plain; charset=utf-8').send('try again later\n')
  })
  await app.register(async (own: App) => witnessRoutes(own, context))
  return app
}
