import type { Ask, Server } from './agent.ts'
import { type DemoBenefit, issueByRule, must, openProgrammes, type SignedIn } from './desk.ts'
import { openShops } from './story.ts'

/** A cashier for whoever tries the counter's page. */
const tryMe = '试用店员'

const demoCounty = '640104'
const welcomeGift = {
  name: { zh: '新会员见面礼', en: 'Welcome gift' },
  description: { zh: '入会即得，满20减10', en: 'On joining: CNY 10 off 20' },
  supply: 'batch',
  on_join: true,
}

/** What a newcomer needs to try the demonstration with programs of their own. */
export interface Show {
  readonly url: string
  readonly member: { readonly member_no: string; readonly activation_code: string }
  /** The printed code of a union: whoever opens it may apply. */
  readonly join_url: string
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
  const benefits = await openProgrammes(desks, now)
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
    join_url: await openDoor(ask, benefits.at(-1)),
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

/** A welcome benefit, and a code with which anybody may apply to join. Answers its address. */
async function openDoor(ask: Ask, beside: DemoBenefit | undefined): Promise<string> {
  if (!beside) throw new TypeError('the demonstration has no benefits')
  const definition = { ...beside.programme.definition, ...welcomeGift, stock: undefined }
  const draft = { programme_id: beside.programmeId, definition }
  const { benefit_id } = await must(ask('POST', '/admin/benefits', draft), 201)
  const rules = { rules: [{ target: 'category', value: beside.programme.category }] }
  await must(ask('PUT', `/admin/benefits/${benefit_id}/acceptance`, rules))
  await must(ask('POST', `/admin/benefits/${benefit_id}/publish`, {}))
  const code = { org_code: demoCounty, note: 'poster' }
  return String((await must(ask('POST', '/admin/join-codes', code), 201)).url)
}
