import { z } from 'zod'
import type { Instant } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Tx } from '../../store/store.ts'
import { openCollector, requireCollector } from '../../vouchers/delegations.ts'
import { tellingFirstUse } from '../../vouchers/first-use.ts'
import { countWrongDigits, takeTry, verifyDigits } from '../../vouchers/numeric-code.ts'
import { prepare } from '../../vouchers/prepare.ts'
import { type RedeemRequest, redeem } from '../../vouchers/redeem.ts'
import { recordRefused } from '../../vouchers/refused.ts'
import { type ShownCode, verifyShownCode } from '../../vouchers/shown-code.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { promiseOf } from '../promised.ts'
import { readReference } from '../reference.ts'
import { write } from '../write.ts'
import { type TerminalProof, terminalOf } from './authenticate.ts'
import { homeOf, prepareElsewhere, redeemElsewhere } from './elsewhere.ts'
import {
  checkedCodes,
  detailFields,
  detailsIn,
  preparationSchema,
  redemptionSchema,
  renderPreparation,
  renderRedemption,
  spendingCodes,
} from './views.ts'

const shown = {
  code: z.string().min(1).max(300).optional().describe('what the scanner read, SY1:…'),
  digits: z.string().min(12).max(20).optional().describe('the numeric code, as it was typed'),
}

type Shown = { code?: string | undefined; digits?: string | undefined }

/** Scan, hold, redeem. */
export function redemptionRoutes(app: App, context: Context): void {
  postRedemptionsPrepare(app, context)
  postRedemptions(app, context)
}

function postRedemptionsPrepare(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/redemptions/prepare',
    {
      schema: {
        operationId: 'prepareRedemption',
        summary: 'Check a shown code and hold its voucher for this terminal',
        body: z.strictObject(shown),
        response: { 201: preparationSchema },
      },
      config: { refusals: checkedCodes },
    },
    async (request, reply) => {
      const terminal = terminalOf(request)
      const there = await homeOf(context, terminal, request.body)
      if (there) return prepareElsewhere(context, request, reply, there)
      const read = await readShown(context, request.body)
      const typed = request.body.digits !== undefined
      return write(context, request, reply, {
        principal: `terminal:${terminal.terminalId}`,
        nonces: [terminal.nonce],
        answer: preparationSchema,
        status: 201,
        work: async (tx) => {
          const { terminalId } = terminal
          const mistyped = await countTyped(tx, clock(), terminal, { read, typed })
          if (mistyped) return mistyped
          const given = { shown: required(read), terminalId, now: clock() }
          return tellingFirstUse(tx, given, async () => {
            const made = await prepare(tx, node, given)
            const { bucket, delegationId: id } = given.shown
            if (id === undefined) return renderPreparation(made)
            const named = await requireCollector(tx, { bucket, id }, given.now)
            return renderPreparation(made, openCollector(node, named))
          })
        },
        onRefusal: (tx, refusal) => remember(tx, clock(), terminal, { read, typed }, refusal),
      })
    },
  )
}

function postRedemptions(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/redemptions',
    {
      schema: {
        operationId: 'redeem',
        summary: 'Redeem one use of a voucher, once',
        description:
          'By a code just shown, by its digits, by what prepareRedemption answered, or by what ' +
          'requestRedemption answered, once the member has confirmed it. A voucher of another node ' +
          'is redeemed there; without an answer the same key is asked again.',
        body: z.strictObject({
          ...shown,
          preparation_id: z.string().max(64).optional(),
          request_id: idText.optional().describe('of requestRedemption, once it was confirmed'),
          ...detailFields,
        }),
        response: { 201: redemptionSchema },
      },
      config: { refusals: spendingCodes },
    },
    async (request, reply) => {
      const terminal = terminalOf(request)
      const { body } = request
      const there = await homeOf(context, terminal, body)
      if (there) return redeemElsewhere(context, request, reply, there)
      const held = heldIn(body)
      const read = held ? undefined : await readShown(context, body)
      const typed = body.digits !== undefined
      return write(context, request, reply, {
        principal: `terminal:${terminal.terminalId}`,
        nonces: [terminal.nonce],
        answer: redemptionSchema,
        told: ({ leaf_hash: leaf, redeemed_at: at }) => promiseOf(context, leaf, at),
        status: 201,
        work: async (tx) => {
          const mistyped = await countTyped(tx, clock(), terminal, { read, typed })
          if (mistyped) return mistyped
          const asked: RedeemRequest = {
            by: held ?? { shown: required(read) },
            terminalId: terminal.terminalId,
            requestDigest: terminal.requestDigest,
            details: detailsIn(body),
            now: clock(),
          }
          return tellingFirstUse(tx, asked.by, async () => {
            return renderRedemption(await redeem(tx, node, asked))
          })
        },
        onRefusal: (tx, refusal) => remember(tx, clock(), terminal, { read, typed }, refusal),
      })
    },
  )
}

/** What a member has confirmed, or what this terminal holds. */
function heldIn(body: {
  request_id?: string | undefined
  preparation_id?: string | undefined
}): Exclude<RedeemRequest['by'], { shown: ShownCode }> | undefined {
  if (body.request_id) return { confirmed: body.request_id }
  if (!body.preparation_id) return undefined
  const { id, bucket } = readReference(body.preparation_id)
  return { preparation: id, bucket }
}

/** What was shown, verified; a refusal is kept, to be told and recorded in the transaction. */
async function readShown(
  { store, node, clock }: Context,
  body: Shown,
): Promise<ShownCode | Refusal> {
  const { code, digits } = body
  if ((code === undefined) === (digits === undefined)) {
    const issues = ['code: give one of code, digits, preparation_id and request_id']
    return new Refusal('VALIDATION_FAILED', { issues })
  }
  try {
    if (code !== undefined) return await verifyShownCode(store.read, node, code)
    return await verifyDigits(store.read, node, digits ?? '', clock())
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/**
 * Digits that were typed: a wrong number costs a try, and whether one is left is decided before
 * anything of the number is told. Answers the refusal of a wrong one, which is on record then.
 * Refusal TOO_MANY_CODE_ATTEMPTS.
 */
async function countTyped(
  tx: Tx,
  now: Instant,
  { terminalId, storeId }: TerminalProof,
  { read, typed }: { read: ShownCode | Refusal | undefined; typed: boolean },
): Promise<Refusal | undefined> {
  const refused = read instanceof Refusal ? read : undefined
  const wrong = refused?.code === 'VOUCHER_NOT_FOUND'
  if (!typed || (refused && !wrong)) return undefined
  await takeTry(tx, { terminalId, wrong, now })
  if (!refused) return undefined
  const { code } = refused
  await recordRefused(tx, { id: newId(now), terminalId, storeId, voucherId: undefined, code, now })
  return refused
}

/** Merchants ask why: what was refused is on record, and used-up digits cost a try. */
async function remember(
  tx: Tx,
  now: Instant,
  { terminalId, storeId }: TerminalProof,
  { read, typed }: { read: ShownCode | Refusal | undefined; typed: boolean },
  refusal: Refusal,
): Promise<void> {
  const voucherId = read instanceof Refusal ? undefined : read?.voucherId
  const { code } = refusal
  await recordRefused(tx, { id: newId(now), terminalId, storeId, voucherId, code, now })
  if (typed && code === 'VOUCHER_NOT_FOUND') await countWrongDigits(tx, terminalId, now)
}

function required(read: ShownCode | Refusal | undefined): ShownCode {
  if (read instanceof Refusal) throw read
  if (!read) throw new TypeError('nothing was shown')
  return read
}
