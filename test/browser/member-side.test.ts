import { readFileSync } from 'node:fs'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { benefit } from '../support/union.ts'
import { openBrowser } from './browser.ts'
import { expectFit } from './look.ts'
import { setUpManager, setUpPhone } from './people.ts'

const details = {
  ...{ kind: 'package', contents: ['水杯'], pick_up_point: '户外劳动者服务站' },
  collector_allowed: true,
}

describe('after and beside the counter, in the member’s page', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page

  beforeAll(async () => {
    ground = await openGround('sqlite')
    const name = { zh: '清凉礼包', en: 'summer package' }
    await benefit(ground.maker.ask, ground.programmeId, { details, name, stock: 9 })
    browser = await openBrowser()
    page = (await browser.person(ground.server.url)).page
    await setUpPhone(page, ground, 2)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  async function claimed(benefitName: string): Promise<void> {
    await page.goto('/#/rights')
    await page.reload()
    await page.getByRole('link', { name: new RegExp(`领取.*${benefitName}`) }).click()
    await page.getByRole('button', { name: '领取' }).click()
    await page.getByText('已领取').waitFor()
    await page.goto('/#/vouchers')
    await page
      .getByRole('link', { name: new RegExp(benefitName) })
      .first()
      .click()
    await page.locator('.qr').waitFor()
  }

  it('verifies a receipt, shares it, and reports a redemption', { timeout: 90_000 }, async () => {
    await claimed('洗车券')
    await page.getByRole('button', { name: '改用数字码' }).click()
    const digits = (await page.locator('strong.digits').textContent())?.replaceAll(' ', '') ?? ''
    await must(ground.till.ask('POST', '/redemptions', { digits }), 201)
    await page.reload()
    await page.getByRole('link', { name: /核销/ }).click()
    await page.getByText('面馆一店').waitFor()
    await page.getByRole('button', { name: '验证凭证' }).click()
    await page.locator('[data-level=inclusion]').waitFor()
    await expectFit(page, 'after-receipt')
    await page.evaluate('navigator.canShare = undefined')
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: '分享或保存凭证' }).click()
    const saved = await saving
    expect(saved.suggestedFilename()).toMatch(/\.tlog-proof$/)
    expect(readFileSync(await saved.path(), 'utf8')).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)

    await page.getByRole('button', { name: '这不是我' }).click()
    await expectFit(page, 'after-report')
    await page.getByLabel('没有收到东西').check()
    await page.getByRole('button', { name: '告诉工会' }).click()
    await page.locator('[data-case=open]').waitFor()
    const { items } = await must(ground.maker.ask('GET', '/admin/cases'))
    const [opened] = items as { id: string }[]
    const verdict = { decision: 'reverse', answer: '门店已承认' }
    await must(ground.maker.ask('POST', `/admin/cases/${opened?.id}/decide`, verdict))
    await page.reload()
    await page.getByText('门店已承认').waitFor()
  })

  it('does not believe a receipt that was changed', { timeout: 60_000 }, async () => {
    await page.route('**/me/vouchers/*/receipts', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.text()).replaceAll(
        'tlog-proof@v1\\nextra e',
        'tlog-proof@v1\\nextra f',
      )
      await route.fulfill({ response: answer, body })
    })
    await page.getByRole('button', { name: '验证凭证' }).click()
    await page.getByText('验证没有通过').waitFor()
    await page.unroute('**/me/vouchers/*/receipts')
  })

  it('uses a voucher by the code that a store has printed', { timeout: 90_000 }, async () => {
    await page.goto(`/#/store/${ground.shop.storeId}`)
    await page.getByText('这家店由店员扫码').waitFor()
    await expectFit(page, 'after-shop-scans')
    const counter = (await browser.person(ground.server.url)).page
    await setUpManager(counter, ground, '王店长')
    await counter.goto('/merchant/#/code')
    await counter.getByRole('button', { name: '申请开通' }).click()
    await counter.getByText('已申请，等工会同意').waitFor()
    const agreed = `/admin/stores/${ground.shop.storeId}/printed-code`
    await must(ground.maker.ask('PUT', agreed, { agreed: true }))
    await counter.goto('/merchant/#counter')
    await counter.reload()
    await page.reload()
    await page.getByText('选择要用的券').waitFor()
    await expectFit(page, 'after-store')
    await page
      .getByRole('button', { name: /下一步/ })
      .first()
      .click()
    await page.getByRole('button', { name: '确认' }).waitFor()
    await expectFit(page, 'after-confirm')
    await page.getByRole('button', { name: '这不是我' }).click()
    await page.getByText('券没有使用').waitFor()
    // Accepting who has left is refused: the counter may still show them, until it looks again.
    await counter.getByRole('heading', { name: '会员等您接受' }).waitFor({ state: 'hidden' })
    ground.server.now += 1000
    await page
      .getByRole('button', { name: /下一步/ })
      .first()
      .click()
    await page.getByRole('button', { name: '确认' }).click()
    await page.getByText('请等店员接受').waitFor()
    await counter.getByRole('heading', { name: '会员等您接受' }).waitFor()
    await expectFit(counter, 'merchant-waits')
    await counter.getByRole('button', { name: '接受', exact: true }).click()
    await page.getByText('核销成功').waitFor()
    await page.locator('[data-level=inclusion]').waitFor()
    await expectFit(page, 'after-done')
    const { items } = await must(ground.till.ask('GET', '/terminal/redemptions'))
    expect(items).toHaveLength(2)
  })

  it('names a collector, whose digits the counter takes', { timeout: 90_000 }, async () => {
    await claimed('清凉礼包')
    await page.getByRole('button', { name: '请人代领' }).click()
    await page.getByLabel('代领人姓名').fill('马小花')
    await page.getByLabel('手机号后四位').fill('6789')
    await expectFit(page, 'after-collector')
    await page.getByRole('button', { name: '生成取货码' }).click()
    const shown = page.locator('section[aria-label=请人代领] strong.digits')
    const digits = (await shown.textContent())?.replaceAll(' ', '') ?? ''
    await expectFit(page, 'after-pick-up-code')
    const ready = await must(ground.till.ask('POST', '/redemptions/prepare', { digits }), 201)
    expect(ready.collector).toEqual({ name: '马小花', mobile_last4: '6789' })
    const { preparation_id } = ready
    await must(ground.till.ask('POST', '/redemptions', { preparation_id }), 201)
    await page.reload()
    await page.getByText('马小花 已代领').waitFor()
  })

  it('finds stores, and tells what is held and who looked', { timeout: 90_000 }, async () => {
    await page.goto('/#/stores')
    await page.getByText('面馆一店').waitFor()
    await expectFit(page, 'after-stores')
    await page.getByLabel('地区').selectOption('11')
    await page.getByText('没有找到门店').waitFor()
    await page.getByLabel('地区').selectOption('64')
    await page.getByLabel('市（州、区县）').selectOption({ label: '石嘴山市' })
    await page.getByText('没有找到门店').waitFor()
    await page.getByText('这里显示：宁夏 · 石嘴山市').waitFor()
    await page.getByLabel('市（州、区县）').selectOption({ label: '银川市' })
    await page.getByLabel(/^区县/).selectOption({ label: '兴庆区' })
    await page.getByText('面馆 · 宁夏 · 银川市 · 兴庆区').waitFor()
    await expectFit(page, 'after-district')
    await page.getByLabel('权益').selectOption({ label: '清凉礼包' })
    await page.getByText('领取点：户外劳动者服务站').waitFor()
    await page.goto('/#/my-data')
    await page.getByText('谁看过我的资料').waitFor()
    await expectFit(page, 'after-my-data')
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: '下载我的资料' }).click()
    const held = JSON.parse(readFileSync(await (await saving).path(), 'utf8'))
    const person = ground.people[2]!
    expect(held.data.member[0]).toMatchObject({ name: person.name, id_number: person.idNumber })
    expect(held.data.collectors[0]).toMatchObject({ name: '马小花' })
  })
})
