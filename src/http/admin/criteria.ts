import { z } from 'zod'
import { checkCriteria } from '../../benefits/criteria/criteria.ts'
import { factKeys, factOf } from '../../benefits/criteria/facts.ts'
import { requireNamed } from '../../benefits/criteria/named.ts'
import { explainCriteria, previewCriteria, type Sketch } from '../../benefits/criteria-preview.ts'
import { publishedBenefit } from '../../benefits/rights.ts'
import { requireScope, requireSight } from '../../benefits/scope.ts'
import { requireMemberInSight } from '../../credentials/credentials.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { actorOf } from './authenticate.ts'

const wordsSchema = z.object({ zh: z.string(), en: z.string() })
const factSchema = z.object({
  key: z.string(),
  type: z.enum(['bool', 'int', 'date', 'code', 'code_set', 'money']),
  label: wordsSchema,
  codes: z.record(z.string(), wordsSchema).optional().describe('the closed list of a code'),
})
const sketchSchema = {
  criteria: z.unknown().describe('see docs/benefits.md'),
  benefit_id: idText.optional().describe('a published benefit whose own rule and cap hold too'),
}
const previewSchema = z.object({
  considered: z.int(),
  eligible: z.int(),
  not_eligible: z.int(),
  fact_unknown: z.int(),
  cap_reached: z.int(),
  not_active: z.int(),
})
const explanationSchema = z.object({
  status: z.enum(['eligible', 'not_yet', 'ineligible', 'need_info']),
  because: z.array(wordsSchema),
  blocked_by: z.array(wordsSchema.extend({ known: z.boolean() })),
  how_to_fix: z.array(wordsSchema),
  eligible_from: z.string().optional(),
})

/** Tools for whoever writes a rule: what it may name, whom it finds, what it says of one member. */
export function criteriaRoutes(app: App, context: Context): void {
  getFacts(app)
  postPreview(app, context)
  postExplain(app, context)
}

function getFacts(app: App): void {
  app.get(
    '/criteria/facts',
    {
      schema: {
        operationId: 'listFacts',
        summary: 'The facts that criteria may name',
        response: { 200: z.object({ items: z.array(factSchema) }) },
      },
    },
    async (request) => {
      actorOf(request, 'benefits.read')
      const items = factKeys.map((key) => {
        const { type, label, codes } = factOf(key)
        return { key, type, label, ...(codes && { codes: { ...codes } }) }
      })
      return { items }
    },
  )
}

function postPreview(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/criteria/preview',
    {
      schema: {
        operationId: 'previewCriteria',
        summary: 'How many members of an organisation a rule finds, as a batch by it would',
        description: 'For whoever may read members there: a narrow rule tells of one.',
        body: z.strictObject({ ...sketchSchema, org_code: z.string().regex(organisationCode) }),
        response: { 200: previewSchema },
      },
      config: { refusals: ['NOT_FOUND', 'BENEFIT_STATE', 'CRITERIA_INVALID'], unkeyed: true },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const knowing = actorOf(request, 'members.read')
      const orgPath = await requireScope(store.read, orgPaths, request.body.org_code)
      await requireScope(store.read, knowing.orgPaths, request.body.org_code)
      const sketch = await sketchOf(context, orgPaths, request.body)
      return previewCriteria(store.read, sketch, { orgPath, now: clock() })
    },
  )
}

function postExplain(app: App, context: Context): void {
  const { store, clock } = context
  app.post(
    '/criteria/explain',
    {
      schema: {
        operationId: 'explainCriteria',
        summary: 'What a rule says of one member, in the words that the member will read',
        body: z.strictObject({ ...sketchSchema, member_id: idText }),
        response: { 200: explanationSchema },
      },
      config: { refusals: ['NOT_FOUND', 'BENEFIT_STATE', 'CRITERIA_INVALID'], unkeyed: true },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const memberId = request.body.member_id
      const seeing = actorOf(request, 'members.read')
      await requireMemberInSight(store.read, memberId, seeing.orgPaths)
      const sketch = await sketchOf(context, orgPaths, request.body)
      const told = await explainCriteria(store.read, sketch, { memberId, now: clock() })
      return {
        status: told.status,
        because: [...told.because],
        blocked_by: told.blockedBy.map(({ zh, en, known }) => ({ zh, en, known })),
        how_to_fix: [...told.howToFix],
        ...(told.eligibleFrom !== undefined && { eligible_from: told.eligibleFrom }),
      }
    },
  )
}

/** Checks what was sent. Refusals CRITERIA_INVALID, NOT_FOUND, BENEFIT_STATE. */
async function sketchOf(
  { store }: Context,
  orgPaths: readonly string[],
  given: { readonly criteria?: unknown; readonly benefit_id?: string | undefined },
): Promise<Sketch> {
  const criteria = checkCriteria(given.criteria)
  await requireNamed(store.read, criteria, orgPaths)
  if (given.benefit_id === undefined) return { criteria }
  const benefit = await publishedBenefit(store.read, given.benefit_id)
  const { orgCode } = benefit.programme
  await requireSight(store.read, orgPaths, { orgCode, what: 'benefit' })
  return { criteria, benefit }
}
