import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { readBenefit } from '../../benefits/benefits.ts'
import { benefitVersion } from '../../benefits/versions.ts'
import { type FoundStore, openStore, storesFor, takenAt, takenIn } from '../../merchants/finder.ts'
import { requireStore } from '../../merchants/merchants.ts'
import { placesWithin } from '../../merchants/regions.ts'
import type { Reader } from '../../store/store.ts'
import { vouchersOf } from '../../vouchers/wallet.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, pageOf, pageQuery, toPage } from '../paging.ts'
import { memberOf } from './authenticate.ts'

const regionText = z
  .string()
  .regex(/^[1-9][0-9]{1,5}$/)
  .describe('GB/T 2260 code, or its first digits')

const storeSchema = z.object({
  id: z.string(),
  name: z.string(),
  merchant: z.string(),
  category: z.string(),
  region: z.string().describe('GB/T 2260 code'),
})

const placeSchema = z.object({
  region: z.string().describe('digits of the GB/T 2260 code without the noughts at the end'),
  name: z.string().describe('as the tree of unions names it'),
})

const found = pageOf(storeSchema).extend({
  pick_up_point: z.string().optional().describe('where the benefit is picked up, if it says so'),
})

const here = storeSchema.extend({
  printed_code: z.boolean().describe('vouchers are used by it; if not, the shop scans'),
  voucher_ids: z.array(z.string()).describe("of the member's active vouchers, those taken there"),
})

/** Where vouchers are taken. */
export function storeRoutes(app: App, context: Context): void {
  getStores(app, context)
  getStore(app, context)
  getRegions(app, context)
  getRegionBenefits(app, context)
}

function getStores(app: App, { store, clock }: Context): void {
  app.get(
    '/stores',
    {
      schema: {
        operationId: 'findStores',
        summary: 'Stores that take vouchers now, by benefit and region',
        querystring: pageQuery.extend({
          benefit: idText.optional(),
          region: regionText.optional(),
        }),
        response: { 200: found },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { benefit: benefitId, region, after, limit } = request.query
      const point = benefitId === undefined ? undefined : await pickUpPoint(store.read, benefitId)
      const given = { benefitId, region, after, limit: limit + 1, now: clock() }
      const rows = await storesFor(store.read, given)
      const page = toPage(rows, limit, ({ id }) => id, render)
      return { ...page, ...(point !== undefined && { pick_up_point: point }) }
    },
  )
}

function getStore(app: App, { store, clock }: Context): void {
  app.get(
    '/stores/:id',
    {
      schema: {
        operationId: 'getStore',
        summary: 'The store whose printed code was scanned, and what the member can use there',
        params: z.object({ id: idText }),
        response: { 200: here },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const now = clock()
      const place = await openStore(store.read, request.params.id, now)
      if (!place) throw new Refusal('NOT_FOUND', { what: 'store' })
      const held = await vouchersOf(store.read, { memberId, bucket, after: '', limit: 500, now })
      const usable = held.filter(
        ({ state, voucher }) => state === 'active' && voucher.validFrom <= now,
      )
      const benefits = [...new Set(usable.map(({ voucher }) => voucher.benefitId))]
      const taken = await takenAt(store.read, place, benefits)
      const ids = usable.filter(({ voucher }) => taken.has(voucher.benefitId))
      const { store: found } = await requireStore(store.read, place.id)
      const printed = { printed_code: found.printedCode === 'on' }
      return { ...render(place), ...printed, voucher_ids: ids.map(({ voucher }) => voucher.id) }
    },
  )
}

function getRegions(app: App, { store, clock }: Context): void {
  app.get(
    '/regions',
    {
      schema: {
        operationId: 'listRegions',
        summary: 'The places directly below a region: cities, then districts',
        querystring: z.object({ within: regionText }),
        response: { 200: z.object({ items: z.array(placeSchema) }) },
      },
    },
    async (request) => ({
      items: await placesWithin(store.read, request.query.within, clock()),
    }),
  )
}

function getRegionBenefits(app: App, { store, clock }: Context): void {
  app.get(
    '/regions/:region/benefits',
    {
      schema: {
        operationId: 'listRegionBenefits',
        summary: 'Which benefits some store of a region takes now',
        params: z.object({ region: regionText }),
        response: { 200: z.object({ benefit_ids: z.array(z.string()) }) },
      },
    },
    async (request) => ({
      benefit_ids: await takenIn(store.read, request.params.region, clock()),
    }),
  )
}

/** Refusal NOT_FOUND for a benefit that there is not, or that is not published. */
async function pickUpPoint(reader: Reader, benefitId: string): Promise<string | undefined> {
  const { version } = await readBenefit(reader, benefitId)
  const benefit = await benefitVersion(reader, benefitId, version)
  if (!benefit) throw new Refusal('NOT_FOUND', { what: 'benefit' })
  const { details } = benefit.definition
  return details.kind === 'package' ? details.pick_up_point : undefined
}

function render({ id, name, merchant, category, region }: FoundStore) {
  return { id, name, merchant, category, region: String(region) }
}
