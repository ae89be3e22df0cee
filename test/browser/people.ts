import type { Page } from 'playwright-core'
import { hour } from '../../src/base/clock.ts'
import { monthNamed, unionZone } from '../../src/benefits/criteria/month.ts'
import { dayIn } from '../../src/benefits/criteria/zone.ts'
import { must } from '../../src/cli/demo/desk.ts'
import type { Ground } from '../http/ground.ts'
import { pin } from '../support/counter.ts'

/** Sets a phone up for a member of the ground, by the form that anybody sees. */
export async function setUpPhone(
  page: Page,
  { maker, people }: Ground,
  which: number,
): Promise<void> {
  const memberNo = people[which]!.memberNo
  const found = await must(maker.ask('POST', '/admin/members/search', { member_no: memberNo }))
  const path = `/admin/members/${found.id}/activations`
  const { activation_code: code } = await must(maker.ask('POST', path, {}), 201)
  await page.goto('/')
  await page.getByLabel('会员编号').fill(memberNo)
  await page.getByLabel('激活码').fill(String(code))
  await page.getByRole('button', { name: '启用' }).click()
  await page.getByText(memberNo).waitFor()
}

/** A terminal to be set up at the ground's shop, and a cashier for it. */
export async function newTerminal({ maker, shop }: Ground, cashier: string): Promise<string> {
  const at = `/admin/stores/${shop.storeId}`
  const { id } = await must(maker.ask('POST', `${at}/terminals`, { name: '一号' }), 201)
  await must(maker.ask('POST', `${at}/cashiers`, { name: cashier, pin }), 201)
  const path = `/admin/terminals/${id}/provisionings`
  return String((await must(maker.ask('POST', path, {}), 201)).token)
}

/** Makes a page that terminal, with a shift of that cashier's. */
export async function setUpTerminal(page: Page, ground: Ground, cashier: string): Promise<void> {
  await page.goto(`/merchant/#token=${await newTerminal(ground, cashier)}`)
  await page.getByRole('button', { name: '启用', exact: true }).click()
  await startShift(page, cashier)
}

/** Starts a shift on a page that is a terminal. */
export async function startShift(page: Page, cashier: string): Promise<void> {
  await page.getByLabel('店员').selectOption({ label: cashier })
  await page.getByLabel('密码').fill(pin)
  await page.getByRole('button', { name: '开始' }).click()
  await page.getByText('请对准会员的券码').waitFor()
}

/**
 * What a scanner that is a keyboard does: the keys go out together, because one that waited for the
 * answer to the one before would be a slow typist on a busy machine.
 */
export async function scanByKeyboard(page: Page, text: string): Promise<void> {
  await Promise.all([...text, 'Enter'].map((key) => page.keyboard.press(key)))
}

/**
 * Stops a page's timers, so that nothing goes away by itself however slow the machine is; its clock
 * was installed (`page.clock.install`) before it was opened.
 */
export async function holdStill(page: Page): Promise<void> {
  const soon = 2000 // from when it is read to when it is set, on a busy machine
  await page.clock.pauseAt((await page.evaluate<number>('Date.now()')) + soon)
}

/** Makes a page a terminal with a shift of a manager's. */
export async function setUpManager(page: Page, ground: Ground, name: string): Promise<void> {
  const { maker, shop } = ground
  const token = await newTerminal(ground, '店员')
  const given = { name, pin, role: 'manager' }
  await must(maker.ask('POST', `/admin/stores/${shop.storeId}/cashiers`, given), 201)
  await page.goto(`/merchant/#token=${token}`)
  await page.getByRole('button', { name: '启用', exact: true }).click()
  await startShift(page, name)
}

/** Lets time pass until the month is over and its statements are due. */
export function monthsPass(server: Ground['server']): void {
  const month = monthNamed(dayIn(unionZone, server.now).slice(0, 7))
  server.now = month.to + 27 * hour
}
