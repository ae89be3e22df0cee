import swagger from '@fastify/swagger'
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod'
import { minute } from '../base/clock.ts'
import { adminRoutes } from './admin/admin.ts'
import { type App, apiPrefix } from './app.ts'
import { auditorRoutes } from './auditor/auditor.ts'
import { basePathOf, withoutBasePath } from './base-path.ts'
import type { Context } from './context.ts'
import { docsRoutes } from './docs/docs.ts'
import { apiDocument } from './document.ts'
import { handleErrors, unreadable } from './errors.ts'
import { integratorRoutes } from './integrator/integrator.ts'
import { memberRoutes } from './member/member.ts'
import { merchantRoutes } from './merchant/merchant.ts'
import { nodeRoutes } from './node/node.ts'
import { pageRoutes } from './pages/pages.ts'
import { publicRoutes } from './public/public.ts'
import { readBodies } from './raw-body.ts'
import { securityHeaders } from './security-headers.ts'
import { issuanceRoutes } from './wallet/issuance.ts'
import { presentationRoutes } from './wallet/presentations.ts'

/**
 * Builds the HTTP server. It listens only when it is told to. What `trustedProxies` (addresses and
 * ranges) forward comes from whom they say, by `X-Forwarded-For`; anybody else's word is not taken.
 */
export async function buildServer(
  context: Context,
  {
    logger,
    trustedProxies = [],
  }: { readonly logger: FastifyBaseLogger; readonly trustedProxies?: readonly string[] },
): Promise<App> {
  const base = basePathOf(context.publicUrl)
  const app: App = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: unreadable,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    bodyLimit: 1024 * 1024,
    // A roster of half a gigabyte may come over a slow line; Node gives the headers a minute.
    requestTimeout: 15 * minute,
    routerOptions: { maxParamLength: 200 },
    rewriteUrl: ({ url = '/' }) => withoutBasePath(url, base),
    genReqId: () => crypto.randomUUID(),
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(securityHeaders)
  })
  endConnections(app)
  readBodies(app)
  handleErrors(app, context)
  await app.register(swagger, { openapi: apiDocument(context), transform: jsonSchemaTransform })
  await app.register(docsRoutes)
  await app.register(pageRoutes)
  await app.register(publicRoutes, { context })
  await app.register(issuanceRoutes, { context })
  await app.register(presentationRoutes, { context })
  await app.register(integratorRoutes, { context, prefix: apiPrefix })
  await app.register(memberRoutes, { context, prefix: apiPrefix })
  await app.register(merchantRoutes, { context, prefix: apiPrefix })
  await app.register(nodeRoutes, { context, prefix: `${apiPrefix}/node` })
  await app.register(adminRoutes, { context, prefix: `${apiPrefix}/admin` })
  await app.register(auditorRoutes, { context, prefix: `${apiPrefix}/audit` })
  return app
}

/**
 * What is answered while the server ends closes its connection: a kept one would hold up the end.
 */
function endConnections(app: App): void {
  let ending = false
  app.addHook('preClose', async () => {
    ending = true
  })
  app.addHook('onSend', async (_request, reply) => {
    if (ending) reply.header('connection', 'close')
  })
}
