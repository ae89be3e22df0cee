import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import {
  credentialById,
  credentialsOf,
  requireMemberInSight,
} from '../../credentials/credentials.ts'
import {
  approveOffer,
  createOffer,
  offerLink,
  readOffer,
} from '../../credentials/issuance/offers.ts'
import {
  type Credential,
  changeStatus,
  type StatusAct,
  statusReasons,
  statusWords,
} from '../../credentials/revoke.ts'
import { memberByNo } from '../../identity/devices.ts'
import type { Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const credential = z.object({
  id: z.string(),
  member_id: z.string(),
  device_id: z.string().optional(),
  status: z.enum(statusWords),
  status_list: z.int(),
  status_index: z.int(),
  issued_at: instantSchema,
  expires_at: instantSchema,
})
const offered = z.object({
  offer_id: z.string(),
  credential_offer: z.string().describe('openid-credential-offer:// link, for a QR code'),
  tx_code: z.string().describe('told once; goes another way than the link'),
  expires_at: instantSchema,
})
const approved = z.object({ offer_id: z.string(), approved_at: instantSchema })

const acts = {
  revoke: 'Revoke a credential, for good',
  suspend: 'Suspend a credential',
  resume: 'Resume a suspended credential',
} as const satisfies Record<StatusAct, string>

/** Membership credentials: offering them, and their status. */
export function credentialRoutes(app: App, context: Context): void {
  postOffer(app, context)
  postOfferApproval(app, context)
  getMemberCredentials(app, context)
  for (const act of ['revoke', 'suspend', 'resume'] as const) postStatus(app, context, act)
}

function postOffer(app: App, context: Context): void {
  const { node, clock, publicUrl } = context
  app.post(
    '/members/:member/offers',
    {
      schema: {
        operationId: 'createCredentialOffer',
        summary: 'Offer a member the membership credential',
        params: z.object({ member: idText.describe('id or member number') }),
        body: z.strictObject({
          waits: z.boolean().default(false).describe('handed out only after an approval'),
        }),
        response: { 201: offered },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: offered,
        status: 201,
        work: async (tx, { principalId, orgPaths }) => {
          const name = request.params.member
          const memberId = (await memberByNo(tx, name))?.id ?? name
          await requireMemberInSight(tx, memberId, orgPaths)
          const { waits } = request.body
          const given = { memberId, waits, createdBy: `staff:${principalId}` }
          const { id, txCode, expiresAt } = await createOffer(tx, node, { ...given, now: clock() })
          return {
            offer_id: id,
            credential_offer: offerLink(publicUrl, id),
            tx_code: txCode ?? '',
            expires_at: expiresAt,
          }
        },
      }),
  )
}

function postOfferApproval(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/credential-offers/:offer_id/approve',
    {
      schema: {
        operationId: 'approveCredentialOffer',
        summary: 'Let the credential of a waiting offer go out',
        params: z.object({ offer_id: idText }),
        body: z.strictObject({}),
        response: { 200: approved },
      },
      config: { refusals: ['NOT_FOUND', 'ALREADY_EXISTS'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: approved,
        work: async (tx, { principalId, orgPaths }) => {
          const offerId = request.params.offer_id
          await requireSight(tx, await readOffer(tx, offerId), { what: 'offer', orgPaths })
          const now = clock()
          await approveOffer(tx, { offerId, approvedBy: `staff:${principalId}`, now })
          return { offer_id: offerId, approved_at: now }
        },
      }),
  )
}

function getMemberCredentials(app: App, { store }: Context): void {
  app.get(
    '/members/:id/credentials',
    {
      schema: {
        operationId: 'listMemberCredentials',
        summary: "The copies of a member's credential, the latest first; 500 at most",
        params: z.object({ id: idText }),
        response: { 200: z.object({ items: z.array(credential) }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'members.read')
      await requireMemberInSight(store.read, request.params.id, orgPaths)
      return { items: (await credentialsOf(store.read, request.params.id)).map(render) }
    },
  )
}

function postStatus(app: App, context: Context, act: StatusAct): void {
  const { clock } = context
  app.post(
    `/credentials/:id/${act}`,
    {
      schema: {
        operationId: `${act}Credential`,
        summary: acts[act],
        params: z.object({ id: idText }),
        body: z.strictObject({ reason: z.enum(statusReasons) }),
        response: { 200: credential },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: credential,
        work: async (tx, { principalId, orgPaths }) => {
          const { id } = request.params
          await requireSight(tx, await credentialById(tx, id), { what: 'credential', orgPaths })
          const { reason } = request.body
          const change = { actor: `staff:${principalId}`, reason, now: clock() }
          return render(await changeStatus(tx, id, act, change))
        },
      }),
  )
}

/** What belongs to a member out of sight is not there, in the words for what is not there. */
async function requireSight(
  tx: Tx,
  owned: { readonly memberId: string } | undefined,
  { what, orgPaths }: { readonly what: string; readonly orgPaths: readonly string[] },
): Promise<void> {
  const unknown = new Refusal('NOT_FOUND', { what })
  if (!owned) throw unknown
  await requireMemberInSight(tx, owned.memberId, orgPaths).catch((error: unknown) => {
    throw error instanceof Refusal ? unknown : error
  })
}

function render(row: Credential): z.input<typeof credential> {
  return {
    id: row.id,
    member_id: row.memberId,
    ...(row.deviceId !== null && { device_id: row.deviceId }),
    status: statusWords[row.status] ?? 'revoked',
    status_list: row.statusList,
    status_index: row.statusIndex,
    issued_at: row.issuedAt,
    expires_at: row.expiresAt,
  }
}
