import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { toHex } from '../../base/bytes.ts'
import { bookBudgetChange } from '../../benefits/budget-change.ts'
import {
  decideProposal,
  listProposals,
  openProposal,
  type PlacedProposal,
  type Proposal,
  readProposal,
  withdrawProposal,
} from '../../benefits/proposals.ts'
import { holds } from '../../identity/roles.ts'
import { proposalKinds, proposalStates } from '../../store/schema/proposals.ts'
import type { Tx } from '../../store/store.ts'
import { startRecall } from '../../vouchers/run-recall.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { decisionBody, decisionOptions, optionsFor, signedWord } from './approvals.ts'
import { actorOf, adminWrite, principalOf } from './authenticate.ts'
import { carryOutRenewal } from './voucher-renewal.ts'

export const proposalSchema = z.object({
  id: z.string(),
  kind: z.enum(proposalKinds),
  subject: z.string().describe('the id of what it is about'),
  programme_id: z.string(),
  org_code: z.string(),
  amount: fenSchema,
  reason: z.string(),
  state: z.enum(proposalStates),
  approvals_needed: z.int(),
  content: z.string().describe('JSON, exactly the octets that the digest is made of'),
  digest: z.string().describe('SHA-256, hexadecimal: what approvers sign'),
  proposed_by: z.string().describe('a principal'),
  proposed_at: instantSchema,
  ended_at: instantSchema.optional(),
})
const seenSchema = proposalSchema.extend({
  content: proposalSchema.shape.content
    .optional()
    .describe(
      'JSON, exactly the octets that the digest is made of; of a recall, which may choose members, ' +
        'only to whoever may read members there',
    ),
})
const params = z.object({ id: idText })

/** What takes another person's signature before it is done. */
export function proposalRoutes(app: App, context: Context): void {
  getProposals(app, context)
  getProposal(app, context)
  postProposalOptions(app, context)
  postProposalDecisions(app, context)
  postProposalWithdraw(app, context)
}

function getProposals(app: App, { store }: Context): void {
  app.get(
    '/proposals',
    {
      schema: {
        operationId: 'listProposals',
        summary: 'Proposals within the scope, the latest first',
        querystring: pageQuery.extend({
          state: z.enum(proposalStates).optional(),
          subject: idText.optional(),
        }),
        response: { 200: pageOf(seenSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { after, limit, state, subject } = request.query
      const wanted = { ...(state && { state }), ...(subject && { subject }) }
      const rows = await listProposals(store.read, orgPaths, { after, limit: limit + 1, ...wanted })
      return toPage(
        rows,
        limit,
        ({ id }) => id,
        (row) => shownTo(request, row),
      )
    },
  )
}

function getProposal(app: App, { store }: Context): void {
  app.get(
    '/proposals/:id',
    {
      schema: {
        operationId: 'getProposal',
        summary: 'One proposal, with what approvers sign',
        params,
        response: { 200: seenSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      return shownTo(request, await readProposal(store.read, request.params.id, orgPaths))
    },
  )
}

function postProposalOptions(app: App, context: Context): void {
  app.post(
    '/proposals/:id/decisions/options',
    {
      schema: {
        operationId: 'createProposalOptions',
        summary: 'What a passkey signs to approve or reject a proposal',
        description: 'The statement is that of a batch’s approval; its batch is the proposal’s id.',
        params,
        body: z.strictObject({ decision: z.enum(['approve', 'reject']) }),
        response: { 200: decisionOptions },
      },
      config: { refusals: ['NOT_FOUND', 'PROPOSAL_STATE'], unkeyed: true },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'batches.approve')
      const { decision } = request.body
      return optionsFor(context, request, async () => {
        const { id, digest } = await openProposal(context.store.read, request.params.id, orgPaths)
        return { batchId: id, digest, decision }
      })
    },
  )
}

function postProposalDecisions(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/proposals/:id/decisions',
    {
      schema: {
        operationId: 'decideProposal',
        summary: 'Approve or reject a proposal by a signature; the last approval carries it out',
        description: 'As decideBatch; the statement’s batch is the proposal’s id.',
        params,
        body: decisionBody,
        response: { 200: proposalSchema },
      },
      config: {
        refusals: [
          ...(['NOT_FOUND', 'PROOF_INVALID', 'PROOF_REPLAYED', 'SELF_APPROVAL'] as const),
          ...(['PROPOSAL_STATE', 'DRY_RUN_STALE', 'ALREADY_EXISTS'] as const),
          ...([
            'VERSION_CONFLICT',
            'BUDGET_EXHAUSTED',
            'VOUCHER_SUSPENDED',
            'NOT_CLAIMED',
          ] as const),
          ...(['ALREADY_REDEEMED', 'VOUCHER_VOID', 'VOUCHER_RETURNED', 'VOUCHER_EXPIRED'] as const),
          ...(['MEMBERSHIP_SUSPENDED', 'FREEZE_ACTIVE', 'PERSON_CAP_REACHED'] as const),
          'QUOTA_EXHAUSTED',
        ],
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const signed = await signedWord(context, request, request.body, id)
      return adminWrite(context, request, reply, {
        permission: 'batches.approve',
        answer: proposalSchema,
        nonces: signed.nonces,
        work: async (tx, { principalId, personId, orgPaths }) => {
          await signed.count(tx)
          const { digest, decision, kept } = signed
          const word = { principalId, personId, orgPaths, digest, decision, statement: kept }
          const decided = await decideProposal(tx, id, word, clock())
          if (decided.state === 'carried_out') await carryOut(tx, context, decided)
          return renderProposal(decided)
        },
      })
    },
  )
}

function postProposalWithdraw(app: App, context: Context): void {
  app.post(
    '/proposals/:id/withdraw',
    {
      schema: {
        operationId: 'withdrawProposal',
        summary: 'Take back what one has proposed',
        params,
        body: z.strictObject({}),
        response: { 200: proposalSchema },
      },
      config: { refusals: ['NOT_FOUND', 'PROPOSAL_STATE'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.read',
        answer: proposalSchema,
        work: async (tx, actor) =>
          renderProposal(await withdrawProposal(tx, request.params.id, actor, context.clock())),
      }),
  )
}

/** Does what was signed, in the transaction of the last signature. */
async function carryOut(tx: Tx, { node, clock }: Context, proposal: Proposal): Promise<void> {
  switch (proposal.kind) {
    case 'budget':
      await bookBudgetChange(tx, node, proposal, clock())
      break
    case 'recall':
      await startRecall(tx, proposal)
      break
    default:
      await carryOutRenewal(tx, node, proposal, clock())
  }
}

/** The same, without whom a recall chooses for who may not know members. */
function shownTo(request: FastifyRequest, row: PlacedProposal): z.input<typeof seenSchema> {
  const { content, ...rest } = renderProposal(row)
  const told = row.kind !== 'recall' || holds(principalOf(request), 'members.read', row.orgPath)
  return { ...rest, ...(told && { content }) }
}

/** A proposal as the desk sees it. */
export function renderProposal(row: Proposal): z.input<typeof proposalSchema> {
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    programme_id: row.programmeId,
    org_code: row.orgCode,
    amount: row.amount,
    reason: row.reason,
    state: row.state,
    approvals_needed: row.approvalsNeeded,
    content: row.content,
    digest: toHex(row.digest),
    proposed_by: row.proposedBy,
    proposed_at: row.proposedAt,
    ...(row.endedAt !== null && { ended_at: row.endedAt }),
  }
}
