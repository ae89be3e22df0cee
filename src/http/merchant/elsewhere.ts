import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'

import type { Instant } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { RefusalCode } from '../../base/refusal-codes.ts'
import { sha256 } from '../../base/sha256.ts'
import { readCodeText } from '../../formats/voucher-code.ts'
import { prepareAtHome, redeemAtHome } from '../../jobs/ask-home.ts'
import type { HomePreparation, HomeRedemption } from '../../trust/home-answers.ts'
import { peerByNumber } from '../../trust/peers.ts'
import { type BookedElsewhere, bookRedemption, type Proven } from '../../vouchers/book-elsewhere.ts'
import { askByKey, heldElsewhere, settleAsk } from '../../vouchers/peer-asks.ts'
import { recordRefused } from '../../vouchers/refused.ts'
import type { Context } from '../context.ts'
import { problemOf } from '../problem.ts'
import { promiseOf } from '../promised.ts'
import { writeReference } from '../reference.ts'
import { write } from '../write.ts'
import { askElsewhere, settledBefore } from './asking.ts'
import { type TerminalProof, terminalOf } from './authenticate.ts'
import { preparationSchema, redemptionSchema } from './views.ts'

/** A voucher of another node that was shown here. */
interface Elsewhere {
  readonly peer: number
  readonly voucherId: string
  /** SHA-256 of the member's code. */
  readonly evidence: Uint8Array
  /** By what that node is to find it. */
  readonly by: { readonly code: string } | { readonly preparation_id: string }
}

/** What the counter has added. */
interface Details {
  readonly order_amount?: number | undefined
  readonly policy_number?: string | undefined
  readonly collector?: string | undefined
}

type Told = BookedElsewhere<HomeRedemption>

const held = 'peer.'

/**
 * The node whose voucher was shown, where that is another one that the trust list names, or was
 * held before. `undefined` for everything else: our own rules say what it is.
 */
export async function homeOf(
  context: Context,
  { terminalId }: TerminalProof,
  body: {
    code?: string | undefined
    digits?: string | undefined
    preparation_id?: string | undefined
    request_id?: string | undefined
  },
): Promise<Elsewhere | undefined> {
  const { code, preparation_id: id } = body
  const ways = [code, body.digits, id, body.request_id].filter((way) => way !== undefined)
  if (ways.length !== 1) return undefined
  if (id?.startsWith(held)) {
    const ask = await heldElsewhere(context.store.read, { id: id.slice(held.length), terminalId })
    const { peer, voucherId, evidence, homeId } = ask
    return { peer, voucherId, evidence, by: { preparation_id: homeId } }
  }
  const read = code === undefined ? 'malformed' : readCodeText(code)
  if (typeof read === 'string' || code === undefined || read.node === context.node.number) {
    return undefined
  }
  const peer = await peerByNumber(context, read.node)
  const { voucher: voucherId, signature } = read
  return peer && { peer: peer.number, voucherId, evidence: sha256(signature), by: { code } }
}

/** Has another node hold its voucher for this terminal. */
export async function prepareElsewhere(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  there: Elsewhere,
): Promise<void> {
  const { node, clock } = context
  const terminal = terminalOf(request)
  const { by: body, ...of } = there
  const asked = await askElsewhere<HomePreparation, HomePreparation>(context, request, {
    asking: { kind: 'prepare', ...of, body },
    ask: prepareAtHome,
  })
  return write(context, request, reply, {
    principal: `terminal:${terminal.terminalId}`,
    nonces: [terminal.nonce],
    answer: preparationSchema,
    status: 201,
    work: async (tx) => {
      if (asked instanceof Refusal) throw asked
      if ('told' in asked) return asked.told
      const { ask, answer } = asked
      const told = { ...answer, preparation_id: `${held}${ask.id}` }
      const homeId = answer.preparation_id
      await settleAsk(tx, node, ask.id, { state: 'done', homeId, answer: told })
      return told
    },
    onRefusal: (tx, refusal) =>
      recordRefused(tx, refusedAt(terminal, there, { code: refusal.code, now: clock() })),
  })
}

/** Has another node redeem its voucher, and books what its receipt proves. */
export async function redeemElsewhere(
  context: Context,
  request: FastifyRequest & { body: Details },
  reply: FastifyReply,
  there: Elsewhere,
): Promise<void> {
  const { node, clock } = context
  const terminal = terminalOf(request)
  const { by, ...of } = there
  const { order_amount, policy_number, collector } = request.body
  const details = { order_amount, policy_number, collector }
  const requestDigest = Buffer.from(terminal.requestDigest).toString('base64url')
  const asked = await askElsewhere<Told, Proven<HomeRedemption>>(context, request, {
    asking: {
      ...{ kind: 'redeem', ...of },
      body: { ...by, ...details, request_digest: requestDigest },
    },
    ask: redeemAtHome,
  })
  return write(context, request, reply, {
    principal: `terminal:${terminal.terminalId}`,
    nonces: [terminal.nonce],
    answer: redemptionSchema,
    told: ({ leaf_hash: leaf, redeemed_at: at }) => promiseOf(context, leaf, at),
    status: 201,
    work: async (tx) => {
      if (asked instanceof Refusal) throw asked
      if ('told' in asked) return renderElsewhere(asked.told)
      const { ask, answer } = asked
      return renderElsewhere(await bookRedemption(tx, node, { ask, proven: answer, now: clock() }))
    },
    onRefusal: (tx, refusal) =>
      recordRefused(tx, refusedAt(terminal, there, { code: refusal.code, now: clock() })),
  })
}

/**
 * What became of a redemption of another node's voucher whose answer the terminal has lost.
 * Refusals: NOT_FOUND, TEMPORARILY_UNAVAILABLE while this node does not know it either.
 */
export async function learnedElsewhere(
  context: Context,
  { terminalId, key }: { terminalId: string; key: string },
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const ask = await askByKey(context.store.read, { kind: 'redeem', terminalId, key })
  if (!ask || ask.state === 'lapsed') throw new Refusal('NOT_FOUND')
  const known = settledBefore<Told>(context, ask)
  if (!known) throw new Refusal('TEMPORARILY_UNAVAILABLE')
  if (known instanceof Refusal) {
    const problem = problemOf(known)
    return { status: problem.status, answer: { ...problem } }
  }
  const answer = renderElsewhere(known.told)
  const told = await promiseOf(context, answer.leaf_hash, answer.redeemed_at)
  return { status: 201, answer: { ...answer, ...told } }
}

/** A redemption elsewhere as the cashier sees it: with our leaf, which the merchant is paid by. */
function renderElsewhere({
  home,
  redemption,
  at,
  leafHash,
}: Told): z.input<typeof redemptionSchema> {
  const { voucher_id, uses_left, amount, member_name, benefit } = home
  const { reversible_until, manager_reversible_until } = home
  return {
    redemption_id: writeReference(redemption),
    ...{ state: 'committed', voucher_id, uses_left, amount, redeemed_at: at },
    ...{ reversible_until, manager_reversible_until, member_name, benefit, leaf_hash: leafHash },
  }
}

function refusedAt(
  { terminalId, storeId }: TerminalProof,
  { voucherId }: Elsewhere,
  { code, now }: { code: RefusalCode; now: Instant },
) {
  return { id: newId(now), terminalId, storeId, voucherId, code, now }
}
