import { z } from 'zod'

import { day } from '../../base/clock.ts'
import { outboxCounts } from '../../identity/outbox.ts'
import { deliveryStates, messageKinds } from '../../store/schema/messages.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'
import { actorOf } from './authenticate.ts'

const shownDays = 7

const counted = z.object({
  since: instantSchema.describe('a week ago, or later where that would be too many to count'),
  items: z.array(
    z.object({
      kind: z.enum(messageKinds),
      delivery: z.enum(deliveryStates).describe('`kept`: for the inbox alone'),
      count: z.int(),
    }),
  ),
})

/** What members were told, in numbers: who and of what is nobody's business here. */
export function outboxRoutes(app: App, { store, clock }: Context): void {
  app.get(
    '/outbox',
    {
      schema: {
        operationId: 'countMessages',
        summary: 'How many messages of a week wait, were sent or failed, by kind',
        response: { 200: counted },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'members.read')
      const since = clock() - shownDays * day
      return outboxCounts(store.read, orgPaths, since)
    },
  )
}
