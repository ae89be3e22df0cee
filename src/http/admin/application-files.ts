import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hour, type Instant } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { refusalCodes } from '../../base/refusal-codes.ts'
import { requireScope, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import {
  applyTogether,
  decideTogether,
  organisationOfFile,
  readApplicants,
} from '../../identity/collective-applications.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, textOf } from '../paging.ts'
import { raced } from './applications.ts'
import { actorOf, adminWrite } from './authenticate.ts'
import { takeFiles } from './received-file.ts'

/** A thousand rows, with room. */
const mostOctets = 1024 * 1024

const received = z.object({
  file_id: z.string(),
  applications: z.int(),
  refused: z.array(
    z.object({
      row: z.int(),
      column: z.string(),
      value: z.string().describe('masked'),
      code: z.string(),
    }),
  ),
})
const decided = z.object({
  decided: z.int(),
  refused: z
    .array(z.object({ id: z.string(), code: z.enum(refusalCodes) }))
    .describe('applications that wait for a decision of their own'),
  next: z.string().optional().describe('send it as `after` to go on'),
})

/** A union's people apply together, by a roster, and are decided together. */
export function applicationFileRoutes(app: App, context: Context): void {
  takeFiles(app)
  postApplicationFiles(app, context)
  postFileDecisions(app, context)
}

function postApplicationFiles(app: App, context: Context): void {
  const { store, node, clock } = context
  app.post(
    '/application-files',
    {
      bodyLimit: mostOctets,
      schema: {
        operationId: 'applyTogether',
        summary: 'A roster of one organisation (CSV or XLSX as the body) becomes applications',
        querystring: z.object({ org_code: z.string().regex(organisationCode) }),
        response: { 201: received },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'FILE_UNREADABLE', 'FILE_TOO_LARGE'] as const),
          ...(['HEADERS_UNKNOWN', 'ENCODING_UNKNOWN'] as const),
        ],
      },
    },
    async (request, reply) => {
      const { orgPaths } = actorOf(request, 'members.write')
      const { org_code: orgCode } = request.query
      await requireScope(store.read, orgPaths, orgCode)
      const file = await octetsOf(request)
      request.rawBody = file
      const today = chinaDay(clock())
      const { rows, faults } = await readApplicants(Readable.from([file]), { orgCode, today })
      return adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: received,
        status: 201,
        work: async (tx) => ({
          file_id: await applyTogether(tx, node, { orgCode, rows, now: clock() }),
          applications: rows.length,
          refused: faults.map(({ row, column, value, code }) => ({ row, column, value, code })),
        }),
      })
    },
  )
}

function postFileDecisions(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/application-files/:id/decisions',
    {
      schema: {
        operationId: 'decideTogether',
        summary: 'Approve or reject the waiting applications of a file, a hundred at a time',
        params: z.object({ id: idText }),
        body: z.strictObject({
          decision: z.enum(['approve', 'reject']),
          reason: textOf(200).optional().describe('needed to reject'),
          after: z.string().max(64).default(''),
        }),
        response: { 200: decided },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'VERSION_CONFLICT', 'SELF_APPROVAL'] as const),
          ...(['TRANSFER_NEEDED', 'ALREADY_EXISTS'] as const),
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: decided,
        work: async (tx, { orgPaths, principalId, personId }) => {
          const fileId = request.params.id
          const orgCode = await organisationOfFile(tx, fileId)
          await requireSight(tx, orgPaths, { orgCode, what: 'application_file' })
          const now = clock()
          const { decision, reason, after } = request.body
          const by = { principalId, personId }
          const done = await decideTogether(tx, node, {
            ...{ fileId, after, decision, reason, by, now },
            today: chinaDay(now),
          })
          const { next } = done
          return {
            decided: done.decided,
            refused: [...done.refused],
            ...(next !== undefined && { next }),
          }
        },
      }).catch(raced),
  )
}

/** The body as it came. Refusals VALIDATION_FAILED (no file), FILE_TOO_LARGE, FILE_UNREADABLE. */
async function octetsOf({ body }: FastifyRequest): Promise<Buffer> {
  if (!(body instanceof Readable)) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['body: send the file as text/csv'] })
  }
  const parts: Buffer[] = []
  let octets = 0
  try {
    for await (const part of body) {
      octets += (part as Buffer).length
      if (octets > mostOctets) throw new Refusal('FILE_TOO_LARGE')
      parts.push(part as Buffer)
    }
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('FILE_UNREADABLE')
  }
  return Buffer.concat(parts)
}

function chinaDay(now: Instant): string {
  return new Date(now + 8 * hour).toISOString().slice(0, 10)
}
