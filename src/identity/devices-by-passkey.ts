import { eq } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { bindDevice, type Device } from './devices.ts'
import { countPasskey, takeEnrolment } from './passkey-owners.ts'

/**
 * Enrols a key for the member whose passkey was verified by the caller, as an activation code
 * would, with the same leaf. Refusals: PROOF_INVALID (the counter, or the passkey is gone),
 * TOO_MANY_CODE_ATTEMPTS (five a day), ALREADY_EXISTS as `enrolDevice`.
 */
export async function enrolByPasskey(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly passkeyId: string
    readonly memberId: string
    /** What the authenticator has counted. */
    readonly counter: number
    readonly backedUp: boolean
    readonly spki: Uint8Array
    readonly name: string
    readonly now: Instant
  },
): Promise<Device> {
  const { passkeyId: id, memberId, counter, backedUp, spki, name, now } = given
  await countPasskey(tx, { id, counter, backedUp, now })
  await takeEnrolment(tx, { id, now })
  const { members } = tx.tables
  const [member] = await tx
    .select({ bucket: members.bucket })
    .from(members)
    .where(eq(members.id, memberId))
  if (!member) throw new Refusal('PROOF_INVALID')
  const actor = `member:${memberId}`
  return bindDevice(tx, node, { memberId, bucket: member.bucket, spki, name, actor, now })
}
