import { z } from 'zod'

import { fromHex, toBase64url, toHex } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { ApprovalStatement } from './approval-statement.ts'
import { makeChallenge, readChallenge } from './challenges.ts'
import type { Nonce } from './nonces.ts'
import { type AssertionAnswer, type Site, verifyPasskey } from './passkeys.ts'

/** The first member of a statement: it is taken for nothing else. */
export const passkeyApprovalType = 'symbolon-approval'

const statementForm = z.strictObject({
  typ: z.literal(passkeyApprovalType),
  iss: z.string(),
  aud: z.string(),
  batch: z.string(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  decision: z.enum(['approve', 'reject']),
  nonce: z.string(),
  iat: z.int(),
})

/** Who decides, and where: what a statement says besides the decision itself. */
export interface Approver {
  readonly principalId: string
  /** The node's public address. */
  readonly audience: string
}

/**
 * The statement that a passkey is to sign: JSON, exactly these octets. Its nonce is a challenge of
 * ours, good for five minutes, once, and for this approver alone.
 */
export function makeStatement(
  node: ThisNode,
  { principalId, audience }: Approver,
  { batchId, digest, decision }: ApprovalStatement,
  now: Instant,
): string {
  return JSON.stringify({
    ...{ typ: passkeyApprovalType, iss: principalId, aud: audience },
    ...{ batch: batchId, digest: toHex(digest), decision },
    ...{ nonce: makeChallenge(node, purposeOf(principalId), { now }), iat: now },
  })
}

/** The WebAuthn challenge of a statement: its SHA-256, base64url. */
export function challengeOfStatement(statement: string): string {
  return toBase64url(sha256(statement))
}

/**
 * Reads a statement that came back: one of ours, for this approver, not yet five minutes old. Who
 * acts on it uses the nonce up. Refusal PROOF_INVALID.
 */
export function readStatement(
  node: ThisNode,
  { principalId, audience }: Approver,
  { statement, now }: { statement: string; now: Instant },
): ApprovalStatement & { nonce: Nonce } {
  const { iss, aud, batch, digest, decision, nonce } = parse(statement)
  const octets = fromHex(digest)
  if (iss !== principalId || aud !== audience || !octets) throw new Refusal('PROOF_INVALID')
  const challenge = { challenge: nonce, now }
  const used = readChallenge(node, purposeOf(principalId), challenge)
  return { batchId: batch, digest: octets, decision, nonce: used }
}

const evidenceForm = z.strictObject({
  statement: z.string(),
  credential_id: z.string(),
  public_key: z.string(),
  authenticator_data: z.string(),
  client_data_json: z.string(),
  signature: z.string(),
})

/** Everything needed to verify an approval later; binary members are base64url. */
export type ApprovalEvidence = z.infer<typeof evidenceForm>

/** What is kept of an approval by passkey, as text: verified by its caller. */
export function evidenceOf(
  statement: string,
  { response, publicKey }: { response: AssertionAnswer; publicKey: Uint8Array },
): string {
  const evidence: ApprovalEvidence = {
    statement,
    credential_id: response.id,
    public_key: toBase64url(publicKey),
    authenticator_data: response.response.authenticatorData,
    client_data_json: response.response.clientDataJSON,
    signature: response.response.signature,
  }
  return JSON.stringify(evidence)
}

/** What was kept of an approval by passkey; `undefined` for a statement signed as a JWS. */
export function readEvidence(kept: string): ApprovalEvidence | undefined {
  return kept.startsWith('{') ? evidenceForm.parse(JSON.parse(kept)) : undefined
}

/**
 * Verifies kept evidence by the public key in it, years later: what was decided, about which dry
 * run, by whom. Counters and time do not count any more. Refusal PROOF_INVALID.
 */
export async function verifyEvidence(
  site: Site,
  evidence: ApprovalEvidence,
): Promise<ApprovalStatement & { principalId: string }> {
  const { iss, batch, digest, decision } = parse(evidence.statement)
  const id = evidence.credential_id
  const response = {
    ...{ id, rawId: id, type: 'public-key' as const },
    response: {
      clientDataJSON: evidence.client_data_json,
      authenticatorData: evidence.authenticator_data,
      signature: evidence.signature,
    },
  }
  const publicKey = Buffer.from(evidence.public_key, 'base64url')
  await verifyPasskey(site, {
    response,
    challenge: challengeOfStatement(evidence.statement),
    passkey: { id, publicKey, counter: 0 },
    userId: iss,
  })
  const octets = fromHex(digest) ?? new Uint8Array(0)
  return { batchId: batch, digest: octets, decision, principalId: iss }
}

function parse(statement: string): z.infer<typeof statementForm> {
  try {
    const read = statementForm.safeParse(JSON.parse(statement))
    if (read.success) return read.data
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new Refusal('PROOF_INVALID')
}

function purposeOf(principalId: string): string {
  return `approval:${principalId}`
}
