import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { makeChallenge, readChallenge } from '../../identity/challenges.ts'
import { enrolByPasskey } from '../../identity/devices-by-passkey.ts'
import { passkeyById } from '../../identity/passkey-owners.ts'
import { assertionOptions, challengeOf, siteOf, verifyPasskey } from '../../identity/passkeys.ts'
import { spkiOf } from '../../keys/es256.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { textOf } from '../paging.ts'
import { assertionResponse, ceremonyOptions } from '../passkey-forms.ts'
import { write } from '../write.ts'
import { possession } from './enrol.ts'
import { enrolledSchema, renderEnrolled } from './enrolled.ts'

const enrolled = enrolledSchema.extend({ server_time: z.int() })

/** A new browser becomes a member's by their passkey. Each request has a proof by its new key. */
export function passkeyDeviceRoutes(app: App, context: Context): void {
  postOptions(app, context)
  postDevice(app, context)
}

function postOptions(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/devices/passkey-options',
    {
      schema: {
        operationId: 'createDevicePasskeyOptions',
        summary: 'Options to show a member’s passkey with, for one key and five minutes',
        description: 'The DPoP proof (RFC 9449) of the request is by the key to be enrolled.',
        body: z.strictObject({}),
        security: [{ dpopProof: [] }],
        response: { 200: ceremonyOptions },
      },
      config: { refusals: ['PROOF_INVALID'], unkeyed: true },
    },
    async (request) => {
      const { thumbprint } = await possession(context, request)
      const challenge = makeChallenge(node, purposeOf(thumbprint), { now: clock() })
      return { ...(await assertionOptions(siteOf(publicUrl), { challenge })) }
    },
  )
}

function postDevice(app: App, context: Context): void {
  const { store, node, clock, publicUrl } = context
  app.post(
    '/devices/by-passkey',
    {
      schema: {
        operationId: 'enrolDeviceByPasskey',
        summary: "Enrol a device's key with a member's passkey; five a day",
        description:
          'The DPoP proof (RFC 9449) of the request is by the key to be enrolled, the one that ' +
          'the options were asked for with.',
        body: z.strictObject({ name: textOf(64).default('device'), response: assertionResponse }),
        security: [{ dpopProof: [] }],
        response: { 201: enrolled },
      },
      config: {
        refusals: ['PROOF_INVALID', 'PROOF_REPLAYED', 'ALREADY_EXISTS', 'TOO_MANY_CODE_ATTEMPTS'],
      },
    },
    async (request, reply) => {
      const proof = await possession(context, request)
      const spki = spkiOf(proof.jwk)
      const { name, response } = request.body
      const now = clock()
      const challenge = challengeOf(response)
      const nonce = readChallenge(node, purposeOf(proof.thumbprint), { challenge, now })
      const passkey = await passkeyById(store.read, response.id)
      const memberId = passkey?.memberId
      if (!spki || !passkey || !memberId) throw new Refusal('PROOF_INVALID')
      const shown = { response, challenge, passkey, userId: memberId }
      const signed = await verifyPasskey(siteOf(publicUrl), shown)
      return write(context, request, reply, {
        principal: `key:${proof.thumbprint}`,
        nonces: [proof.nonce, nonce],
        answer: enrolled,
        status: 201,
        work: async (tx) => {
          const given = { passkeyId: passkey.id, memberId, ...signed, spki, name, now }
          const { id, tag } = await enrolByPasskey(tx, node, given)
          return { ...renderEnrolled({ id, memberId, tag }, node), server_time: now }
        },
      })
    },
  )
}

function purposeOf(thumbprint: string): string {
  return `device:${thumbprint}`
}
