import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { decideBatch, toDecide } from '../../benefits/batches/approve.ts'
import { type ApprovalStatement, verifyApproval } from '../../identity/approval-statement.ts'
import type { Nonce } from '../../identity/nonces.ts'
import {
  challengeOfStatement,
  evidenceOf,
  makeStatement,
  readStatement,
} from '../../identity/passkey-approval.ts'
import { countPasskey, passkeyById, passkeysOf } from '../../identity/passkey-owners.ts'
import { assertionOptions, siteOf, verifyPasskey } from '../../identity/passkeys.ts'
import { activeClient } from '../../identity/principals.ts'
import type { Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { assertionResponse, ceremonyOptions } from '../passkey-forms.ts'
import { actorOf, adminWrite, principalOf } from './authenticate.ts'
import { batchSchema, renderBatch } from './batches.ts'

/** What comes before a decision by passkey. */
export const decisionOptions = z.object({ statement: z.string(), options: ceremonyOptions })

/** A signed decision. */
export const decisionBody = z.strictObject({
  statement: z.string().min(20).max(4096),
  passkey: assertionResponse.optional().describe('the assertion, where a passkey signs'),
})

/** Another person's signature over the exact content of a batch. */
export function approvalRoutes(app: App, context: Context): void {
  postDecisionOptions(app, context)
  postBatchDecisions(app, context)
}

function postDecisionOptions(app: App, context: Context): void {
  const { store } = context
  app.post(
    '/batches/:id/decisions/options',
    {
      schema: {
        operationId: 'createDecisionOptions',
        summary: 'What a passkey signs to approve or reject a submitted batch',
        description:
          'The challenge is the SHA-256 of the statement, which names the batch, the digest of ' +
          'its dry run, the decision, a nonce and the approver. Good for five minutes.',
        params: z.object({ id: idText }),
        body: z.strictObject({ decision: z.enum(['approve', 'reject']) }),
        response: { 200: decisionOptions },
      },
      config: { refusals: ['NOT_FOUND', 'BATCH_STATE', 'DRY_RUN_STALE'], unkeyed: true },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'batches.approve')
      const { id: batchId } = request.params
      const { decision } = request.body
      return optionsFor(context, request, async () => {
        const digest = await toDecide(store.read, batchId, orgPaths)
        return { batchId, digest, decision }
      })
    },
  )
}

/**
 * What a passkey of whoever is signed in is to sign; `asked` says about what, its `batchId` the id
 * of a batch or of whatever else is decided. Refusal FORBIDDEN without a session.
 */
export async function optionsFor(
  { store, node, clock, publicUrl }: Context,
  request: FastifyRequest,
  asked: () => Promise<ApprovalStatement>,
): Promise<z.input<typeof decisionOptions>> {
  const { id: principalId, session } = principalOf(request)
  if (!session) throw new Refusal('FORBIDDEN')
  const approver = { principalId, audience: publicUrl }
  const statement = makeStatement(node, approver, await asked(), clock())
  const challenge = challengeOfStatement(statement)
  const allow = (await passkeysOf(store.read, { principalId })).map(({ id }) => id)
  const options = await assertionOptions(siteOf(publicUrl), { challenge, allow })
  return { statement, options: { ...options } }
}

function postBatchDecisions(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/batches/:id/decisions',
    {
      schema: {
        operationId: 'decideBatch',
        summary: "Approve or reject a submitted batch, by a signature over the dry run's digest",
        description:
          'A program: the statement is a JWS (ES256, typ symbolon-approval+jwt) by its ' +
          'private_key_jwt key: iss its id, aud the public URL, iat, nonce, batch, digest, ' +
          'decision. Staff: the statement of createDecisionOptions as it came, and the assertion.',
        params: z.object({ id: idText }),
        body: decisionBody,
        response: { 200: batchSchema },
      },
      config: {
        refusals: [
          'NOT_FOUND',
          'PROOF_INVALID',
          'PROOF_REPLAYED',
          'SELF_APPROVAL',
          'BATCH_STATE',
          'DRY_RUN_STALE',
          'ALREADY_EXISTS',
        ],
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const signed = await signedWord(context, request, request.body, id)
      return adminWrite(context, request, reply, {
        permission: 'batches.approve',
        answer: batchSchema,
        nonces: signed.nonces,
        work: async (tx, { principalId, personId, orgPaths }) => {
          await signed.count(tx)
          const { digest, decision, kept } = signed
          const word = { principalId, personId, orgPaths, digest, decision, statement: kept }
          return renderBatch(await decideBatch(tx, id, word, clock()))
        },
      })
    },
  )
}

/** A decision whose signature is good, with what is kept of it as evidence. */
interface Signed extends ApprovalStatement {
  readonly kept: string
  readonly nonces: readonly Nonce[]
  /** Writes down that what signed has signed. */
  count(tx: Tx): Promise<void>
}

/** A decision on what has this id. Refusals FORBIDDEN, PROOF_INVALID. */
export async function signedWord(
  context: Context,
  request: FastifyRequest,
  { statement, passkey }: z.infer<typeof decisionBody>,
  id: string,
): Promise<Signed> {
  const signed = passkey
    ? await signedByPasskey(context, request, { statement, passkey })
    : await signedByKey(context, request, statement)
  if (signed.batchId !== id) throw new Refusal('PROOF_INVALID')
  return signed
}

/** By a program's own key. Refusals FORBIDDEN (it has none), PROOF_INVALID. */
async function signedByKey(
  { store, clock, publicUrl }: Context,
  request: FastifyRequest,
  statement: string,
): Promise<Signed> {
  const principal = principalOf(request)
  const client = await activeClient(store.read, principal.id)
  if (!principal.signs || !client?.jwk) throw new Refusal('FORBIDDEN')
  const signed = await verifyApproval(statement, {
    jwk: { ...client.jwk, kty: 'EC', crv: 'P-256' },
    principalId: principal.id,
    audience: publicUrl,
    now: clock(),
  })
  return { ...signed, kept: statement, nonces: [], count: async () => {} }
}

/** By a passkey of whoever is signed in. Refusals FORBIDDEN, PROOF_INVALID. */
export async function signedByPasskey(
  { store, node, clock, publicUrl }: Context,
  request: FastifyRequest,
  given: { statement: string; passkey: z.infer<typeof assertionResponse> },
): Promise<Signed> {
  const { id: principalId, session } = principalOf(request)
  if (!session) throw new Refusal('FORBIDDEN')
  const now = clock()
  const { statement, passkey: response } = given
  const read = readStatement(node, { principalId, audience: publicUrl }, { statement, now })
  const passkey = await passkeyById(store.read, response.id)
  if (passkey?.principalId !== principalId) throw new Refusal('PROOF_INVALID')
  const challenge = challengeOfStatement(statement)
  const shown = { response, challenge, passkey, userId: principalId }
  const { counter, backedUp } = await verifyPasskey(siteOf(publicUrl), shown)
  const { batchId, digest, decision, nonce } = read
  const kept = evidenceOf(statement, { response, publicKey: passkey.publicKey })
  return {
    ...{ batchId, digest, decision, kept, nonces: [nonce] },
    count: (tx) => countPasskey(tx, { id: passkey.id, counter, backedUp, now }),
  }
}
