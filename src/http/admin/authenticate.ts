import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import type { Actor } from '../../benefits/scope.ts'
import { verifyAccessToken } from '../../identity/access-tokens.ts'
import { readPrincipal } from '../../identity/principals.ts'
import { type Permission, type Principal, scopesOf } from '../../identity/roles.ts'
import type { Tx } from '../../store/store.ts'
import type { Context } from '../context.ts'
import { type Writing, write } from '../write.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request of the admin and auditor audiences, and only there. */
    principal: Principal | undefined
  }
}

/**
 * Verifies a bearer token of a client or of staff; revoking the principal ends its tokens at once.
 * Refusal AUTH_REQUIRED.
 */
export async function authenticatePrincipal(
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
    readonly work: (tx: Tx, actor: Actor) => Promise<z.input<Answer>>
  },
): Promise<void> {
  const actor = actorOf(request, given.permission)
  const writing: Writing<Answer> = {
    principal: `principal:${actor.principalId}`,
    nonces: [],
    answer: given.answer,
    status: given.status ?? 200,
    work: (tx) => given.work(tx, actor),
  }
  return write(context, request, reply, writing)
}
