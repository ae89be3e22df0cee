import type { Kit } from '../kit.postgres.ts'
import { accessTables } from './access.ts'
import { batchTables } from './batches.ts'
import { benefitTables } from './benefits.ts'
import { credentialTables } from './credentials.ts'
import { ledgerTables } from './ledger.ts'
import { merchantTables } from './merchants.ts'
import { nodeTables } from './node.ts'
import { oversightTables } from './oversight.ts'
import { peopleTables } from './people.ts'
import { presentationTables } from './presentations.ts'
import { trustTables } from './trust.ts'
import { voucherTables } from './vouchers.ts'
import { witnessTables } from './witness.ts'

/** Every table, in the columns of one engine. */
export const tablesOf = (kit: Kit) => ({
  ...nodeTables(kit),
  ...peopleTables(kit),
  ...accessTables(kit),
  ...merchantTables(kit),
  ...benefitTables(kit),
  ...batchTables(kit),
  ...ledgerTables(kit),
  ...oversightTables(kit),
  ...voucherTables(kit),
  ...credentialTables(kit),
  ...presentationTables(kit),
  ...trustTables(kit),
  ...witnessTables(kit),
})

export type Tables = ReturnType<typeof tablesOf>
