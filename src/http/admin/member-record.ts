import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

import { requireMemberInSight } from '../../credentials/credentials.ts'
import { devicesOf } from '../../identity/devices.ts'
import { membershipsOf } from '../../identity/membership.ts'
import { voucherStates } from '../../store/schema/vouchers.ts'
import { vouchersOf } from '../../vouchers/wallet.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { actorOf } from './authenticate.ts'

const deviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  enrolled_at: instantSchema,
  revoked_at: instantSchema.optional(),
})
const membershipSchema = z.object({
  org_code: z.string(),
  from: z.string().optional().describe('the first day'),
  until: z.string().optional().describe('the last day; none: it goes on'),
})
const voucherSchema = z.object({
  id: z.string(),
  benefit_id: z.string(),
  name_zh: z.string(),
  name_en: z.string(),
  state: z.enum(voucherStates),
  uses_left: z.int(),
  amount: fenSchema,
  valid_to: instantSchema,
})
const params = z.object({ id: idText })

/** What the union knows of one member besides the card: devices, memberships, vouchers. */
export function memberRecordRoutes(app: App, context: Context): void {
  getMemberDevices(app, context)
  getMemberships(app, context)
  getMemberVouchers(app, context)
}

function getMemberDevices(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/members/:id/devices',
    {
      schema: {
        operationId: 'listMemberDevices',
        summary: "A member's devices, revoked ones too",
        params,
        response: { 200: z.object({ items: z.array(deviceSchema) }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const devices = await devicesOf(store.read, (await seen(context, request)).memberId)
      const items = devices.map(({ id, name, enrolledAt, revokedAt }) => ({
        ...{ id, name, enrolled_at: enrolledAt },
        ...(revokedAt !== null && { revoked_at: revokedAt }),
      }))
      return { items }
    },
  )
}

function getMemberships(app: App, context: Context): void {
  const { store } = context
  app.get(
    '/members/:id/memberships',
    {
      schema: {
        operationId: 'listMemberships',
        summary: 'The organisations a member has belonged to, the first one first',
        params,
        response: { 200: z.object({ items: z.array(membershipSchema) }) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const rows = await membershipsOf(store.read, (await seen(context, request)).memberId)
      const items = rows.map(({ orgCode, from, until }) => ({
        org_code: orgCode,
        ...(from !== null && { from }),
        ...(until !== null && { until }),
      }))
      return { items }
    },
  )
}

function getMemberVouchers(app: App, context: Context): void {
  const { store, clock } = context
  app.get(
    '/members/:id/vouchers',
    {
      schema: {
        operationId: 'listMemberVouchers',
        summary: "A member's vouchers; the timeline of each is getVoucherTimeline",
        params,
        querystring: pageQuery,
        response: { 200: pageOf(voucherSchema) },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { memberId, bucket } = await seen(context, request)
      actorOf(request, 'vouchers.read')
      const { after, limit } = request.query
      const page = { memberId, bucket, after, limit: limit + 1, now: clock() }
      const held = await vouchersOf(store.read, page)
      return toPage(
        held,
        limit,
        ({ voucher }) => voucher.id,
        ({ voucher, state, benefit }) => ({
          id: voucher.id,
          benefit_id: voucher.benefitId,
          name_zh: benefit.definition.name.zh,
          name_en: benefit.definition.name.en,
          state,
          uses_left: voucher.usesLeft,
          amount: voucher.amount,
          valid_to: voucher.validTo,
        }),
      )
    },
  )
}

/** The member, when whoever asks may see it. Refusals FORBIDDEN, NOT_FOUND. */
async function seen(
  { store }: Context,
  request: FastifyRequest & { readonly params: { readonly id: string } },
): Promise<{ readonly memberId: string; readonly bucket: number }> {
  const { id: memberId } = request.params
  const { orgPaths } = actorOf(request, 'members.read')
  return { memberId, ...(await requireMemberInSight(store.read, memberId, orgPaths)) }
}
