import type { Kit } from '../kit.postgres.ts'

export const verificationStates = ['pending', 'verified'] as const

/** What somebody asked wallets to show, and what came back (OpenID4VP 1.0). */
export function presentationTables(kit: Kit) {
  const verifications = kit.table(
    'verifications',
    {
      /** The transaction: only who asked knows it (OpenID4VP 1.0 section 13.3). */
      id: kit.text().primaryKey(),
      /** What the wallet knows of it: 128 bits in the address of the request. */
      requestId: kit.text().notNull(),
      /** `principal:`, `terminal:` and an id, or `cli`. */
      askedBy: kit.text().notNull(),
      state: kit.choice(verificationStates).notNull(),
      /** With its prefix: what the key binding must be for. */
      clientId: kit.text().notNull(),
      nonce: kit.text().notNull(),
      /** The request's `state`. */
      walletState: kit.text().notNull(),
      /** JSON text: the DCQL query. */
      query: kit.text().notNull(),
      /** JSON text: the entries of `transaction_data`, as they are hashed; often none. */
      transactionData: kit.text().notNull(),
      /** The public half of the key that the answer is encrypted for. */
      encryptionKey: kit.json<{ kty: string; crv: string; x: string; y: string }>().notNull(),
      /** The private one, sealed. */
      sealedKey: kit.bytes().notNull(),
      /** Where the member's browser goes afterwards, with a response code. */
      redirectUri: kit.text(),
      responseCodeHash: kit.bytes(),
      createdAt: kit.instant().notNull(),
      expiresAt: kit.instant().notNull(),
      answeredAt: kit.instant(),
      /** Why the latest presentation was refused. */
      refused: kit.text(),
      refusals: kit.count().notNull(),
      /** What was shown, sealed JSON. Gone with the row, a day after it expired. */
      sealedResult: kit.bytes(),
      /** SHA-256 of the key binding: the holder's signature on it all. */
      evidence: kit.bytes(),
      /** When what was confirmed was acted upon: once. */
      spentAt: kit.instant(),
    },
    (t) => [
      kit.uniqueIndex('verifications_request').on(t.requestId),
      kit.index('verifications_expiry').on(t.expiresAt),
    ],
  )

  /** Results that are to be told to an address. */
  const verificationHooks = kit.table(
    'verification_hooks',
    {
      verificationId: kit
        .text()
        .primaryKey()
        .references(() => verifications.id),
      url: kit.text().notNull(),
      attempts: kit.count().notNull(),
      /** When to try next; none before there is a result, and when it is over. */
      nextAt: kit.instant(),
      deliveredAt: kit.instant(),
    },
    (t) => [kit.index('verification_hooks_due').on(t.nextAt)],
  )

  return { verifications, verificationHooks }
}
