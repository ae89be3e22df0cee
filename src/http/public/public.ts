import { type App, apiPrefix } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { applicationRoutes } from './applications.ts'
import { drawRoutes } from './draws.ts'
import { enrolRoutes } from './enrol.ts'
import { healthRoutes } from './health.ts'
import { issuerRoutes } from './issuer.ts'
import { keyRoutes } from './keys.ts'
import { logRoutes } from './log.ts'
import { logPolicyRoutes } from './log-policy.ts'
import { passkeyDeviceRoutes } from './passkey-devices.ts'
import { phoneMoveRoutes } from './phone-moves.ts'
import { signInRoutes } from './sign-in.ts'
import { tokenRoutes } from './token.ts'
import { trustListRoutes } from './trust-list.ts'
import { trustRootRoutes } from './trust-roots.ts'
import { witnessRoutes } from './witness.ts'

/** What anybody may ask: nothing here looks at who it is. */
export async function publicRoutes(app: App, { context }: { context: Context }): Promise<void> {
  openTo(app, { name: 'public', security: [], refusals: [] })
  await app.register(async (own: App) => healthRoutes(own, context))
  await app.register(async (own: App) => tokenRoutes(own, context))
  await app.register(async (own: App) => keyRoutes(own, context))
  await app.register(async (own: App) => trustListRoutes(own, context))
  await app.register(async (own: App) => trustRootRoutes(own, context))
  await app.register(async (own: App) => logRoutes(own, context))
  await app.register(async (own: App) => drawRoutes(own, context))
  await app.register(async (own: App) => logPolicyRoutes(own, context))
  const { witness } = context
  if (witness) await app.register(async (own: App) => witnessRoutes(own, { ...context, witness }))
  await app.register(async (own: App) => issuerRoutes(own, context))
  await app.register(async (own: App) => enrolRoutes(own, context), { prefix: apiPrefix })
  await app.register(async (own: App) => applicationRoutes(own, context), { prefix: apiPrefix })
  await app.register(async (own: App) => phoneMoveRoutes(own, context), { prefix: apiPrefix })
  await app.register(async (own: App) => signInRoutes(own, context), { prefix: apiPrefix })
  await app.register(async (own: App) => passkeyDeviceRoutes(own, context), { prefix: apiPrefix })
}
