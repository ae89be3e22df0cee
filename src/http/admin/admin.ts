import type { App } from '../app.ts'
import { openTo } from '../audience.ts'
import type { Context } from '../context.ts'
import { acceptanceRoutes } from './acceptance.ts'
import { applicationFileRoutes } from './application-files.ts'
import { applicationRoutes } from './applications.ts'
import { approvalRoutes } from './approvals.ts'
import { authenticatePrincipal } from './authenticate.ts'
import { batchProgressRoutes } from './batch-progress.ts'
import { batchRoutes } from './batches.ts'
import { benefitQuotaRoutes } from './benefit-quotas.ts'
import { benefitRoutes } from './benefits.ts'
import { caseRoutes } from './cases.ts'
import { clientRoutes } from './clients.ts'
import { credentialRoutes } from './credentials.ts'
import { criteriaRoutes } from './criteria.ts'
import { dashboardRoutes } from './dashboard.ts'
import { dashboardAlertRoutes } from './dashboard-alerts.ts'
import { drawRoutes } from './draws.ts'
import { freezeRoutes } from './freezes.ts'
import { importRoutes } from './imports.ts'
import { joinCodeRoutes } from './join-codes.ts'
import { listRoutes } from './lists.ts'
import { memberErasureRoutes } from './member-erasure.ts'
import { memberRecordRoutes } from './member-record.ts'
import { memberRoutes } from './members.ts'
import { merchantRoutes } from './merchants.ts'
import { organisationRoutes } from './organisations.ts'
import { outboxRoutes } from './outbox.ts'
import { passkeyRoutes } from './passkeys.ts'
import { portraitRoutes } from './portraits.ts'
import { programmeRoutes } from './programmes.ts'
import { proposalRoutes } from './proposals.ts'
import { recallRoutes } from './recalls.ts'
import { segmentRoutes } from './segments.ts'
import { sessionRoutes } from './session.ts'
import { settlementRoutes } from './settlement.ts'
import { staffRoutes } from './staff.ts'
import { statementRoutes } from './statements.ts'
import { storeRecordRoutes } from './store-record.ts'
import { storeRoutes } from './stores.ts'
import { transferRoutes } from './transfers.ts'
import { voucherRenewalRoutes } from './voucher-renewal.ts'
import { voucherStandingRoutes } from './voucher-standing.ts'
import { voucherRoutes } from './vouchers.ts'

/** What union staff and their programs may ask: each route names a permission on a subtree. */
export async function adminRoutes(app: App, { context }: { context: Context }): Promise<void> {
  app.decorateRequest('principal')
  openTo(app, {
    name: 'admin',
    security: [{ bearer: [] }, { deskCookie: [] }],
    refusals: ['AUTH_REQUIRED', 'FORBIDDEN', 'OUT_OF_SCOPE', 'STEP_UP_REQUIRED'],
  })
  app.addHook('onRequest', async (request) => {
    request.principal = await authenticatePrincipal(context, request)
  })
  organisationRoutes(app, context)
  memberRoutes(app, context)
  memberRecordRoutes(app, context)
  memberErasureRoutes(app, context)
  joinCodeRoutes(app, context)
  applicationRoutes(app, context)
  transferRoutes(app, context)
  portraitRoutes(app, context)
  outboxRoutes(app, context)
  await app.register(async (own: App) => applicationFileRoutes(own, context))
  await app.register(async (own: App) => importRoutes(own, context))
  listRoutes(app, context)
  segmentRoutes(app, context)
  programmeRoutes(app, context)
  benefitRoutes(app, context)
  acceptanceRoutes(app, context)
  benefitQuotaRoutes(app, context)
  drawRoutes(app, context)
  dashboardRoutes(app, context)
  dashboardAlertRoutes(app, context)
  criteriaRoutes(app, context)
  batchRoutes(app, context)
  batchProgressRoutes(app, context)
  approvalRoutes(app, context)
  freezeRoutes(app, context)
  proposalRoutes(app, context)
  recallRoutes(app, context)
  merchantRoutes(app, context)
  storeRoutes(app, context)
  storeRecordRoutes(app, context)
  statementRoutes(app, context)
  settlementRoutes(app, context)
  voucherRoutes(app, context)
  voucherStandingRoutes(app, context)
  voucherRenewalRoutes(app, context)
  caseRoutes(app, context)
  credentialRoutes(app, context)
  clientRoutes(app, context)
  sessionRoutes(app, context)
  passkeyRoutes(app, context)
  staffRoutes(app, context)
}
