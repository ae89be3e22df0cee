import { z } from 'zod'

import type { Device } from '../../identity/devices.ts'

/** What a phone is told of itself once its key is a member's. */
export const enrolledSchema = z.object({
  device_id: z.string(),
  member_id: z.string(),
  key_tag: z.int(),
  node: z.int(),
})

/** A device as its own phone is told of it; `node` is the node's number. */
export function renderEnrolled(
  { id, memberId, tag }: Pick<Device, 'id' | 'memberId' | 'tag'>,
  { number: node }: { readonly number: number },
): z.input<typeof enrolledSchema> {
  return { device_id: id, member_id: memberId, key_tag: tag, node }
}
