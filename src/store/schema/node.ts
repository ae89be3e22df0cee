import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

/** What this deployment is. */
export function nodeTables(kit: Kit) {
  /** One row: the node itself. */
  const node = kit.table(
    'node',
    {
      id: kit.count().primaryKey(),
      /** Routes voucher codes across nodes: two octets in a code. */
      number: kit.count().notNull(),
      code: kit.text().notNull(),
      nameZh: kit.text().notNull(),
      createdAt: kit.instant().notNull(),
    },
    (t) => [kit.check('node_single', sql`${t.id} = 1`)],
  )

  /** Data keys, wrapped by the key-encryption key in the data folder. */
  const dataKeys = kit.table('data_keys', {
    purpose: kit.text().primaryKey(),
    wrapped: kit.bytes().notNull(),
  })

  return { node, dataKeys }
}
