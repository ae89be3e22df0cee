import { z } from 'zod'
import { Refusal } from '../../base/refusal.ts'
import { keepDecision } from '../../benefits/decision-receipt.ts'
import { drawnBy } from '../../benefits/definition.ts'
import { type Decision, decideEligibility } from '../../benefits/eligibility.ts'
import { publishedBenefit, rightsOf, rightTo } from '../../benefits/rights.ts'
import { personOfMember } from '../../identity/devices.ts'
import { claimStock } from '../../vouchers/claim.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { promiseOf } from '../promised.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'
import { claimedSchema, renderRight, renderVoucher, rightSchema } from './views.ts'

/** What the member is entitled to, why, and taking it. */
export function rightRoutes(app: App, context: Context): void {
  getMeRights(app, context)
  getMeRightExplain(app, context)
  postBenefitClaims(app, context)
}

function getMeRights(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/me/rights',
    {
      schema: {
        operationId: 'listRights',
        summary: 'Every published benefit, and whether the member is entitled to it',
        response: { 200: z.object({ items: z.array(rightSchema), server_time: z.int() }) },
      },
    },
    async (request) => {
      const now = clock()
      const rights = await rightsOf(store.read, { memberId: memberOf(request).memberId, now })
      return { items: rights.map(renderRight), server_time: now }
    },
  )
}

function getMeRightExplain(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/me/rights/:benefitId/explain',
    {
      schema: {
        operationId: 'explainRight',
        summary: 'Why, why not, what to do, from when',
        params: z.object({ benefitId: idText }),
        response: { 200: rightSchema },
      },
      config: { refusals: ['NOT_FOUND', 'BENEFIT_STATE'] },
    },
    async (request) => {
      const { memberId } = memberOf(request)
      const { benefitId } = request.params
      return renderRight(await rightTo(store.read, { memberId, benefitId, now: clock() }))
    },
  )
}

function postBenefitClaims(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/benefits/:benefitId/claims',
    {
      schema: {
        operationId: 'claimBenefit',
        summary: 'Claim one unit of open stock',
        params: z.object({ benefitId: idText }),
        body: z.strictObject({}),
        response: { 201: claimedSchema },
      },
      config: {
        refusals: [
          'NOT_FOUND',
          'BENEFIT_STATE',
          'NOT_ELIGIBLE',
          'FACT_UNKNOWN',
          'FREEZE_ACTIVE',
          'PERSON_CAP_REACHED',
          'QUOTA_EXHAUSTED',
        ],
      },
    },
    async (request, reply) => {
      const { memberId, bucket, nonce } = memberOf(request)
      let decision: Decision | undefined
      return write(context, request, reply, {
        principal: `member:${memberId}`,
        nonces: [nonce],
        answer: claimedSchema,
        onRefusal: async (tx, { code: refused }) => {
          if (!decision) return
          await keepDecision(tx, node, { decision, bucket, refused, now: clock() })
        },
        told: ({ leaf_hash: leaf, claimed_at: at = 0 }) => promiseOf(context, leaf, at),
        status: 201,
        work: async (tx) => {
          const now = clock()
          const benefit = await publishedBenefit(tx, request.params.benefitId)
          const { supply } = benefit.definition
          if (supply !== 'stock' || drawnBy(benefit.definition)) throw new Refusal('BENEFIT_STATE')
          decision = await decideEligibility(tx, memberId, benefit, now)
          if (decision.refusal) throw decision.refusal
          const personId = await personOfMember(tx, memberId)
          const to = { memberId, personId, bucket }
          const voucher = await claimStock(tx, node, { benefit, to, now })
          await keepDecision(tx, node, { decision, bucket, refused: undefined, now })
          return renderVoucher({ voucher, state: voucher.state, benefit }, node.number)
        },
      })
    },
  )
}
