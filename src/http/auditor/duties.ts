import { z } from 'zod'

import { type DutyRule, dutyFindings, dutyRules } from '../../identity/duties.ts'
import { scopesOf } from '../../identity/roles.ts'
import { principalOf } from '../admin/authenticate.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'

const ruleNames = Object.keys(dutyRules) as [DutyRule, ...DutyRule[]]

const finding = z.object({
  rule: z.enum(ruleNames),
  weight: z.enum(['broken', 'notice']).describe('broken: it has happened though it must not'),
  persons: z.array(z.string()).describe('ids of persons, never names'),
  rows: z.array(
    z.object({
      what: z.string().describe('batch, proposal, grant, principal or unmask_request'),
      id: z.string(),
      says: z.string(),
      principal_id: z.string(),
      at: instantSchema.optional(),
    }),
  ),
})

const report = z.object({
  at: instantSchema,
  rules: z.array(z.object({ rule: z.enum(ruleNames), findings: z.int() })),
  findings: z.array(finding),
})

/** Whether what must be kept apart was kept apart. */
export function dutyRoutes(app: App, { store, clock }: Context): void {
  app.get(
    '/sod',
    {
      schema: {
        operationId: 'getDuties',
        summary: 'Segregation of duties: each finding with the rows behind it',
        response: { 200: report },
      },
    },
    async (request) => {
      const orgPaths = scopesOf(principalOf(request), 'audit.read')
      const found = await dutyFindings(store.read, orgPaths)
      return {
        at: clock(),
        rules: ruleNames.map((rule) => ({
          rule,
          findings: found.filter((one) => one.rule === rule).length,
        })),
        findings: found.map(({ rule, persons, rows }) => ({
          ...{ rule, weight: dutyRules[rule], persons: [...persons] },
          rows: rows.map(({ what, id, says, principalId, at }) => ({
            ...{ what, id, says, principal_id: principalId },
            ...(at !== undefined && { at }),
          })),
        })),
      }
    },
  )
}
