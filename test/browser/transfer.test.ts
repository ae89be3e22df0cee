import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { benefit, claim, counties, phone } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { comeToDesk, goTo, screen } from './desk-people.ts'
import { expectFit } from './look.ts'
import { setUpPhone } from './people.ts'

/** `npm run screenshots` says where pictures go; the tests take none. */
const folder = process.env.SCREENSHOTS

describe('moving to another union', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let member: Page
  let old: Page
  let next: Page

  beforeAll(async () => {
    if (folder) mkdirSync(folder, { recursive: true })
    ground = await openGround('sqlite')
    const { server, maker, people, programmeId } = ground
    browser = await openBrowser()
    member = (await browser.person(server.url)).page
    const desks = await Promise.all(
      counties.map(async (org, i) => {
        const person = await browser.person(server.url, { viewport: screen })
        await comeToDesk(server, person, { name: `干事${i + 1}`, role: 'registrar', org })
        return person.page
      }),
    )
    ;[old, next] = desks as [Page, Page]
    const coupon = await benefit(maker.ask, programmeId, { name: { zh: '洗衣券', en: 'Laundry' } })
    await claim(await phone(server, maker.ask, people[3]!.memberNo), coupon)
    await setUpPhone(member, ground, 3)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  /** Takes the picture of a page in both languages, in light and dark. */
  async function look(page: Page, name: string): Promise<void> {
    await expectAccessible(page)
    if (!folder) return
    for (const [language, theme] of [
      ['en', 'dark'],
      ['zh', 'light'],
    ] as const) {
      await page.emulateMedia({ colorScheme: theme })
      await page.getByRole('button', { name: language === 'en' ? 'English' : '中文' }).click()
      const path = join(folder, `${name}-${language}-${theme}.png`)
      await page.screenshot({ path, fullPage: true })
    }
  }

  async function decide(page: Page, choice: string, reason?: string): Promise<void> {
    await page.getByRole('combobox', { name: '办理' }).selectOption({ label: choice })
    if (reason) await page.getByRole('textbox', { name: '理由（会告诉会员）' }).fill(reason)
    await page.getByRole('button', { name: '办理' }).click()
    await page.getByRole('button', { name: '办理' }).waitFor({ state: 'hidden' })
  }

  async function ask(): Promise<void> {
    await member.getByLabel('新工会的入会码或组织代码').fill(counties[1])
    await member.getByRole('button', { name: '申请转会' }).click()
    await member.getByText('等待双方工会同意').first().waitFor()
  }

  it('is asked for by the member, and refused with a reason that the member reads', async () => {
    await member.goto('/#/me')
    await member.getByRole('link', { name: '转会' }).click()
    await member.getByLabel('新工会的入会码或组织代码').waitFor()
    await expectFit(member, 'member-transfer-ask')
    await ask()
    await goTo(next, '转会')
    await next.getByText(ground.people[3]!.memberNo).waitFor()
    await look(next, 'desk-transfers')
    await decide(next, '新工会：不同意', '请先办理入职手续')
    await member.reload()
    await member.getByText('没有同意：请先办理入职手续').waitFor()
    await expectFit(member, 'member-transfer-refused')
  })

  it('happens when both unions have consented; card and vouchers follow', async () => {
    await ask()
    await next.reload()
    await next.getByRole('combobox', { name: '办理' }).selectOption({ label: '新工会：同意接收' })
    await next.getByRole('button', { name: '办理' }).click()
    await next.getByText('新工会同意', { exact: false }).last().waitFor()
    await goTo(old, '转会')
    await decide(old, '原工会：同意转出')
    await member.reload()
    await member.getByText('转会完成').waitFor()
    await expectFit(member, 'member-transfer-done')
    const { maker, people } = ground
    const search = { member_no: people[3]!.memberNo }
    const { org_code } = await must(maker.ask('POST', '/admin/members/search', search))
    expect(org_code).toBe(counties[1])
    await member.goto('/#/vouchers')
    await member.getByText('洗衣券').waitFor()
    await old.getByRole('combobox', { name: '显示哪些' }).selectOption({ label: '已完成' })
    await old.getByText(people[3]!.memberNo).waitFor()
    await look(old, 'desk-transfers-done')
  })

  it('is told of step by step: a badge, the messages, and none unread afterwards', async () => {
    await member.goto('/#/me')
    await member.locator('.badge').waitFor()
    await member.getByRole('link', { name: /消息（\d+ 条未读）/ }).click()
    await member.getByText('您的券都还在').waitFor()
    await expectFit(member, 'member-messages')
    await member.locator('.badge').waitFor({ state: 'hidden' })
    await member.getByLabel('新的权益和中签').uncheck()
    await member.getByRole('button', { name: '保存' }).click()
    await member.getByText('已保存').waitFor()
    await goTo(next, '消息')
    await next.getByText('转会完成').waitFor()
    await look(next, 'desk-outbox')
  })
})
