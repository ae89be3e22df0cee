import { sql } from 'drizzle-orm'

import { must, openShop } from '../../src/cli/demo/desk.ts'
import type { Engine } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  counties,
  type Desk,
  desk,
  importRoster,
  phone,
  plantTree,
  programme,
  roster,
  type Till,
  till,
} from '../support/union.ts'

/** A union at work: a desk, couriers of a county, a benefit in stock, a counter and a phone. */
export async function openGround(engine: Engine, wishes: Parameters<typeof startServer>[1] = {}) {
  const server = await startServer(engine, wishes)
  await plantTree(server)
  const maker = await desk(server)
  const { people, csv } = roster(counties[0], 12)
  await importRoster(server, maker, { org: counties[0], file: csv })
  const programmeId = await programme(server, maker.ask)
  const benefitId = await benefit(maker.ask, programmeId)
  const shop = await openShop(server, maker.ask, {
    ...{ name: '面馆', category: 'food', now: server.now },
  })
  const counter = await till(server, maker.ask, shop.storeId)
  const member = await phone(server, maker.ask, people[0]!.memberNo)
  return { server, maker, people, programmeId, benefitId, shop, till: counter, member }
}

export type Ground = Awaited<ReturnType<typeof openGround>>

/** Makes the shop's printed code good: its manager, who stays on shift, asks, the union agrees. */
export async function openPrintedCode({ server, maker, shop }: Ground): Promise<Till> {
  const manager = await till(server, maker.ask, shop.storeId, 'manager')
  await must(manager.ask('PUT', '/terminal/printed-code', { wanted: true }))
  await must(maker.ask('PUT', `/admin/stores/${shop.storeId}/printed-code`, { agreed: true }))
  return manager
}

/** A batch that was dry-run and submitted, with what an approver signs. */
export async function submittedBatch(
  { maker: { ask } }: { maker: Pick<Desk, 'ask'> },
  benefitId: string,
  org: string = counties[0],
) {
  const draft = { benefit_id: benefitId, org_code: org, delivery: 'offer' }
  const { id } = await must(ask('POST', '/admin/batches', draft), 201)
  const { digest } = await must(ask('POST', `/admin/batches/${id}/dry-run`, {}))
  await must(ask('POST', `/admin/batches/${id}/submit`, {}))
  return { id: String(id), digest: String(digest) }
}

/** How many rows there are of what a request may write. */
export async function counts({ deployment: { store } }: TestServer) {
  const [row] = await store.read.rows<
    Record<'journal' | 'vouchers' | 'redemptions' | 'refused' | 'answers', number>
  >(sql`select
    (select count(*) from journal_entries) as journal,
    (select count(*) from vouchers) as vouchers,
    (select count(*) from redemptions) as redemptions,
    (select count(*) from refused_redemptions) as refused,
    (select count(*) from idempotency) as answers`)
  return row!
}
