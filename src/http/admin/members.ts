import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hour } from '../../base/clock.ts'
import { Refusal } from '../../base/refusal.ts'
import { requireScope } from '../../benefits/scope.ts'
import { organisationCode } from '../../formats/organisation-code.ts'
import { issueActivation } from '../../identity/activations.ts'
import { devicesOf, revokeDevice } from '../../identity/devices.ts'
import { recordLook } from '../../identity/looks.ts'
import { maskedName } from '../../identity/masked-name.ts'
import { listMembers, type Member, type MemberKey, readMember } from '../../identity/members.ts'
import { changeStanding, transferMember } from '../../identity/membership.ts'
import { removeAllPasskeys } from '../../identity/passkey-owners.ts'
import type { Permission } from '../../identity/roles.ts'
import { lookReasons } from '../../store/schema/desk.ts'
import { idTypes, standings } from '../../store/schema/people.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, textOf } from '../paging.ts'
import { actorOf, adminWrite, principalOf } from './authenticate.ts'

const memberSchema = z.object({
  id: z.string(),
  member_no: z.string(),
  name: z.string(),
  org_code: z.string(),
  standing: z.enum(standings),
  occupation: z.string().optional(),
  joined_on: z.string().optional(),
  has_mobile: z.boolean(),
})
/** In a list names are masked: opening a record is the look that is on record. */
const listedSchema = memberSchema.omit({ name: true }).extend({
  name_masked: z.string().describe('as anybody may see it: 张**'),
})
const params = z.object({ id: idText })
const why = z.object({ why: z.enum(lookReasons).optional().describe('why one looks') })
const orgCode = z.string().regex(organisationCode)

const activation = z.object({ activation_code: z.string(), expires_at: instantSchema })

const standing = z.strictObject({ change: z.enum(['suspend', 'resume', 'retire', 'leave']) })

const transfer = z.strictObject({ org_code: orgCode })
const acts = {
  standing: {
    operationId: 'changeStanding',
    summary: 'Suspend, resume, retire or end a membership',
    body: standing,
  },
  transfer: {
    operationId: 'transferMember',
    summary: 'Move a member to another organisation',
    body: transfer,
  },
} as const

const revoked = z.object({ revoked: z.int() })

/** Members, within the subtrees of whoever asks. Numbers are asked for in bodies, never in URLs. */
export function memberRoutes(app: App, context: Context): void {
  getMembers(app, context)
  postMembersSearch(app, context)
  getMember(app, context)
  postMemberActivations(app, context)
  postMemberAct(app, context, 'standing')
  postMemberAct(app, context, 'transfer')
  postMemberDevicesRevoke(app, context)
}

function getMembers(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/members',
    {
      schema: {
        operationId: 'listMembers',
        summary: 'The members at or below an organisation, their names masked',
        querystring: z.object({
          org_code: orgCode,
          after: z.string().max(300).optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
          standing: z.enum(standings).optional(),
        }),
        response: { 200: pageOf(listedSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { org_code, after, limit, standing } = request.query
      const { orgPaths } = actorOf(request, 'members.read')
      const within = await requireScope(store.read, orgPaths, org_code)
      const options = { limit, ...(after && { after }), ...(standing && { standing }) }
      const page = await listMembers(store.read, within, options)
      return { ...page, items: page.items.map(renderListed) }
    },
  )
}

function postMembersSearch(app: App, context: Context): void {
  app.post(
    '/members/search',
    {
      schema: {
        operationId: 'findMember',
        summary: 'Find one member by member number, identity number or mobile number',
        body: z.union([
          z.strictObject({ member_no: textOf(32) }),
          z.strictObject({ id_type: z.enum(idTypes), id_number: textOf(32) }),
          z.strictObject({ mobile: z.string().regex(/^[0-9]{11}$/) }),
        ]),
        querystring: why,
        response: { 200: memberSchema },
      },
      config: { refusals: ['NOT_FOUND'], unkeyed: true },
    },
    async (request) => render(await look(context, request, keyOf(request.body))),
  )
}

function getMember(app: App, context: Context): void {
  app.get(
    '/members/:id',
    {
      schema: {
        operationId: 'getMember',
        summary: 'One member; the look is written down, and the member can read that',
        params,
        querystring: why,
        response: { 200: memberSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => render(await look(context, request, request.params)),
  )
}

function postMemberActivations(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/members/:id/activations',
    {
      schema: {
        operationId: 'createActivation',
        summary: 'A one-time code with which the member enrols a device; told once',
        params,
        body: z.strictObject({}),
        response: { 201: activation },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { member } = await find(context, request, 'members.write', request.params)
      return adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: activation,
        status: 201,
        work: async (tx) => {
          const given = { memberId: member.id, now: clock() }
          const { code, expiresAt } = await issueActivation(tx, node, given)
          return { activation_code: code, expires_at: expiresAt }
        },
      })
    },
  )
}

function postMemberDevicesRevoke(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/members/:id/devices/revoke',
    {
      schema: {
        operationId: 'revokeMemberDevices',
        summary: 'Revoke every device of a member whose phone was lost, and remove the passkeys',
        params,
        body: z.strictObject({}),
        response: { 200: revoked },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { member } = await find(context, request, 'members.write', request.params)
      return adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: revoked,
        work: async (tx, { principalId }) => {
          const held = (await devicesOf(tx, member.id)).filter((one) => one.revokedAt === null)
          const given = { memberId: member.id, actor: `staff:${principalId}`, now: clock() }
          for (const { id } of held) await revokeDevice(tx, node, { ...given, deviceId: id })
          await removeAllPasskeys(tx, member.id, given.now)
          return { revoked: held.length }
        },
      })
    },
  )
}

function postMemberAct(app: App, context: Context, act: keyof typeof acts): void {
  const { node, clock } = context
  const { operationId, summary, body } = acts[act]
  app.post(
    `/members/:id/${act}`,
    {
      schema: { operationId, summary, params, body, response: { 200: memberSchema } },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT', 'ALREADY_EXISTS'] },
    },
    async (request, reply) => {
      const { member, within } = await find(context, request, 'members.write', request.params)
      return adminWrite(context, request, reply, {
        permission: 'members.write',
        answer: memberSchema,
        work: async (tx) => {
          const now = clock()
          const today = new Date(now + 8 * hour).toISOString().slice(0, 10)
          const given = { memberId: member.id, within, today, now }
          const { body: asked } = request
          if ('change' in asked) await changeStanding(tx, asked.change, given)
          else await transferMember(tx, asked.org_code, given)
          const after = await readMember(tx, node, { id: member.id }, within)
          return render(after ?? member)
        },
      })
    },
  )
}

/** The same, to be shown: that it was looked at is on record first. */
async function look(
  context: Context,
  request: FastifyRequest<{ Querystring: z.infer<typeof why> }>,
  key: MemberKey,
): Promise<Member> {
  const permission = 'members.read'
  const { member, within } = await find(context, request, permission, key)
  const by = principalOf(request)
  const { why: reason } = request.query
  const given = {
    memberId: member.id,
    by,
    permission,
    within,
    reason,
    now: context.clock(),
  } as const
  await context.store.transaction((tx) => recordLook(tx, given))
  return member
}

/** The member in one of the subtrees of whoever asks. Another's is not there. */
async function find(
  { store, node }: Context,
  request: FastifyRequest,
  permission: Permission,
  key: MemberKey,
): Promise<{ member: Member; within: string }> {
  for (const within of actorOf(request, permission).orgPaths) {
    const member = await readMember(store.read, node, key, within)
    if (member) return { member, within }
  }
  throw new Refusal('NOT_FOUND', { what: 'member' })
}

type Search =
  | { member_no: string }
  | { id_type: 'resident_id' | 'passport' | 'other'; id_number: string }
  | { mobile: string }

function keyOf(asked: Search): MemberKey {
  if ('member_no' in asked) return { memberNo: asked.member_no }
  if ('mobile' in asked) return asked
  return { idType: asked.id_type, idNumber: asked.id_number }
}

function renderListed(member: Member): z.input<typeof listedSchema> {
  const { name, ...rest } = render(member)
  return { ...rest, name_masked: maskedName(name) }
}

function render(member: Member): z.input<typeof memberSchema> {
  return {
    id: member.id,
    member_no: member.memberNo,
    name: member.name,
    org_code: member.orgCode,
    standing: member.standing,
    ...(member.occupation !== null && { occupation: member.occupation }),
    ...(member.joinedOn !== null && { joined_on: member.joinedOn }),
    has_mobile: member.hasMobile,
  }
}
