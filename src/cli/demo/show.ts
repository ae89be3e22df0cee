import type { Server } from './agent.ts'
import { issueByRule, must, openProgrammes, type SignedIn } from './desk.ts'
import { openShops } from './story.ts'

/** A cashier for whoever tries the counter's page. */
const tryMe = '试用店员'

/** What a newcomer needs to try the demonstration with programs of their own. */
export interface Show {
  readonly url: string
  readonly member: { readonly member_no: string; readonly activation_code: string }
  readonly batches: readonly { readonly name: string; readonly issued: number }[]
  readonly terminals: readonly { readonly category: string; readonly store_id: string }[]
  /** A terminal to be provisioned, and a cashier for it. */
  readonly provisioning: {
    readonly token: string
    readonly cashier_id: string
    /** As the counter's page lists them. */
    readonly cashier: string
    readonly pin: string
  }
}

/** Fills a demonstration node: programmes, shops, batches, and codes to begin with. */
export async function prepareShow(server: Server, desks: SignedIn): Promise<Show> {
  const { ask } = desks.maker
  const now = server.clock()
  const benefits = await openProgrammes(ask, now)
  const shops = await openShops(server, ask, benefits, now)
  const batches: { name: string; issued: number }[] = []
  for (const benefit of benefits) {
    if (benefit.programme.definition.supply !== 'batch') continue
    const { issued } = await issueByRule(desks, benefit)
    batches.push({ name: `${benefit.programme.name_zh} ${benefit.programme.name_en}`, issued })
  }
  const memberNo = 'NX00000001'
  const found = await must(ask('POST', '/admin/members/search', { member_no: memberNo }))
  const path = `/admin/members/${found.id}/activations`
  const { activation_code } = await must(ask('POST', path, {}), 201)
  const shop = shops.at(-1)
  const at = `/admin/stores/${shop?.storeId}`
  const terminal = await must(ask('POST', `${at}/terminals`, { name: 'try me' }), 201)
  const cashier = await must(ask('POST', `${at}/cashiers`, { name: tryMe, pin: '1357' }), 201)
  const provisioning = `/admin/terminals/${terminal.id}/provisionings`
  const { token } = await must(ask('POST', provisioning, {}), 201)
  return {
    url: server.url,
    member: { member_no: memberNo, activation_code: String(activation_code) },
    batches,
    terminals: shops.map(({ category, storeId }) => ({ category, store_id: storeId })),
    provisioning: {
      token: String(token),
      cashier_id: String(cashier.id),
      cashier: tryMe,
      pin: '1357',
    },
  }
}
