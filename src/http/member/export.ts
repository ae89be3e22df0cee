import { z } from 'zod'

import { exportMember, exportSections } from '../../vouchers/export-member.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { memberOf } from './authenticate.ts'

const rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])))
const sections = exportSections.map((name) => [name, rows] as const)

const exported = z.object({
  exported_at: instantSchema,
  data: z.object(
    Object.fromEntries(sections) as Record<(typeof exportSections)[number], typeof rows>,
  ),
})

/** Everything that is held about the member, for them to keep. */
export function exportRoutes(app: App, { store, node, clock }: Context): void {
  app.get(
    '/me/export',
    {
      schema: {
        operationId: 'exportMyData',
        summary: 'Everything that this node holds about the member, in the clear',
        response: { 200: exported },
      },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const made = await exportMember(store.read, node, { memberId, bucket })
      const data = Object.fromEntries(exportSections.map((name) => [name, [...made[name]]]))
      return { exported_at: clock(), data: data as z.input<typeof exported>['data'] }
    },
  )
}
