import { z } from 'zod'

import type { Instant } from '../../base/clock.ts'
import { requireScope } from '../../benefits/scope.ts'
import { outermost, topsOf } from '../../identity/organisation-search.ts'
import type { Reader } from '../../store/store.ts'
import { type Measures, measureNames } from '../../vouchers/funnel/measures.ts'
import { benefitNames, orgNames, type RowName } from '../../vouchers/funnel/names.ts'
import {
  type FunnelQuestion,
  type FunnelRow,
  funnelByBenefit,
  funnelByDay,
  funnelByOrg,
  funnelTotal,
} from '../../vouchers/funnel/read.ts'
import { progress } from '../../vouchers/funnel/roll-up.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { fenSchema, idText, instantSchema } from '../paging.ts'
import { actorOf } from './authenticate.ts'
import { funnelCsv, funnelWorkbook } from './funnel-file.ts'

/** A calendar day of the union's time zone. */
export const daySchema = z.string().regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/)

const question = z.object({
  org_code: z
    .string()
    .regex(/^[0-9]{6}[0-9A-Z-]{0,26}$/)
    .optional()
    .describe('with everything below it; else all of the scope'),
  programme: idText.optional(),
  benefit: idText.optional(),
  from: daySchema.optional().describe("of the union's time zone"),
  to: daySchema.optional().describe('included'),
  by: z.enum(['org', 'benefit', 'day']).default('org'),
})
type Question = z.infer<typeof question>

const measures = z.object({
  issued: z.int().describe('vouchers, as are claimed, returned, voided and expired'),
  claimed: z.int(),
  redeemed: z.int().describe('redemptions, reversed ones among them'),
  reversed: z.int(),
  returned: z.int(),
  voided: z.int(),
  expired: z.int(),
  settled: z.int().describe('redemptions paid to their merchant'),
  redeemed_amount: fenSchema,
  reversed_amount: fenSchema,
  settled_amount: fenSchema,
})
const named = z.object({ code: z.string(), name_zh: z.string() })
const funnel = z.object({
  above: z.array(named).describe('from the top of the scope down to the organisation asked for'),
  total: measures,
  items: z.array(
    measures.extend({
      key: z.string().describe('organisation code, benefit id or day'),
      name_zh: z.string(),
      name_en: z.string().optional(),
      deeper: z.boolean().optional().describe('an organisation with others below it'),
    }),
  ),
  as_of: instantSchema,
  behind: z.int().describe('events of the log that are not counted yet'),
})

/** The funnel from issue to settlement, as figures and as files. */
export function dashboardRoutes(app: App, context: Context): void {
  getFunnel(app, context)
  getFunnelFile(app, context)
}

function getFunnel(app: App, { store, clock }: Context): void {
  app.get(
    '/funnel',
    {
      schema: {
        operationId: 'getFunnel',
        summary: 'Issued, claimed, redeemed, settled: by organisation, benefit or day',
        querystring: question,
        response: { 200: funnel },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const asked = await within(store.read, orgPaths, request.query)
      const { total, rows } = await figuresOf(store.read, asked, request.query.by)
      return {
        above: [...asked.above],
        total: rendered(total),
        items: rows.map(({ name, ...row }) => ({
          ...{ key: row.key, ...rendered(row), name_zh: name.zh },
          ...(name.en !== undefined && { name_en: name.en }),
          ...(name.deeper !== undefined && { deeper: name.deeper && !isOwn(asked, row) }),
        })),
        ...(await standOf(store.read, clock())),
      }
    },
  )
}

function getFunnelFile(app: App, { store }: Context): void {
  const workbook = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  app.get(
    '/funnel/file',
    {
      schema: {
        operationId: 'exportFunnel',
        summary: 'The same as a file',
        querystring: question.extend({
          format: z.enum(['csv', 'xlsx']).default('csv'),
          language: z.enum(['zh', 'en']).default('zh'),
        }),
        response: {
          200: {
            description: 'CSV (RFC 4180, UTF-8 with BOM) or a workbook',
            content: { 'text/csv': { schema: z.string() }, [workbook]: { schema: z.string() } },
          },
        },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { by, format, language } = request.query
      const asked = await within(store.read, orgPaths, request.query)
      const { total, rows } = await figuresOf(store.read, asked, by)
      const table = rows.map(({ name, ...row }) => ({
        ...row,
        name: (language === 'en' ? name.en : undefined) ?? name.zh,
      }))
      const file = { rows: table, total, language }
      reply.header('content-disposition', `attachment; filename="funnel.${format}"`)
      if (format === 'xlsx') {
        return reply.type(workbook).send((await funnelWorkbook(file)) as never)
      }
      return reply.type('text/csv; charset=utf-8').send(funnelCsv(file) as never)
    },
  )
}

type Asked = FunnelQuestion & { readonly above: readonly { code: string; name_zh: string }[] }

/** The question, of the organisation asked for or the tops of the scope, and of no others. */
async function within(
  reader: Reader,
  orgPaths: readonly string[],
  { org_code: code, programme, benefit, from, to }: Question,
): Promise<Asked> {
  const filters = { programmeId: programme, benefitId: benefit, from, to }
  if (code === undefined) {
    const tops = await topsOf(reader, outermost(orgPaths))
    const [only] = tops
    const above = tops.length === 1 && only ? [{ code: only.code, name_zh: only.nameZh }] : []
    return { ...filters, orgCodes: tops.map((top) => top.code), above }
  }
  const path = await requireScope(reader, orgPaths, code)
  const codes = path.split('/').slice(0, -1)
  const visible = codes.filter((_, i) => {
    const upTo = `${codes.slice(0, i + 1).join('/')}/`
    return orgPaths.some((one) => upTo.startsWith(one))
  })
  const names = await orgNames(reader, visible)
  const above = visible.map((one) => ({ code: one, name_zh: names.get(one)?.zh ?? one }))
  return { ...filters, orgCodes: [code], above }
}

async function figuresOf(reader: Reader, asked: FunnelQuestion, by: Question['by']) {
  const total = await funnelTotal(reader, asked)
  const ask = { org: funnelByOrg, benefit: funnelByBenefit, day: funnelByDay }[by]
  const rows = await ask(reader, asked)
  const keys = rows.map(({ key }) => key)
  const naming = { org: orgNames, benefit: benefitNames, day: async () => new Map() }[by]
  const names: ReadonlyMap<string, RowName> = await naming(reader, keys)
  return {
    total,
    rows: rows.map((row) => ({ ...row, name: names.get(row.key) ?? { zh: row.key } })),
  }
}

/** The organisation asked for among the rows below it: what is directly its own. */
function isOwn({ orgCodes }: FunnelQuestion, { key }: Pick<FunnelRow, 'key'>): boolean {
  return orgCodes.length === 1 && orgCodes[0] === key
}

async function standOf(reader: Reader, now: Instant) {
  const logs = await progress(reader)
  const behind = logs.reduce((sum, { size, counted }) => sum + Math.max(0, size - counted), 0)
  return { as_of: now, behind }
}

function rendered(row: Measures): z.input<typeof measures> {
  const entries = measureNames.map((name) => [name.replace('Amount', '_amount'), row[name]])
  return Object.fromEntries(entries) as z.input<typeof measures>
}
