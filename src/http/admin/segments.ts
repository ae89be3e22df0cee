import { z } from 'zod'
import {
  createSegment,
  listSegments,
  readSegment,
  retireSegment,
  type Segment,
  saveSegment,
  segmentVersions,
} from '../../benefits/segments.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const params = z.object({ id: idText })
const segmentSchema = z.object({
  id: z.string(),
  version: z.int(),
  name: z.string(),
  org_code: z.string(),
  criteria: z.unknown().describe('see docs/benefits.md'),
  saved_at: instantSchema,
  retired_at: instantSchema.optional(),
})
const content = { name: textOf(100), criteria: z.unknown().describe('see docs/benefits.md') }

/** Named criteria, for rules: saved, saved anew as a version, and retired. */
export function segmentRoutes(app: App, context: Context): void {
  getSegments(app, context)
  getSegment(app, context)
  postSegments(app, context)
  putSegment(app, context)
  deleteSegment(app, context)
}

function getSegments(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/segments',
    {
      schema: {
        operationId: 'listSegments',
        summary: 'Segments within the scope, in their latest version',
        querystring: pageQuery,
        response: { 200: pageOf(segmentSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { after, limit } = request.query
      const rows = await listSegments(store.read, orgPaths, { after, limit: limit + 1 })
      return toPage(rows, limit, ({ id }) => id, render)
    },
  )
}

function getSegment(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/segments/:id',
    {
      schema: {
        operationId: 'getSegment',
        summary: 'A segment, with every version of it, the latest first',
        params,
        response: { 200: segmentSchema.extend({ versions: z.array(segmentSchema) }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const latest = await readSegment(store.read, request.params.id, orgPaths)
      const versions = await segmentVersions(store.read, request.params.id, orgPaths)
      return { ...render(latest), versions: versions.map(render) }
    },
  )
}

function postSegments(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/segments',
    {
      schema: {
        operationId: 'createSegment',
        summary: 'Save criteria under a name',
        body: z.strictObject({ ...content, org_code: z.string().regex(organisationCode) }),
        response: { 201: segmentSchema },
      },
      config: { refusals: ['NOT_FOUND', 'CRITERIA_INVALID'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: segmentSchema,
        status: 201,
        work: async (tx, actor) => {
          const { org_code: orgCode, name, criteria } = request.body
          return render(await createSegment(tx, { orgCode, name, criteria }, actor, clock()))
        },
      }),
  )
}

function putSegment(app: App, context: Context): void {
  const { clock } = context
  app.put(
    '/segments/:id',
    {
      schema: {
        operationId: 'saveSegment',
        summary: 'Save the next version; what is published keeps the one it was published with',
        params,
        body: z.strictObject({ ...content, expected_version: z.int().min(1) }),
        response: { 200: segmentSchema },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT', 'CRITERIA_INVALID'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: segmentSchema,
        work: async (tx, actor) => {
          const { name, criteria, expected_version: expected } = request.body
          const next = { name, criteria, expected }
          return render(await saveSegment(tx, request.params.id, next, actor, clock()))
        },
      }),
  )
}

function deleteSegment(app: App, context: Context): void {
  const { clock } = context
  app.delete(
    '/segments/:id',
    {
      schema: {
        operationId: 'retireSegment',
        summary: 'Retire a segment: no new rule may name it, those that do go on',
        params,
        response: { 200: segmentSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: segmentSchema,
        work: async (tx, actor) =>
          render(await retireSegment(tx, request.params.id, actor, clock())),
      }),
  )
}

function render(row: Segment): z.input<typeof segmentSchema> {
  return {
    ...{ id: row.id, version: row.version, name: row.name, org_code: row.orgCode },
    ...{ criteria: JSON.parse(row.criteria), saved_at: row.createdAt },
    ...(row.retiredAt !== null && { retired_at: row.retiredAt }),
  }
}
