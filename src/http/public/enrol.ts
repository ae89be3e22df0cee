import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { countWrongActivation } from '../../identity/activations.ts'
import { enrolDevice, memberByNo } from '../../identity/devices.ts'
import { type DpopProof, verifyDpop } from '../../identity/proofs.ts'
import { spkiOf } from '../../keys/es256.ts'
import { provision } from '../../merchants/terminals.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { textOf } from '../paging.ts'
import { write } from '../write.ts'
import { enrolledSchema, renderEnrolled } from './enrolled.ts'

const enrolled = enrolledSchema.extend({ server_time: z.int() })

const initialized = z.object({
  terminal_id: z.string(),
  store_id: z.string(),
  name: z.string(),
  server_time: z.int(),
})

/** A key becomes a member's device or a merchant's terminal, by a one-time code. */
export function enrolRoutes(app: App, context: Context): void {
  postDevices(app, context)
  postTerminalInitialize(app, context)
}

function postDevices(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/devices',
    {
      schema: {
        operationId: 'enrolDevice',
        summary: "Enrol a device's key with a one-time activation code",
        description: 'The DPoP proof (RFC 9449) of the request is by the key to be enrolled.',
        body: z.strictObject({
          member_no: textOf(32),
          activation_code: z.string().min(10).max(20),
          name: textOf(64).default('device'),
        }),
        security: [{ dpopProof: [] }],
        response: { 201: enrolled },
      },
      config: {
        refusals: ['PROOF_INVALID', 'PROOF_REPLAYED', 'ACTIVATION_INVALID', 'ALREADY_EXISTS'],
      },
    },
    async (request, reply) => {
      const proof = await possession(context, request)
      const { member_no: memberNo, activation_code: code, name } = request.body
      return write(context, request, reply, {
        principal: `key:${proof.thumbprint}`,
        nonces: [proof.nonce],
        answer: enrolled,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const device = await enrolDevice(tx, node, { memberNo, code, jwk: proof.jwk, name, now })
          return { ...renderEnrolled(device, node), server_time: now }
        },
        onRefusal: async (tx, refusal) => {
          if (refusal.code !== 'ACTIVATION_INVALID') return
          const memberId = (await memberByNo(tx, memberNo))?.id ?? ''
          await countWrongActivation(tx, { memberId, now: clock() })
        },
      })
    },
  )
}

function postTerminalInitialize(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/terminal/initialize',
    {
      schema: {
        operationId: 'initializeTerminal',
        summary: 'Give a terminal its key with a one-time provisioning token',
        description: "The DPoP proof (RFC 9449) of the request is by the terminal's new key.",
        body: z.strictObject({ token: z.string().min(16).max(64) }),
        security: [{ dpopProof: [] }],
        response: { 201: initialized },
      },
      config: {
        refusals: ['PROOF_INVALID', 'PROOF_REPLAYED', 'ACTIVATION_INVALID', 'TERMINAL_REVOKED'],
      },
    },
    async (request, reply) => {
      const proof = await possession(context, request)
      const spki = spkiOf(proof.jwk)
      if (!spki) throw new Refusal('PROOF_INVALID')
      return write(context, request, reply, {
        principal: `key:${proof.thumbprint}`,
        nonces: [proof.nonce],
        answer: initialized,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const terminal = await provision(tx, node, { token: request.body.token, spki, now })
          return {
            terminal_id: terminal.id,
            store_id: terminal.storeId,
            name: terminal.name,
            server_time: now,
          }
        },
      })
    },
  )
}

/**
 * Verifies that whoever asks has the key that the request's DPoP proof is by. Refusal
 * PROOF_INVALID. A write consumes the nonce.
 */
export function possession(
  { publicUrl, clock }: Context,
  request: FastifyRequest,
): Promise<DpopProof> {
  const { dpop } = request.headers
  const url = `${publicUrl}${request.url}`
  return verifyDpop(String(dpop ?? ''), { method: request.method, url, now: clock() })
}
