import { systemClock } from '../../src/base/clock.ts'
import { signedRequest } from '../../src/cli/demo/agent.ts'
import {
  codeText,
  encodeVoucherCode,
  signedOctets,
  stepAt,
} from '../../src/formats/voucher-code.ts'
import type { redeemGround } from '../bench/redeem-ground.ts'
import type { ServerProcess } from './process.ts'

/** Members with phones and vouchers, and terminals with open shifts. */
export type ShopFloor = Awaited<ReturnType<typeof redeemGround>>

const path = '/api/v1/redemptions'

/** The code that a member's phone shows for a voucher now. */
export function codeOf(
  { devices, deviceKeys }: ShopFloor,
  member: number,
  voucher: string,
): string {
  const device = devices[member]
  const key = deviceKeys[member]
  if (!device || !key) throw new TypeError('no such member')
  const content = { node: 64, voucher, keyTag: device.tag, step: stepAt(systemClock()) }
  return codeText(encodeVoucherCode(content, key.sign(signedOctets(content))))
}

/** Redeems at a terminal, over HTTP. */
export async function redeemAt(
  { terminals }: ShopFloor,
  server: ServerProcess,
  at: number,
  key: string,
  body: object,
): Promise<{ status: number; body: { redemption_id: string; code?: string } }> {
  const terminal = terminals[at]
  if (!terminal) throw new TypeError('no such terminal')
  const who = { terminalId: terminal.id, key: terminal.key }
  const { headers, ...request } = signedRequest(server, who, 'POST', path, body, { key })
  const answer = await fetch(`${server.url}${path}`, {
    ...request,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return { status: answer.status, body: (await answer.json()) as { redemption_id: string } }
}
