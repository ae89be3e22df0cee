import { z } from 'zod'
import { hour } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { type Actor, requireSight } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { readApplication } from '../../identity/applications.ts'
import { isWithin } from '../../identity/organisation-rules.ts'
import {
  applicantElsewhere,
  listTransfers,
  type NamedTransfer,
  named,
  orgOfMember,
} from '../../identity/transfer-lists.ts'
import {
  askTransfer,
  consentTransfer,
  readTransfer,
  refuseTransfer,
  type Transfer,
  type TransferSide,
} from '../../identity/transfers.ts'
import { transferSides, transferStates } from '../../store/schema/transfers.ts'
import type { Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, pageOf, pageQuery, textOf, toPage } from '../paging.ts'
import { renderTransfer, transferSchema } from '../transfer-view.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const transfer = transferSchema.extend({
  member_no: z.string(),
  name: z.string(),
  sides: z.array(z.enum(transferSides)).describe('for which of the unions you may speak'),
})

const wish = z.union([
  z
    .strictObject({ member_id: idText, to_org_code: z.string().regex(organisationCode) })
    .describe('the old union lets a member of its own go'),
  z
    .strictObject({ application_id: idText })
    .describe('the new union asks for somebody who applies to it and is a member elsewhere'),
])

/** Moves between unions: each union reads those of its own subtree, and speaks for itself. */
export function transferRoutes(app: App, context: Context): void {
  getTransfers(app, context)
  postTransfers(app, context)
  postTransferDecisions(app, context)
}

function getTransfers(app: App, { store, node }: Context): void {
  app.get(
    '/transfers',
    {
      schema: {
        operationId: 'listTransfers',
        summary: 'Transfers from and to the organisations of whoever asks, the oldest first',
        querystring: pageQuery.extend({ state: z.enum(transferStates).optional() }),
        response: { 200: pageOf(transfer) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'members.read')
      const { limit, after, state } = request.query
      const rows = await listTransfers(store.read, { orgPaths, state, after, limit })
      return toPage(
        rows,
        limit,
        (row) => row.transfer.id,
        (row) => render(node, row, orgPaths),
      )
    },
  )
}

function postTransfers(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/transfers',
    {
      schema: {
        operationId: 'askTransferOf',
        summary: 'Ask for a transfer, and consent to it for one’s own union',
        body: wish,
        response: { 201: transfer },
      },
      config: {
        refusals: ['NOT_FOUND', 'ALREADY_EXISTS', 'VERSION_CONFLICT', 'SELF_APPROVAL'],
      },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        ...{ permission: 'members.write', answer: transfer, status: 201 },
        work: async (tx, actor) => {
          const asked = await askedBy(tx, actor, request.body)
          const { principalId, personId, orgPaths } = actor
          const by = { principalId, personId, side: asked.side }
          const made = await askTransfer(tx, { ...asked, by, now: clock() })
          return rendered(tx, node, made, orgPaths)
        },
      }),
  )
}

function postTransferDecisions(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/transfers/:id/decisions',
    {
      schema: {
        operationId: 'decideTransfer',
        summary: 'Consent to a transfer for one of the two unions, or refuse it',
        params: z.object({ id: idText }),
        body: z.strictObject({
          side: z.enum(transferSides).describe('the union for which one speaks'),
          decision: z.enum(['consent', 'refuse']),
          reason: textOf(200).optional().describe('told to the member; needed for a refusal'),
        }),
        response: { 200: transfer },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT', 'SELF_APPROVAL', 'ALREADY_EXISTS'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        ...{ permission: 'members.write', answer: transfer },
        work: async (tx, { orgPaths, principalId, personId }) => {
          const { id } = request.params
          const { side, decision, reason } = request.body
          const before = await readTransfer(tx, id)
          await requireSide(tx, orgPaths, before, side)
          const by = { principalId, personId }
          const now = clock()
          if (decision === 'refuse') {
            if (!reason) throw new Refusal('VALIDATION_FAILED', { issues: ['reason: missing'] })
            const refused = await refuseTransfer(tx, node, { id, side, by, reason, now })
            return rendered(tx, node, refused, orgPaths)
          }
          const today = new Date(now + 8 * hour).toISOString().slice(0, 10)
          const consented = await consentTransfer(tx, { id, side, by, today, now })
          return rendered(tx, node, consented, orgPaths)
        },
      }),
  )
}

/** Whom staff ask for, and for which union they thereby speak. */
async function askedBy(tx: Tx, { orgPaths }: Actor, body: z.output<typeof wish>) {
  if ('application_id' in body) {
    const { orgCode } = await readApplication(tx, body.application_id)
    await requireSight(tx, orgPaths, { orgCode, what: 'application' })
    const { memberId } = await applicantElsewhere(tx, body.application_id)
    return { memberId, toOrg: orgCode, side: 'receive' as const }
  }
  const { member_id: memberId, to_org_code: toOrg } = body
  const orgCode = await orgOfMember(tx, memberId)
  await requireSight(tx, orgPaths, { orgCode, what: 'member' })
  return { memberId, toOrg, side: 'release' as const }
}

/** Refusal NOT_FOUND for whoever may not speak for that union, as for an unknown transfer. */
async function requireSide(
  tx: Tx,
  orgPaths: readonly string[],
  { fromOrg, toOrg }: Transfer,
  side: TransferSide,
): Promise<void> {
  const orgCode = side === 'release' ? fromOrg : toOrg
  await requireSight(tx, orgPaths, { orgCode, what: 'transfer' })
}

async function rendered(
  tx: Tx,
  node: Context['node'],
  made: Transfer,
  orgPaths: readonly string[],
) {
  const [row] = await named(tx, [made])
  if (!row) throw new TypeError('a transfer without names')
  return render(node, row, orgPaths)
}

function render(
  node: Context['node'],
  row: NamedTransfer,
  orgPaths: readonly string[],
): z.input<typeof transfer> {
  const within = ({ path }: { path: string }) => orgPaths.some((one) => isWithin(path, one))
  return {
    ...renderTransfer(node, row),
    member_no: row.member.memberNo,
    name: row.member.name,
    sides: [
      ...(within(row.from) ? (['release'] as const) : []),
      ...(within(row.to) ? (['receive'] as const) : []),
    ],
  }
}
