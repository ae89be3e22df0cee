import type { Kit } from '../kit.postgres.ts'
import { accessTables } from './access.ts'
import { auditTables } from './audit.ts'
import { batchTables } from './batches.ts'
import { benefitTables } from './benefits.ts'
import { credentialTables } from './credentials.ts'
import { delegationTables } from './delegations.ts'
import { deskTables } from './desk.ts'
import { drawTables } from './draws.ts'
import { funnelTables } from './funnel.ts'
import { joiningTables } from './joining.ts'
import { ledgerTables } from './ledger.ts'
import { merchantTables } from './merchants.ts'
import { messageTables } from './messages.ts'
import { nodeTables } from './node.ts'
import { oversightTables } from './oversight.ts'
import { peerTables } from './peers.ts'
import { peopleTables } from './people.ts'
import { portraitTables } from './portraits.ts'
import { presentationTables } from './presentations.ts'
import { proposalTables } from './proposals.ts'
import { reportTables } from './reports.ts'
import { statementTables } from './statements.ts'
import { transferTables } from './transfers.ts'
import { trustTables } from './trust.ts'
import { voucherTables } from './vouchers.ts'
import { witnessTables } from './witness.ts'

/** Every table, in the columns of one engine. */
export const tablesOf = (kit: Kit) => ({
  ...nodeTables(kit),
  ...peopleTables(kit),
  ...accessTables(kit),
  ...deskTables(kit),
  ...merchantTables(kit),
  ...benefitTables(kit),
  ...batchTables(kit),
  ...proposalTables(kit),
  ...ledgerTables(kit),
  ...oversightTables(kit),
  ...auditTables(kit),
  ...voucherTables(kit),
  ...drawTables(kit),
  ...reportTables(kit),
  ...delegationTables(kit),
  ...credentialTables(kit),
  ...presentationTables(kit),
  ...joiningTables(kit),
  ...statementTables(kit),
  ...funnelTables(kit),
  ...messageTables(kit),
  ...portraitTables(kit),
  ...transferTables(kit),
  ...trustTables(kit),
  ...peerTables(kit),
  ...witnessTables(kit),
})

export type Tables = ReturnType<typeof tablesOf>
