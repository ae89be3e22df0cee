import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { hour, type Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { openReason, readApplicant } from '../../identity/applicant.ts'
import {
  applicationsPerCode,
  applicationsPerNetwork,
  codeScope,
  countApplication,
  networkScope,
} from '../../identity/application-tries.ts'
import {
  type Application,
  amendApplication,
  applicationOfKey,
  apply,
} from '../../identity/applications.ts'
import { activeDevice } from '../../identity/devices.ts'
import { openJoinCode } from '../../identity/join-codes.ts'
import { readOrganisation } from '../../identity/organisations.ts'
import { applicationStates } from '../../store/schema/joining.ts'
import { idTypes } from '../../store/schema/people.ts'
import type { Reader, Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema, textOf } from '../paging.ts'
import { write } from '../write.ts'
import { possession } from './enrol.ts'
import { enrolledSchema, renderEnrolled } from './enrolled.ts'

const joinCode = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const applicant = {
  name: textOf(64),
  id_type: z.enum(idTypes).default('resident_id'),
  id_number: textOf(64),
  mobile: textOf(32),
  occupation: textOf(32),
  consent: z.literal(true).describe('to what is said being kept and checked by the union'),
  device_name: textOf(64).default('phone'),
}
const first = z.strictObject({ code: joinCode, ...applicant })
const again = z.strictObject(applicant)

const organisation = z.object({ name: z.string() })
const sent = z.object({
  state: z.literal('waiting'),
  organisation,
  submitted_at: instantSchema,
  server_time: z.int(),
})
const standing = z.object({
  state: z.enum(applicationStates),
  organisation,
  submitted_at: instantSchema,
  reason: z.string().optional().describe('what staff say'),
  device: enrolledSchema.optional().describe('once approved: this key is signed in'),
  server_time: z.int(),
})

/**
 * Applying to a union with the code it has printed. The DPoP proof of every request is by the
 * applicant's key, which is all that says who they are. Nothing here tells whether the node knows
 * a person.
 */
export function applicationRoutes(app: App, context: Context): void {
  getJoinCode(app, context)
  postApplications(app, context)
  getApplication(app, context)
  postAmendment(app, context)
}

function getJoinCode(app: App, { store, node, clock }: Context): void {
  app.get(
    '/join-codes/:code',
    {
      schema: {
        operationId: 'readJoinCode',
        summary: 'Which union a printed code belongs to',
        params: z.object({ code: joinCode }),
        response: { 200: z.object({ organisation, node: z.string(), server_time: z.int() }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const now = clock()
      const found = await openJoinCode(store.read, node, request.params.code, now)
      if (!found) throw unknownCode()
      return { organisation: { name: found.orgName }, node: node.nameZh, server_time: now }
    },
  )
}

function postApplications(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/applications',
    {
      schema: {
        operationId: 'applyForMembership',
        summary: 'Apply for membership with a printed code',
        description: 'The DPoP proof (RFC 9449) is by the key that is enrolled on approval.',
        body: first,
        security: [{ dpopProof: [] }],
        response: { 201: sent },
      },
      config: {
        refusals: [
          'PROOF_INVALID',
          'PROOF_REPLAYED',
          'NOT_FOUND',
          'ALREADY_EXISTS',
          'RATE_LIMITED',
        ],
      },
    },
    async (request, reply) => {
      const proof = await possession(context, request)
      const { code, ...typed } = request.body
      const said = readApplicant(typedOf(typed), todayAt(clock()))
      return write(context, request, reply, {
        principal: `key:${proof.thumbprint}`,
        nonces: [proof.nonce],
        answer: sent,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const full = await countNetwork(tx, context, request, now)
          if (full) return full
          const found = await openJoinCode(tx, node, code, now)
          if (!found) return unknownCode() // a refusal that is answered keeps what was counted
          const scope = codeScope(found.id)
          const fits = await countApplication(tx, { scope, limit: applicationsPerCode, now })
          if (!fits) return new Refusal('RATE_LIMITED')
          const { id: joinCodeId, orgCode } = found
          const { jwk } = proof
          const made = await apply(tx, node, { applicant: said, jwk, now, orgCode, joinCodeId })
          return renderSent(made, found.orgName, now)
        },
      })
    },
  )
}

function getApplication(app: App, context: Context): void {
  const { store, node, clock } = context
  app.get(
    '/applications/mine',
    {
      schema: {
        operationId: 'getApplication',
        summary: "What became of this key's application",
        security: [{ dpopProof: [] }],
        response: { 200: standing },
      },
      config: { refusals: ['PROOF_INVALID', 'NOT_FOUND'] },
    },
    async (request) => {
      const { thumbprint } = await possession(context, request)
      const row = await applicationOfKey(store.read, thumbprint)
      if (!row) throw new Refusal('NOT_FOUND', { what: 'application' })
      const device =
        row.deviceId === null ? undefined : await activeDevice(store.read, row.deviceId)
      const reason = openReason(node, row)
      return {
        state: row.state,
        organisation: { name: await nameOf(store.read, row) },
        submitted_at: row.createdAt,
        ...(reason !== undefined && { reason }),
        ...(device && {
          device: renderEnrolled(device, node),
        }),
        server_time: clock(),
      }
    },
  )
}

function postAmendment(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/applications/mine/amendments',
    {
      schema: {
        operationId: 'amendApplication',
        summary: 'Send an application again that the union has asked more for',
        body: again,
        security: [{ dpopProof: [] }],
        response: { 201: sent },
      },
      config: {
        refusals: [
          ...(['PROOF_INVALID', 'PROOF_REPLAYED', 'NOT_FOUND'] as const),
          ...(['VERSION_CONFLICT', 'RATE_LIMITED'] as const),
        ],
      },
    },
    async (request, reply) => {
      const { jwk, thumbprint, nonce } = await possession(context, request)
      const said = readApplicant(typedOf(request.body), todayAt(clock()))
      return write(context, request, reply, {
        principal: `key:${thumbprint}`,
        nonces: [nonce],
        answer: sent,
        status: 201,
        work: async (tx) => {
          const now = clock()
          const full = await countNetwork(tx, context, request, now)
          if (full) return full
          const row = await amendApplication(tx, node, { applicant: said, jwk, now })
          return renderSent(row, await nameOf(tx, row), now)
        },
      })
    },
  )
}

async function countNetwork(
  tx: Tx,
  { node }: Context,
  { ip }: FastifyRequest,
  now: Instant,
): Promise<Refusal | undefined> {
  const scope = networkScope(node, ip)
  const fits = await countApplication(tx, { scope, limit: applicationsPerNetwork, now })
  return fits ? undefined : new Refusal('RATE_LIMITED')
}

function typedOf(body: z.output<typeof again>) {
  const { name, id_type: idType, id_number: idNumber, mobile, occupation } = body
  return { name, idType, idNumber, mobile, occupation, device: body.device_name }
}

function renderSent({ createdAt }: Application, name: string, now: Instant) {
  const state = 'waiting' as const
  return { state, organisation: { name }, submitted_at: createdAt, server_time: now }
}

async function nameOf(reader: Reader, { orgCode }: Application): Promise<string> {
  return (await readOrganisation(reader, orgCode))?.nameZh ?? ''
}

/** Unknown, revoked and ended are one answer. */
function unknownCode(): Refusal {
  return new Refusal('NOT_FOUND', { what: 'join_code' })
}

/** The calendar day in China: nobody was born after it. */
function todayAt(now: Instant): string {
  return new Date(now + 8 * hour).toISOString().slice(0, 10)
}
