import { z } from 'zod'
import { hour } from '../../base/clock.ts'
import { Weather } from '../../base/refusal.ts'
import { requireScope, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { openApplicant, openReason } from '../../identity/applicant.ts'
import { type Application, listApplications, readApplication } from '../../identity/applications.ts'
import { decideApplication, standingOf } from '../../identity/decide-application.ts'
import { maskValue } from '../../identity/roster/faults.ts'
import { isDuplicate } from '../../store/errors.ts'
import { applicationStates } from '../../store/schema/joining.ts'
import { welcomesOf } from '../../vouchers/welcome.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const application = z.object({
  id: z.string(),
  org_code: z.string(),
  state: z.enum(applicationStates),
  version: z.int().describe('to be named in a decision'),
  file_id: z.string().optional().describe('the collective file it came in'),
  submitted_at: instantSchema,
  applicant: z
    .object({
      name: z.string(),
      id_type: z.string(),
      id_number: z.string().describe('masked'),
      mobile: z.string().optional().describe('masked'),
      occupation: z.string().optional(),
    })
    .optional()
    .describe('none once approved: see the member'),
  decided_at: instantSchema.optional(),
  reason: z.string().optional(),
  member_id: z.string().optional(),
})
const known = application.extend({
  known_as: z
    .enum(['unknown', 'left', 'member_here', 'member_elsewhere'])
    .describe('what the node knows of this identity; never told to the applicant'),
  welcomes: z
    .array(
      z.object({
        benefit_id: z.string(),
        refused: z.string().optional().describe('why nothing was given'),
        at: instantSchema,
      }),
    )
    .describe('what was given to the member on joining'),
})
const params = z.object({ id: idText })

/** People who want to be members: staff read and decide. Never the applicant's own person. */
export function applicationRoutes(app: App, context: Context): void {
  getApplications(app, context)
  getApplication(app, context)
  postDecisions(app, context)
}

function getApplications(app: App, { store, node }: Context): void {
  app.get(
    '/applications',
    {
      schema: {
        operationId: 'listApplications',
        summary: 'Applications to the organisations at or below one, the oldest first',
        querystring: pageQuery.extend({
          org_code: z.string().regex(organisationCode),
          state: z.enum(applicationStates).optional(),
          file_id: idText.optional(),
        }),
        response: { 200: pageOf(application) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { org_code, state, file_id: fileId, ...page } = request.query
      const { orgPaths } = actorOf(request, 'members.read')
      const within = await requireScope(store.read, orgPaths, org_code)
      const rows = await listApplications(store.read, within, { ...page, state, fileId })
      return toPage(
        rows,
        page.limit,
        ({ id }) => id,
        (row) => render(node, row),
      )
    },
  )
}

function getApplication(app: App, { store, node }: Context): void {
  app.get(
    '/applications/:id',
    {
      schema: {
        operationId: 'readApplication',
        summary: 'One application, and whether the node knows the person',
        params,
        response: { 200: known },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'members.read')
      const row = await readApplication(store.read, request.params.id)
      await requireSight(store.read, orgPaths, { orgCode: row.orgCode, what: 'application' })
      const given = row.memberId === null ? [] : await welcomesOf(store.read, row.memberId)
      return {
        ...render(node, row),
        known_as: await standingOf(store.read, row),
        welcomes: given.map(({ benefitId, refused, at }) => ({
          ...{ benefit_id: benefitId, at },
          ...(refused !== null && { refused }),
        })),
      }
    },
  )
}

function postDecisions(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/applications/:id/decisions',
    {
      schema: {
        operationId: 'decideApplication',
        summary: 'Approve an application, reject it, or ask for more',
        params,
        body: z.strictObject({
          decision: z.enum(['approve', 'reject', 'ask']),
          version: z.int().min(1).describe('the version that was read'),
          reason: textOf(200).optional().describe('told to the applicant; needed unless approved'),
        }),
        response: { 200: application },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'SELF_APPROVAL', 'VERSION_CONFLICT'] as const),
          ...(['TRANSFER_NEEDED', 'ALREADY_EXISTS'] as const),
        ],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: application,
        work: async (tx, { orgPaths, principalId, personId }) => {
          const { id } = request.params
          const { orgCode } = await readApplication(tx, id)
          await requireSight(tx, orgPaths, { orgCode, what: 'application' })
          const now = clock()
          const today = new Date(now + 8 * hour).toISOString().slice(0, 10)
          const { decision, version, reason } = request.body
          const by = { principalId, personId }
          const deciding = { id, version, decision, reason, by, today, now }
          return render(node, await decideApplication(tx, node, deciding))
        },
      }).catch(raced),
  )
}

/** A roster added the same person at this moment: asked again, it is found. */
export function raced(error: unknown): never {
  if (isDuplicate(error)) throw new Weather('the member was added meanwhile', error)
  throw error
}

function render(node: Context['node'], row: Application): z.input<typeof application> {
  const applicant = openApplicant(node, row)
  const reason = openReason(node, row)
  return {
    id: row.id,
    org_code: row.orgCode,
    state: row.state,
    version: row.version,
    ...(row.fileId !== null && { file_id: row.fileId }),
    submitted_at: row.createdAt,
    ...(applicant && {
      applicant: {
        name: applicant.name,
        id_type: applicant.idType,
        id_number: maskValue('id_number', applicant.idNumber),
        ...(applicant.mobile && { mobile: maskValue('mobile', applicant.mobile) }),
        ...(applicant.occupation && { occupation: applicant.occupation }),
      },
    }),
    ...(row.decidedAt !== null && { decided_at: row.decidedAt }),
    ...(reason !== undefined && { reason }),
    ...(row.memberId !== null && { member_id: row.memberId }),
  }
}
