import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { erasureReasons } from '../../identity/erase-person.ts'
import { readMember } from '../../identity/members.ts'
import { forgetTraces } from '../../jobs/erasure.ts'
import { eraseMember } from '../../vouchers/erase-member.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

/** Names nobody, so that it may be answered again. */
const erased = z.object({
  vouchers_voided: z.int(),
  devices_revoked: z.int(),
})

/** Forgetting a person for ever: a permission of its own. */
export function memberErasureRoutes(app: App, context: Context): void {
  const { store, node, clock } = context
  app.post(
    '/members/:id/erase',
    {
      schema: {
        operationId: 'eraseMember',
        summary: 'Forget the person behind a member, for ever; the books stay as they are',
        description:
          'Vouchers that were never used are voided, devices and credentials revoked. ' +
          'One of the staff is revoked first: VERSION_CONFLICT.',
        params: z.object({ id: idText }),
        body: z.strictObject({ reason: z.enum(erasureReasons) }),
        response: { 200: erased },
      },
      config: { refusals: ['NOT_FOUND', 'VERSION_CONFLICT', 'ALREADY_EXISTS'] },
    },
    async (request, reply) => {
      const { id } = request.params
      const { orgPaths } = actorOf(request, 'members.erase')
      const seen = await Promise.all(orgPaths.map((at) => readMember(store.read, node, { id }, at)))
      const member = seen.find((one) => one !== undefined)
      if (!member) throw new Refusal('NOT_FOUND', { what: 'member' })
      let words: readonly string[] = [id, member.memberNo]
      await adminWrite(context, request, reply, {
        permission: 'members.erase',
        answer: erased,
        work: async (tx, { principalId }) => {
          const { reason } = request.body
          const actor = `staff:${principalId}`
          const done = await eraseMember(tx, node, { memberId: id, reason, actor, now: clock() })
          words = [...done.subject.memberIds, ...done.subject.memberNos]
          const { voided, devices } = done
          return { vouchers_voided: voided, devices_revoked: devices }
        },
      })
      await forgetTraces({ store, node }, words)
    },
  )
}
