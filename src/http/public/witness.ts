import type { FastifyReply } from 'fastify'
import { z } from 'zod'

import { toBase64url, toHex, utf8 } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import { maxSubmissionLength, sizeType } from '../../formats/tlog/submission.ts'
import type { WitnessKey } from '../../keys/witness-key.ts'
import {
  judge,
  keepCosigned,
  latestCosigned,
  seenSize,
  type WitnessRefusal,
} from '../../ledger/witness.ts'
import { type DrawRefusal, signDraw } from '../../ledger/witness-draw.ts'
import type { Store } from '../../store/store.ts'
import type { App } from '../app.ts'

/** What a witness works with, in a node or alone. */
export interface WitnessContext {
  readonly store: Store
  readonly clock: Clock
  readonly witness: WitnessKey
}

/** Below which path a node witnesses: submission and monitoring prefix alike. */
export const witnessPrefix = '/witness'

/** tlog-witness 1.0.0, "add-checkpoint". */
const told: Record<WitnessRefusal, readonly [status: number, words: string]> = {
  malformed: [400, 'the submission is malformed'],
  unknown: [404, 'the origin is not known'],
  unsigned: [403, 'no known key of the log signed the checkpoint'],
  shrunk: [400, 'the old size is larger than the checkpoint'],
  inconsistent: [422, 'the checkpoint is not consistent with the one that was seen'],
}

const drawRefusals: Record<DrawRefusal, readonly [status: number, words: string]> = {
  malformed: [400, 'not a receipt of the closing leaf of a draw'],
  unknown: [404, 'the origin is not known'],
  unseen: [403, 'this witness has not cosigned that checkpoint'],
}

/** Our side of tlog-witness 1.0.0: whoever holds a believed log's key may submit to it. */
export function witnessRoutes(app: App, context: WitnessContext): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: maxSubmissionLength },
    async (_request: unknown, body: Buffer) => body,
  )
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const { statusCode = 500 } = error
    if (statusCode >= 500) throw error
    return plain(reply, 400, 'the submission is malformed')
  })
  postAddCheckpoint(app, context)
  postSignDraw(app, context)
  getWitnessedCheckpoint(app, context)
  getWitnessKey(app, context)
}

const text = (description: string) => ({
  description,
  content: { 'text/plain': { schema: z.string().describe(description) } },
})

function postAddCheckpoint(app: App, context: WitnessContext): void {
  app.post(
    `${witnessPrefix}/add-checkpoint`,
    {
      schema: {
        operationId: 'addCheckpoint',
        summary: 'Submit a checkpoint to be cosigned (c2sp.org/tlog-witness)',
        response: {
          200: text('signature lines'),
          400: text('malformed, or old is larger than the checkpoint'),
          403: text('no known key of the log signed it'),
          404: text('the origin is not known'),
          409: {
            description: 'old is not the latest size, which is this',
            content: { [sizeType]: { schema: z.string().describe('decimal and a newline') } },
          },
          422: text('not consistent with what was seen'),
        },
      },
      config: { unkeyed: true },
    },
    async (request, reply) => {
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0)
      const judged = await judge(context.store.read, context.witness, body, context.clock())
      if ('refused' in judged) return plain(reply, ...told[judged.refused])
      if ('conflict' in judged) return conflict(reply, judged.conflict)
      const { cosigned } = judged
      const { store, clock } = context
      const kept = await store.transaction((tx) => keepCosigned(tx, cosigned, clock()))
      if (!kept) return conflict(reply, await seenSize(store.read, cosigned.origin))
      return plain(reply, 200, cosigned.line)
    },
  )
}

function postSignDraw(app: App, context: WitnessContext): void {
  app.post(
    `${witnessPrefix}/sign-draw`,
    {
      schema: {
        operationId: 'signDraw',
        summary: 'Sign the closing leaf of a draw that is in a checkpoint this witness cosigned',
        response: {
          200: text('Ed25519 signature over symbolon-draw/v1, a newline and the leaf hash'),
          400: text('not a receipt of a closing leaf'),
          403: text('this witness has not cosigned that checkpoint'),
          404: text('the origin is not known'),
        },
      },
      config: { unkeyed: true },
    },
    async (request, reply) => {
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0)
      const judged = await signDraw(context.store.read, context.witness, body)
      if ('signature' in judged) return plain(reply, 200, toBase64url(judged.signature))
      return plain(reply, ...drawRefusals[judged.refused])
    },
  )
}

function getWitnessedCheckpoint(app: App, { store }: WitnessContext): void {
  app.get(
    `${witnessPrefix}/:origin/checkpoint`,
    {
      schema: {
        operationId: 'getWitnessedCheckpoint',
        summary: 'The latest checkpoint of a log that this witness has cosigned',
        params: z.object({ origin: z.string().describe('hexadecimal SHA-256 of the origin') }),
        response: { 200: text('signed note') },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const asked = request.params.origin
      const found = await latestCosigned(
        store.read,
        (origin) => toHex(sha256(utf8(origin))) === asked,
      )
      if (!found) return reply.callNotFound()
      reply.header('access-control-allow-origin', '*')
      return plain(reply, 200, Buffer.from(found))
    },
  )
}

function getWitnessKey(app: App, { witness }: WitnessContext): void {
  app.get(
    `${witnessPrefix}/vkey`,
    {
      schema: {
        operationId: 'getWitnessKey',
        summary: 'The verifier key of this witness, for policies',
        response: { 200: text('verifier key') },
      },
    },
    async (_request, reply) => plain(reply, 200, `${witness.vkey}\n`),
  )
}

function conflict(reply: FastifyReply, size: number): FastifyReply {
  return reply.code(409).type(sizeType).send(`${size}\n`)
}

function plain(reply: FastifyReply, status: number, words: string | Buffer): FastifyReply {
  const ended = typeof words === 'string' && !words.endsWith('\n') ? `${words}\n` : words
  return reply.code(status).type('text/plain; charset=utf-8').send(ended)
}
