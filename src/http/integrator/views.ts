import { z } from 'zod'

import type { Instant } from '../../base/clock.ts'
import { requestLink } from '../../credentials/presentation/request-object.ts'
import {
  shownIn,
  type Verification,
  verificationState,
} from '../../credentials/presentation/verifications.ts'
import type { Context } from '../context.ts'
import { instantSchema } from '../paging.ts'

/** What an asker gets to show to a wallet. */
export const askedSchema = z.object({
  id: z.string().describe('only for who asked: the wallet knows another'),
  state: z.enum(['pending', 'verified', 'expired']),
  expires_at: instantSchema,
  link: z.string().describe('openid4vp://… by reference, for a wallet on the same device'),
  same_device_link: z.string().describe('the same to our own wallet’s page'),
  qr: z.string().describe('what the QR code holds'),
})

/** What came of it. */
export const resultSchema = z.object({
  id: z.string(),
  state: z.enum(['pending', 'verified', 'expired']),
  expires_at: instantSchema,
  answered_at: instantSchema.optional(),
  refused: z.string().optional().describe('why the latest presentation was refused: a code'),
  credentials: z
    .record(
      z.string(),
      z.array(
        z.object({
          issuer: z.string(),
          type: z.string().describe('vct'),
          expires: z.number().describe('seconds since 1970-01-01T00:00:00Z'),
          claims: z.record(z.string(), z.unknown()).describe('what the member has shown'),
        }),
      ),
    )
    .optional()
    .describe('by the ids of the query; with a redirect_uri only for its response_code'),
})

/** A new verification, to be shown. */
export function renderAsked(
  { publicUrl }: Pick<Context, 'publicUrl'>,
  verification: Verification,
): z.input<typeof askedSchema> {
  const link = requestLink(publicUrl, verification)
  return {
    id: verification.id,
    state: 'pending',
    expires_at: verification.expiresAt,
    link,
    same_device_link: requestLink(publicUrl, verification, `${publicUrl}/present`),
    qr: link,
  }
}

/** A verification as it stands. */
export function renderResult(
  { node }: Pick<Context, 'node'>,
  verification: Verification,
  { responseCode, now }: { responseCode: string | undefined; now: Instant },
): z.input<typeof resultSchema> {
  const { id, expiresAt, answeredAt, refused } = verification
  const shown = shownIn(node, verification, responseCode)
  return {
    id,
    state: verificationState(verification, now),
    expires_at: expiresAt,
    ...(answeredAt !== null && { answered_at: answeredAt }),
    ...(refused !== null && { refused }),
    ...(shown && { credentials: shown as z.input<typeof resultSchema>['credentials'] }),
  }
}
