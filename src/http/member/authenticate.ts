import type { FastifyRequest } from 'fastify'

import { Refusal } from '../../base/refusal.ts'
import { verifyAccessToken } from '../../identity/access-tokens.ts'
import { activeDevice, type Device } from '../../identity/devices.ts'
import type { Nonce } from '../../identity/nonces.ts'
import { verifyDpop } from '../../identity/proofs.ts'
import type { Context } from '../context.ts'

/** A member's device that has proved itself on this request. */
export interface MemberProof {
  readonly memberId: string
  readonly bucket: number
  readonly device: Device
  readonly nonce: Nonce
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every request of the member audience, and only there. */
    member: MemberProof | undefined
  }
}

/**
 * Verifies a DPoP-bound access token (RFC 9449 section 7): without the device's key it is worth
 * nothing. Refusals: AUTH_REQUIRED, PROOF_INVALID.
 */
export async function authenticateMember(
  { store, node, clock, publicUrl }: Context,
  request: FastifyRequest,
): Promise<MemberProof> {
  const token = /^DPoP ([A-Za-z0-9._-]{20,4096})$/.exec(request.headers.authorization ?? '')?.[1]
  const { dpop } = request.headers
  if (!token || typeof dpop !== 'string') throw new Refusal('AUTH_REQUIRED')
  const now = clock()
  const subject = await verifyAccessToken(node, { issuer: publicUrl, token, now })
  if (subject.kind !== 'device') throw new Refusal('AUTH_REQUIRED')
  const url = `${publicUrl}${request.url}`
  const proof = await verifyDpop(dpop, { method: request.method, url, accessToken: token, now })
  if (proof.thumbprint !== subject.thumbprint) {
    throw new Refusal('PROOF_INVALID', { server_time: now })
  }
  const device = await activeDevice(store.read, subject.id)
  if (!device) throw new Refusal('AUTH_REQUIRED')
  return { memberId: device.memberId, bucket: device.bucket, device, nonce: proof.nonce }
}

/** The member of a request that has passed the audience's door. */
export function memberOf(request: { member: MemberProof | undefined }): MemberProof {
  if (!request.member) throw new Refusal('AUTH_REQUIRED')
  return request.member
}
