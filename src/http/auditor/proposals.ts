import { z } from 'zod'

import { toHex } from '../../base/bytes.ts'
import { type DecidedProposal, withDecisions } from '../../benefits/proposal-decisions.ts'
import { listProposals, readProposal } from '../../benefits/proposals.ts'
import { scopesOf } from '../../identity/roles.ts'
import { pseudonymOf } from '../../keys/pseudonym.ts'
import { proposalKinds, proposalStates } from '../../store/schema/proposals.ts'
import { principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { decisionSchema, renderDecisions } from './evidence.ts'

const listed = z.object({
  id: z.string(),
  kind: z.enum(proposalKinds),
  about: z.string().describe('the id of a programme, a recall or a voucher'),
  subject: z.string().optional().describe('pseudonym of the member, of a voucher’s renewal'),
  programme_id: z.string(),
  org_code: z.string(),
  amount: fenSchema,
  state: z.enum(proposalStates),
  approvals_needed: z.int(),
  digest: z.string().describe('SHA-256, hexadecimal: what is signed'),
  intact: z.boolean().describe('the digest is that of the content, which names the proposal'),
  proposed_by: z.object({ principal_id: z.string(), person_id: z.string() }),
  proposed_at: instantSchema,
  ended_at: instantSchema.optional(),
  decisions: z.array(decisionSchema).describe('the oldest first'),
})
const one = listed.extend({
  content: z
    .string()
    .optional()
    .describe('JSON, as it is signed; not that of a recall, whose choice may name members'),
})

/** Changes that take two: who proposed each, who decided, and what proves it. */
export function auditedProposalRoutes(app: App, context: Context): void {
  getProposals(app, context)
  getProposal(app, context)
}

function getProposals(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/proposals',
    {
      schema: {
        operationId: 'auditProposals',
        summary: 'Proposals with the decisions on them, the latest first',
        querystring: pageQuery.extend({ state: z.enum(proposalStates).optional() }),
        response: { 200: pageOf(listed) },
      },
    },
    async (request) => {
      const { after, limit, state } = request.query
      const orgPaths = scopesOf(principalOf(request), 'audit.read')
      const page = { after, limit: limit + 1, ...(state && { state }) }
      const rows = await listProposals(store.read, orgPaths, page)
      const { items, ...more } = toPage(
        rows,
        limit,
        ({ id }) => id,
        (row) => row,
      )
      const decided = await withDecisions(store.read, items)
      return { ...more, items: await Promise.all(decided.map((row) => render(context, row))) }
    },
  )
}

function getProposal(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/proposals/:id',
    {
      schema: {
        operationId: 'auditProposal',
        summary: 'One proposal with the decisions on it',
        params: z.object({ id: idText }),
        response: { 200: one },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const orgPaths = scopesOf(principalOf(request), 'audit.read')
      const proposal = await readProposal(store.read, request.params.id, orgPaths)
      const [row] = await withDecisions(store.read, [proposal])
      if (!row) throw new TypeError('a proposal comes with its decisions')
      const { kind, content } = proposal
      return { ...(await render(context, row)), ...(kind !== 'recall' && { content }) }
    },
  )
}

async function render(
  context: Context,
  { proposal, intact, memberId, decisions }: DecidedProposal,
): Promise<z.input<typeof listed>> {
  const { proposedBy, proposedByPerson, endedAt } = proposal
  return {
    ...{ id: proposal.id, kind: proposal.kind, about: proposal.subject },
    ...(memberId !== undefined && { subject: pseudonymOf(context.node, memberId) }),
    ...{ programme_id: proposal.programmeId, org_code: proposal.orgCode },
    ...{ amount: proposal.amount, state: proposal.state },
    ...{ approvals_needed: proposal.approvalsNeeded, digest: toHex(proposal.digest), intact },
    proposed_by: { principal_id: proposedBy, person_id: proposedByPerson },
    ...{ proposed_at: proposal.proposedAt, ...(endedAt !== null && { ended_at: endedAt }) },
    decisions: await renderDecisions(context, decisions),
  }
}
