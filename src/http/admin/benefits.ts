import { z } from 'zod'

import { toHex } from '../../base/bytes.ts'
import {
  type Benefit,
  benefitNames,
  createBenefit,
  editBenefit,
  listBenefits,
  requireBenefit,
  versionsOf,
} from '../../benefits/benefits.ts'
import { pauseBenefit, publishBenefit, resumeBenefit, stopBenefit } from '../../benefits/publish.ts'
import { benefitKinds, benefitStates } from '../../store/schema/benefits.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const benefitSchema = z.object({
  id: z.string(),
  programme_id: z.string(),
  kind: z.enum(benefitKinds),
  state: z.enum(benefitStates),
  version: z.int().describe('the version in force; 0 before the first is published'),
})
const listedSchema = benefitSchema.extend({ name_zh: z.string(), name_en: z.string() })
const draftSchema = z.object({
  benefit_id: z.string(),
  version: z.int(),
  digest: z.string().describe('SHA-256 of the definition, hexadecimal'),
})
const versionSchema = draftSchema.extend({
  published_at: instantSchema.optional(),
  definition: z.record(z.string(), z.unknown()).describe('as it was given'),
})
const definition = z.record(z.string(), z.unknown()).describe('see docs/benefits.md')
const params = z.object({ id: idText })

const acts = {
  publish: publishBenefit,
  stop: stopBenefit,
  pause: (tx, _node, id, actor) => pauseBenefit(tx, id, actor),
  resume: (tx, _node, id, actor) => resumeBenefit(tx, id, actor),
} satisfies Record<string, typeof publishBenefit>

/** Benefits: drafts, and versions that never change once published. */
export function benefitRoutes(app: App, context: Context): void {
  getBenefits(app, context)
  getBenefit(app, context)
  postBenefits(app, context)
  putBenefitDraft(app, context)
  for (const act of Object.keys(acts) as (keyof typeof acts)[]) postBenefitAct(app, context, act)
}

function getBenefits(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/benefits',
    {
      schema: {
        operationId: 'listBenefits',
        summary: 'Benefits within the scope',
        querystring: pageQuery.extend({ programme_id: idText.optional() }),
        response: { 200: pageOf(listedSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { after, limit, programme_id: programmeId } = request.query
      const page = { after, limit: limit + 1, ...(programmeId && { programmeId }) }
      const rows = await listBenefits(store.read, orgPaths, page)
      const names = await benefitNames(
        store.read,
        rows.map(({ id }) => id),
      )
      return toPage(
        rows,
        limit,
        ({ id }) => id,
        (row) => {
          const { zh = '', en = '' } = names.get(row.id) ?? {}
          return { ...render(row), name_zh: zh, name_en: en }
        },
      )
    },
  )
}

function getBenefit(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/benefits/:id',
    {
      schema: {
        operationId: 'getBenefit',
        summary: 'One benefit with all its versions',
        params,
        response: { 200: benefitSchema.extend({ versions: z.array(versionSchema) }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const actor = actorOf(request, 'benefits.read')
      const benefit = await requireBenefit(store.read, request.params.id, actor)
      const versions = await versionsOf(store.read, benefit.id)
      return {
        ...render(benefit),
        versions: versions.map((row) => ({
          benefit_id: row.benefitId,
          version: row.version,
          digest: toHex(row.digest),
          ...(row.publishedAt !== undefined && { published_at: row.publishedAt }),
          definition: row.definition,
        })),
      }
    },
  )
}

function postBenefits(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/benefits',
    {
      schema: {
        operationId: 'createBenefit',
        summary: 'Draft a benefit in a programme',
        body: z.strictObject({ programme_id: idText, definition }),
        response: { 201: draftSchema },
      },
      config: { refusals: ['NOT_FOUND', 'CRITERIA_INVALID'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: draftSchema,
        status: 201,
        work: async (tx, actor) => {
          const { programme_id, definition: given } = request.body
          const made = await createBenefit(tx, programme_id, given, actor, clock())
          return { benefit_id: made.benefitId, version: made.version, digest: toHex(made.digest) }
        },
      }),
  )
}

function putBenefitDraft(app: App, context: Context): void {
  app.put(
    '/benefits/:id/draft',
    {
      schema: {
        operationId: 'editBenefit',
        summary: 'Replace the draft; after publication, begin the next version',
        params,
        body: z.strictObject({ definition }),
        response: { 200: draftSchema },
      },
      config: { refusals: ['NOT_FOUND', 'CRITERIA_INVALID', 'BENEFIT_STATE', 'VERSION_CONFLICT'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: draftSchema,
        work: async (tx, actor) => {
          const made = await editBenefit(tx, request.params.id, request.body.definition, actor)
          return { benefit_id: made.benefitId, version: made.version, digest: toHex(made.digest) }
        },
      }),
  )
}

function postBenefitAct(app: App, context: Context, act: keyof typeof acts): void {
  const { node, clock } = context
  app.post(
    `/benefits/:id/${act}`,
    {
      schema: {
        operationId: `${act}Benefit`,
        summary: `${act[0]?.toUpperCase()}${act.slice(1)} a benefit`,
        params,
        body: z.strictObject({}),
        response: { 200: benefitSchema },
      },
      config: { refusals: ['NOT_FOUND', 'BENEFIT_STATE', 'BUDGET_EXHAUSTED'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: benefitSchema,
        work: async (tx, actor) =>
          render(await acts[act](tx, node, request.params.id, actor, clock())),
      }),
  )
}

function render(row: Benefit): z.input<typeof benefitSchema> {
  return {
    id: row.id,
    programme_id: row.programmeId,
    kind: row.kind,
    state: row.state,
    version: row.version,
  }
}
