import { z } from 'zod'

import { toHex } from '../../base/bytes.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Decision } from '../../benefits/batches/decisions.ts'
import { type ApprovalStatement, verifyKeptApproval } from '../../identity/approval-statement.ts'
import { readEvidence, verifyEvidence } from '../../identity/passkey-approval.ts'
import { siteOf } from '../../identity/passkeys.ts'
import { recordedKeys } from '../../identity/principals.ts'
import type { PublicJwk } from '../../keys/es256.ts'
import type { Context } from '../context.ts'
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
  program: z
    .object({
      public_key: z
        .object({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string() })
        .optional()
        .describe('the JWK that the program was registered with; none: it has no key'),
      verified: z.boolean().describe('by this node, just now: the JWS by that key'),
    })
    .optional()
    .describe('where no passkey has signed'),
})

/** Decisions as auditors see them, in the order given; the evidence of each is verified anew. */
export async function renderDecisions(
  { store, publicUrl }: Pick<Context, 'store' | 'publicUrl'>,
  rows: readonly Decision[],
): Promise<z.input<typeof decisionSchema>[]> {
  const programs = rows.filter(({ statement }) => !readEvidence(statement))
  const keys = await recordedKeys(
    store.read,
    programs.map(({ principalId }) => principalId),
  )
  return Promise.all(
    rows.map(async (row) => ({
      ...{ at: row.at, decision: row.decision, digest: row.digest },
      ...{ principal_id: row.principalId, person_id: row.personId },
      ...(await evidenceOf(publicUrl, row, keys.get(row.principalId))),
    })),
  )
}

async function evidenceOf(publicUrl: string, row: Decision, jwk: PublicJwk | undefined) {
  const passkey = readEvidence(row.statement)
  if (passkey) {
    const { statement, ...rest } = passkey
    const verified = await says(row, () => verifyEvidence(siteOf(publicUrl), passkey))
    return { statement, passkey: { ...rest, verified } }
  }
  const { statement, principalId, at } = row
  const verified = await says(row, async () => {
    if (!jwk) throw new Refusal('PROOF_INVALID')
    const signer = { jwk, principalId, audience: publicUrl }
    return { ...(await verifyKeptApproval(statement, signer, at)), principalId }
  })
  return { statement, program: { ...(jwk && { public_key: jwk }), verified } }
}

/** Whether what was signed is good and says what the row says. */
async function says(
  row: Decision,
  verify: () => Promise<ApprovalStatement & { readonly principalId: string }>,
): Promise<boolean> {
  try {
    const said = await verify()
    return (
      said.batchId === row.about &&
      toHex(said.digest) === row.digest &&
      said.decision === row.decision &&
      said.principalId === row.principalId
    )
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}
