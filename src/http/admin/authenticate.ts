import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'

import type { Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Actor } from '../../benefits/scope.ts'
import { verifyAccessToken } from '../../identity/access-tokens.ts'
import type { Nonce } from '../../identity/nonces.ts'
import { readPrincipal } from '../../identity/principals.ts'
import { type Permission, type Principal, scopesOf } from '../../identity/roles.ts'
import { freshMs, readSession, seenLongAgo, touchSession } from '../../identity/sessions.ts'
import type { Tx } from '../../store/store.ts'
import type { Context } from '../context.ts'
import { deskToken, fromOwnPage } from '../desk-cookie.ts'
import { type Writing, write } from '../write.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request of the admin and auditor audiences, and only there. */
    principal: Principal | undefined
  }
}

/**
 * Who asks: by a bearer token, or by the cookie of a session, and then every write must come from
 * our own page. Revoking the principal ends both at once. Refusals: AUTH_REQUIRED, FORBIDDEN (a
 * write by cookie from elsewhere).
 */
export async function authenticatePrincipal(
  context: Context,
  request: FastifyRequest,
): Promise<Principal> {
  const token = request.headers.authorization === undefined ? deskToken(request) : undefined
  if (!token) return authenticateBearer(context, request)
  const { store, node, clock, publicUrl } = context
  const now = clock()
  const session = await readSession(store.read, node, { token, now })
  if (!session) throw new Refusal('AUTH_REQUIRED')
  const principal = await readPrincipal(store.read, session.principalId)
  if (!principal) throw new Refusal('AUTH_REQUIRED')
  if (request.method !== 'GET' && !fromOwnPage(request, publicUrl)) throw new Refusal('FORBIDDEN')
  if (seenLongAgo(session, now)) {
    await store.transaction((tx) => touchSession(tx, session.id, now))
  }
  return { ...principal, session }
}

/**
 * Verifies a bearer token of a client or of staff; revoking the principal ends its tokens at once.
 * Refusal AUTH_REQUIRED.
 */
export async function authenticateBearer(
  { store, node, clock, publicUrl }: Context,
  request: FastifyRequest,
): Promise<Principal> {
  const { authorization } = request.headers
  const token = /^Bearer ([A-Za-z0-9._-]{20,4096})$/i.exec(authorization ?? '')?.[1]
  if (!token) throw new Refusal('AUTH_REQUIRED')
  const subject = await verifyAccessToken(node, { issuer: publicUrl, token, now: clock() })
  if (subject.kind !== 'principal') throw new Refusal('AUTH_REQUIRED')
  const principal = await readPrincipal(store.read, subject.id)
  if (!principal) throw new Refusal('AUTH_REQUIRED')
  return principal
}

/** What is done only soon after a passkey was shown, when it is done by one. */
const weighty: readonly Permission[] = ['staff.write', 'members.erase']

/** Refusal STEP_UP_REQUIRED for somebody whose passkey was shown a while ago: once more, please. */
export function requireFresh({ session }: Principal, now: Instant): void {
  if (session && now - session.createdAt >= freshMs) throw new Refusal('STEP_UP_REQUIRED')
}

/** The principal of a request that has passed the audience's door. */
export function principalOf(request: { principal: Principal | undefined }): Principal {
  if (!request.principal) throw new Refusal('AUTH_REQUIRED')
  return request.principal
}

/** Who acts, with the subtrees in which they have the permission. Refusal FORBIDDEN. */
export function actorOf(
  request: { principal: Principal | undefined },
  permission: Permission,
): Actor {
  const principal = principalOf(request)
  return {
    principalId: principal.id,
    personId: principal.personId,
    orgPaths: scopesOf(principal, permission),
  }
}

/** A write by somebody with the permission; `work` is told who acts and where they may. */
export function adminWrite<Answer extends z.ZodType>(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  given: {
    readonly permission: Permission
    readonly answer: Answer
    readonly status?: number
    /** What the request's own proof uses up, besides the door's. */
    readonly nonces?: readonly Nonce[]
    readonly work: (tx: Tx, actor: Actor) => Promise<z.input<Answer>>
  },
): Promise<void> {
  const actor = actorOf(request, given.permission)
  if (weighty.includes(given.permission)) requireFresh(principalOf(request), context.clock())
  const writing: Writing<Answer> = {
    principal: `principal:${actor.principalId}`,
    nonces: given.nonces ?? [],
    answer: given.answer,
    status: given.status ?? 200,
    work: (tx) => given.work(tx, actor),
  }
  return write(context, request, reply, writing)
}
