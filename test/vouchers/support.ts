import { prepare } from '../../src/vouchers/prepare.ts'
import type { CounterDetails, RedeemRequest } from '../../src/vouchers/redeem.ts'
import { redeem } from '../../src/vouchers/redeem.ts'
import type { ReversalRequest } from '../../src/vouchers/reverse.ts'
import { reverse } from '../../src/vouchers/reverse.ts'
import type { ShownCode } from '../../src/vouchers/shown-code.ts'
import type { Voucher } from '../../src/vouchers/states.ts'
import { enrol, type HeldDevice } from '../support/device.ts'
import {
  benefit,
  issue,
  members,
  requestDigest,
  type Story,
  type StoryMember,
  show,
} from '../support/story.ts'

/** A member with a device and an active voucher of a benefit of `changes`. */
export interface Holding {
  readonly member: StoryMember
  readonly device: HeldDevice
  readonly voucher: Voucher
  readonly benefitId: string
}

export async function holding(
  story: Story,
  changes: object = {},
  given: { delivery?: 'offer' | 'active'; rules?: Parameters<typeof benefit>[2] } = {},
): Promise<Holding> {
  const version = await benefit(story, changes, given.rules)
  const [member] = await members(story, 1)
  const device = await enrol(story, member!)
  const [voucher] = await issue(story, version, [member!], given.delivery)
  return { member: member!, device, voucher: voucher!, benefitId: version.benefitId }
}

export function prepareAt(story: Story, shown: ShownCode, terminalId = story.counter.terminalId) {
  const { store, node, now } = story
  return store.transaction((tx) => prepare(tx, node, { shown, terminalId, now }))
}

export function redeemBy(
  story: Story,
  by: RedeemRequest['by'],
  details: CounterDetails = {},
  terminalId = story.counter.terminalId,
) {
  const { store, node, now } = story
  const request = { by, terminalId, requestDigest, details, now }
  return store.transaction((tx) => redeem(tx, node, request))
}

/** Shows the voucher's code of this moment and redeems it. */
export async function spend(
  story: Story,
  held: Pick<Holding, 'device' | 'voucher'>,
  details: CounterDetails = {},
  terminalId = story.counter.terminalId,
) {
  const shown = await show(story, held.device, held.voucher)
  return redeemBy(story, { shown }, details, terminalId)
}

export function undo(
  story: Story,
  redemption: { readonly bucket: number; readonly id: string },
  by: ReversalRequest['by'] = { terminalId: story.counter.terminalId },
) {
  const { store, node, now } = story
  const request = { redemption, reason: 'wrong_voucher' as const, by, now }
  return store.transaction((tx) => reverse(tx, node, request))
}
