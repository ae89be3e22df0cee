import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import type { Decision } from '../../benefits/batches/decisions.ts'
import { readEvidence, verifyEvidence } from '../../identity/passkey-approval.ts'
import { siteOf } from '../../identity/passkeys.ts'
import { instantSchema } from '../paging.ts'

/** Somebody's word on a batch or a proposal, with what proves it. */
export const decisionSchema = z.object({
  at: instantSchema,
  decision: z.enum(['approve', 'reject']),
  digest: z.string().describe('hexadecimal: of the dry run, or the proposal, that was decided on'),
  principal_id: z.string(),
  person_id: z.string(),
  statement: z.string().describe('signed as it is: JSON by a passkey, or a JWS by a program'),
  passkey: z
    .object({
      credential_id: z.string(),
      public_key: z.string().describe('COSE_Key'),
      authenticator_data: z.string(),
      client_data_json: z.string().describe('its challenge is the SHA-256 of the statement'),
      signature: z.string().describe('over authenticator data and SHA-256 of the client data'),
      verified: z.boolean().describe('by this node, just now'),
    })
    .optional()
    .describe('base64url; everything with which to verify it elsewhere'),
})

/** A decision as auditors see it; a passkey's evidence is verified anew. */
export async function renderDecision(
  publicUrl: string,
  { statement: kept, ...row }: Decision,
): Promise<z.input<typeof decisionSchema>> {
  const evidence = readEvidence(kept)
  const { statement = kept, ...passkey } = evidence ?? {}
  const verified = evidence && (await isVerified(evidence, { publicUrl, ...row }))
  const signed = evidence && { ...passkey, verified }
  return {
    ...{ at: row.at, decision: row.decision, digest: row.digest },
    ...{ principal_id: row.principalId, person_id: row.personId, statement },
    ...(signed && { passkey: signed as z.input<typeof decisionSchema>['passkey'] }),
  }
}

/** Whether the evidence is good and says what the row says. */
async function isVerified(
  evidence: NonNullable<ReturnType<typeof readEvidence>>,
  row: { publicUrl: string; digest: string; decision: string; principalId: string },
): Promise<boolean> {
  try {
    const said = await verifyEvidence(siteOf(row.publicUrl), evidence)
    const digest = Buffer.from(said.digest).toString('hex')
    return (
      digest === row.digest &&
      said.decision === row.decision &&
      said.principalId === row.principalId
    )
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}
