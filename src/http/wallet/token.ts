import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { verifyWalletDpop } from '../../credentials/issuance/dpop.ts'
import {
  countWrongTxCode,
  offerOfCode,
  preAuthorizedGrant,
  readOffer,
  useOffer,
} from '../../credentials/issuance/offers.ts'
import { IssuanceRefusal } from '../../credentials/issuance/refused.ts'
import {
  openGrant,
  refreshGrant,
  type WalletTokens,
} from '../../credentials/issuance/wallet-grants.ts'
import { activeDevice } from '../../identity/devices.ts'
import { consumeNonce } from '../../identity/nonces.ts'
import type { DpopProof } from '../../identity/proofs.ts'
import type { Tx } from '../../store/store.ts'
import type { Context } from '../context.ts'
import { giveNonce, openToOrigins, tellTokenError } from './refusals.ts'

const text = z.string().min(1).max(512)

const form = z.discriminatedUnion('grant_type', [
  z.object({
    grant_type: z.literal(preAuthorizedGrant),
    'pre-authorized_code': text,
    tx_code: text.optional(),
    authorization_details: z.undefined().optional(),
  }),
  z.object({ grant_type: z.literal('refresh_token'), refresh_token: text }),
])

type Form = z.infer<typeof form>

/** The grants that wallets use at the token endpoint. */
export const walletGrantTypes = [preAuthorizedGrant, 'refresh_token'] as const

/** True for a form whose grant is one that wallets use. */
export function isWalletForm(body: unknown): boolean {
  const given = z.looseObject({ grant_type: z.enum(walletGrantTypes) }).safeParse(body)
  return given.success
}

/**
 * The token endpoint for wallets: a pre-authorized code (OpenID4VCI 1.0 section 6.1) or a refresh
 * token, with a DPoP proof that answers our nonce (RFC 9449 sections 5 and 8). Errors: section 6.3.
 */
export async function tellWalletTokens(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  openToOrigins(reply)
  try {
    const tokens = await tokensFor(context, request)
    giveNonce(context, reply)
    return reply.send({
      access_token: tokens.accessToken,
      token_type: 'DPoP',
      expires_in: tokens.expiresInSeconds,
      refresh_token: tokens.refreshToken,
    })
  } catch (error) {
    if (error instanceof IssuanceRefusal) return tellTokenError(context, reply, error)
    if (!(error instanceof Refusal) || error.code !== 'PROOF_REPLAYED') throw error
    const replayed = new IssuanceRefusal('invalid_dpop_proof', 'the proof was used before')
    return tellTokenError(context, reply, replayed)
  }
}

async function tokensFor(context: Context, request: FastifyRequest): Promise<WalletTokens> {
  const { store, node, clock, publicUrl } = context
  const read = form.safeParse(request.body)
  if (!read.success) throw new IssuanceRefusal('invalid_request', 'the form is not complete')
  const now = clock()
  const proof = await verifyWalletDpop(node, request.headers.dpop, {
    ...{ method: 'POST', url: `${publicUrl}/oauth/token`, now },
  })
  if (read.data.grant_type === 'refresh_token') {
    const refreshToken = read.data.refresh_token
    const { thumbprint } = proof
    return store.transaction(
      async (tx) => {
        await consumeNonce(tx, proof.nonce)
        return refreshGrant(tx, node, { refreshToken, thumbprint, now })
      },
      { onRefusal: (tx, refusal) => keepProof(tx, proof, refusal) },
    )
  }
  return exchange(context, read.data, proof)
}

async function exchange(
  { store, node, clock }: Context,
  given: Extract<Form, { grant_type: typeof preAuthorizedGrant }>,
  proof: DpopProof,
): Promise<WalletTokens> {
  const now = clock()
  const { tx_code: txCode } = given
  const id = offerOfCode(node, given['pre-authorized_code'])
  const offer = id === undefined ? undefined : await readOffer(store.read, id)
  if (!offer) throw unusable()
  if (offer.txHash !== null && txCode === undefined) {
    throw new IssuanceRefusal('invalid_request', 'a transaction code is needed')
  }
  if (offer.txHash === null && txCode !== undefined) {
    throw new IssuanceRefusal('invalid_request', 'no transaction code was asked for')
  }
  const device = offer.deviceId === null ? null : await activeDevice(store.read, offer.deviceId)
  if (device !== null && device?.thumbprint !== proof.thumbprint) throw unusable()
  return store.transaction(
    async (tx) => {
      await consumeNonce(tx, proof.nonce)
      const used = await useOffer(tx, node, { id: offer.id, txCode, now })
      if (!used) throw unusable()
      return openGrant(tx, node, { offer: used, thumbprint: proof.thumbprint, now })
    },
    {
      onRefusal: async (tx, refusal) => {
        await keepProof(tx, proof, refusal)
        if (refusal instanceof IssuanceRefusal) await countWrongTxCode(tx, offer.id, now)
      },
    },
  )
}

/** A proof is used up also by what was refused. */
async function keepProof(tx: Tx, { nonce }: DpopProof, refusal: Refusal): Promise<void> {
  if (refusal.code !== 'PROOF_REPLAYED') await consumeNonce(tx, nonce)
}

function unusable(): IssuanceRefusal {
  return new IssuanceRefusal('invalid_grant', 'the code or its transaction code is not good')
}
