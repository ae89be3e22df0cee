import type { Kit } from '../kit.postgres.ts'

export const principalKinds = ['staff', 'client'] as const
export const clientMethods = ['private_key_jwt', 'client_secret_basic'] as const

/** Who may do what, and the small records that make a proof good for one use. */
export function accessTables(kit: Kit) {
  /** Union staff and programs. Every one belongs to a person; duties are separated by persons. */
  const principals = kit.table('principals', {
    id: kit.text().primaryKey(),
    kind: kit.choice(principalKinds).notNull(),
    personId: kit.text().notNull(),
    name: kit.text().notNull(),
    method: kit.choice(clientMethods),
    /** Public key of a `private_key_jwt` client. */
    jwk: kit.json<{ kty: string; crv: string; x: string; y: string }>(),
    secretHash: kit.bytes(),
    createdAt: kit.instant().notNull(),
    revokedAt: kit.instant(),
    /** The principal that registered it; none for those registered at the machine itself. */
    registeredBy: kit.text(),
  })

  /** Others who have vouched for a principal after it was registered. */
  const confirmations = kit.table(
    'confirmations',
    {
      principalId: kit
        .text()
        .notNull()
        .references(() => principals.id),
      confirmedBy: kit
        .text()
        .notNull()
        .references(() => principals.id),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.principalId, t.confirmedBy] })],
  )

  /** A role on a subtree. */
  const grants = kit.table(
    'grants',
    {
      principalId: kit
        .text()
        .notNull()
        .references(() => principals.id),
      role: kit.text().notNull(),
      orgCode: kit.text().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.principalId, t.role, t.orgCode] })],
  )

  /** Nonces and token identifiers that were used, until they expire by themselves. */
  const nonces = kit.table(
    'nonces',
    {
      scope: kit.text().notNull(),
      nonce: kit.text().notNull(),
      expiresAt: kit.instant().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.scope, t.nonce] }),
      kit.index('nonces_expiry').on(t.expiresAt),
    ],
  )

  /** The answer a key was given, for the next time it comes. `status` 0: still running. */
  const idempotency = kit.table(
    'idempotency',
    {
      principal: kit.text().notNull(),
      route: kit.text().notNull(),
      key: kit.text().notNull(),
      requestHash: kit.bytes().notNull(),
      status: kit.count().notNull(),
      answer: kit.text().notNull(),
      createdAt: kit.instant().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.principal, t.route, t.key] }),
      kit.index('idempotency_age').on(t.createdAt),
    ],
  )

  return { principals, confirmations, grants, nonces, idempotency }
}
