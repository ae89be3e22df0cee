import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { readMemberFacts } from '../../credentials/membership-claims.ts'
import { maskedName } from '../../identity/masked-name.ts'
import { unreadOf } from '../../identity/messages.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { memberOf } from './authenticate.ts'

const profile = z.object({
  member_no: z.string(),
  name: z.string(),
  name_masked: z.string(),
  standing: z.string(),
  joined_on: z.string().optional().describe('YYYY-MM-DD'),
  organisation: z.object({ code: z.string(), name: z.string(), level: z.string() }),
  node: z.object({ number: z.int(), code: z.string(), name: z.string() }),
  unread_messages: z.int(),
  portrait_digest: z
    .string()
    .optional()
    .describe('base64url of SHA-256 of the accepted portrait, as `photo_digest` states it'),
  server_time: z.int(),
})

/** Who the member is, for their own phone. */
export function profileRoutes(app: App, { store, node, clock }: Context): void {
  app.get(
    '/me',
    {
      schema: {
        operationId: 'getMe',
        summary: 'The member whose device this is',
        response: { 200: profile },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const { memberId, bucket } = memberOf(request)
      const facts = await readMemberFacts(store.read, memberId)
      if (!facts) throw new Refusal('NOT_FOUND', { what: 'member' })
      const { member, organisation, portraitDigest } = facts
      reply.header('cache-control', 'no-store')
      return {
        member_no: member.memberNo,
        name: member.name,
        name_masked: maskedName(member.name),
        standing: member.standing,
        ...(member.joinedOn !== null && { joined_on: member.joinedOn }),
        organisation: {
          code: organisation.code,
          name: organisation.nameZh,
          level: organisation.level,
        },
        unread_messages: await unreadOf(store.read, { memberId, bucket }),
        node: { number: node.number, code: node.code, name: node.nameZh },
        ...(portraitDigest !== null && { portrait_digest: portraitDigest }),
        server_time: clock(),
      }
    },
  )
}
