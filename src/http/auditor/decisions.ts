import { z } from 'zod'

import { toHex } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import {
  type DecisionReceipt,
  decisionsWithin,
  replayDecision,
} from '../../benefits/decision-receipt.ts'
import { scopesOf } from '../../identity/roles.ts'
import { pseudonymOf } from '../../keys/pseudonym.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import { decisionOutcomes } from '../../store/schema/audit.ts'
import { principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'

const decision = z.object({
  id: z.string(),
  at: instantSchema,
  subject: z.string().describe('pseudonym'),
  benefit_id: z.string(),
  benefit_version: z.int(),
  criteria_hash: z.string().describe('hexadecimal SHA-256 of the rule, segments written out'),
  evaluator: z.int().describe('version'),
  today: z.string().describe("day of the programme's time zone on which the rule was asked"),
  outcome: z.enum(decisionOutcomes),
  refused: z.string().optional().describe('code of the refusal that was answered'),
  facts: z
    .array(z.object({ name: z.string(), hash: z.string() }))
    .describe('what the rule looked at; each hash is keyed anew for each receipt'),
})

const replay = z.object({
  outcome: z.enum(decisionOutcomes).optional().describe('none: the facts were erased'),
  same_rule: z.boolean(),
  same_facts: z.boolean(),
  same_evaluator: z.boolean(),
  agrees: z.boolean(),
})

const byId = z.object({ id: idText })

/** Decisions on entitlement by their receipts: what was asked, and whether it comes out again. */
export function decisionRoutes(app: App, context: Context): void {
  getDecisions(app, context)
  getDecision(app, context)
  postReplay(app, context)
}

function getDecisions(app: App, { store, node }: Context): void {
  app.get(
    '/decisions',
    {
      schema: {
        operationId: 'auditDecisions',
        summary: 'Receipts of decisions on claims, in their order',
        querystring: pageQuery,
        response: { 200: pageOf(decision) },
      },
    },
    async (request) => {
      const { after, limit } = request.query
      const orgPaths = scopesOf(principalOf(request), 'audit.read')
      const rows = await decisionsWithin(store.read, orgPaths, { after, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ id }) => id,
        (row) => render(node, row),
      )
    },
  )
}

function getDecision(app: App, context: Context): void {
  app.get(
    '/decisions/:id',
    {
      schema: {
        operationId: 'auditDecision',
        summary: 'The receipt of one decision',
        params: byId,
        response: { 200: decision },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => render(context.node, await find(context, request, request.params.id)),
  )
}

function postReplay(app: App, context: Context): void {
  const { store, node } = context
  app.post(
    '/decisions/:id/replay',
    {
      schema: {
        operationId: 'replayDecision',
        summary: 'Ask the same rule of the same facts again, from the receipt alone',
        description: 'Writes nothing. Facts that were erased stay so: then there is no outcome.',
        params: byId,
        body: z.strictObject({}),
        response: { 200: replay },
      },
      config: { refusals: ['NOT_FOUND'], unkeyed: true },
    },
    async (request) => {
      const receipt = await find(context, request, request.params.id)
      const found = await store.transaction((tx) => replayDecision(tx, node, receipt))
      return {
        ...(found.outcome && { outcome: found.outcome }),
        ...{ same_rule: found.sameRule, same_facts: found.sameFacts },
        ...{ same_evaluator: found.sameEvaluator, agrees: found.agrees },
      }
    },
  )
}

async function find(
  { store }: Context,
  request: Parameters<typeof principalOf>[0],
  id: string,
): Promise<DecisionReceipt> {
  const orgPaths = scopesOf(principalOf(request), 'audit.read')
  const [row] = await decisionsWithin(store.read, orgPaths, { after: '', limit: 1, id })
  if (!row) throw new Refusal('NOT_FOUND')
  return row
}

function render(node: ThisNode, row: DecisionReceipt): z.input<typeof decision> {
  const hashes = JSON.parse(row.factHashes) as Record<string, string>
  return {
    ...{ id: row.id, at: row.at, subject: pseudonymOf(node, row.memberId) },
    ...{ benefit_id: row.benefitId, benefit_version: row.benefitVersion },
    ...{ criteria_hash: toHex(row.criteriaHash), evaluator: row.evaluator, today: row.today },
    ...{ outcome: row.outcome, ...(row.refused !== null && { refused: row.refused }) },
    facts: Object.entries(hashes).map(([name, hash]) => ({ name, hash })),
  }
}
