import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { decideBatch } from '../../benefits/batches/approve.ts'
import { verifyApproval } from '../../identity/approval-statement.ts'
import { activeClient } from '../../identity/principals.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { adminWrite, principalOf } from './authenticate.ts'
import { batchSchema, renderBatch } from './batches.ts'

/** Another person's signature over the exact content of a batch. */
export function approvalRoutes(app: App, context: Context): void {
  postBatchDecisions(app, context)
}

function postBatchDecisions(app: App, context: Context): void {
  const { store, clock, publicUrl } = context
  app.post(
    '/batches/:id/decisions',
    {
      schema: {
        operationId: 'decideBatch',
        summary: "Approve or reject a submitted batch, by a signature over the dry run's digest",
        description:
          'The statement is a JWS (ES256, typ symbolon-approval+jwt) by the private_key_jwt key ' +
          'of the client: iss its id, aud the public URL, iat, nonce, batch, digest, decision.',
        params: z.object({ id: idText }),
        body: z.strictObject({ statement: z.string().min(20).max(4096) }),
        response: { 200: batchSchema },
      },
      config: {
        refusals: [
          'NOT_FOUND',
          'PROOF_INVALID',
          'SELF_APPROVAL',
          'BATCH_STATE',
          'DRY_RUN_STALE',
          'ALREADY_EXISTS',
        ],
      },
    },
    async (request, reply) => {
      const principal = principalOf(request)
      const client = await activeClient(store.read, principal.id)
      if (!principal.signs || !client?.jwk) throw new Refusal('FORBIDDEN')
      const { statement } = request.body
      const signed = await verifyApproval(statement, {
        jwk: { ...client.jwk, kty: 'EC', crv: 'P-256' },
        principalId: principal.id,
        audience: publicUrl,
        now: clock(),
      })
      const { id } = request.params
      if (signed.batchId !== id) throw new Refusal('PROOF_INVALID')
      return adminWrite(context, request, reply, {
        permission: 'batches.approve',
        answer: batchSchema,
        work: async (tx, { principalId, personId, orgPaths }) => {
          const { digest, decision } = signed
          const word = { principalId, personId, orgPaths, digest, decision, statement }
          return renderBatch(await decideBatch(tx, id, word, clock()))
        },
      })
    },
  )
}
