import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { closeStatements } from '../../src/jobs/close-statements.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { benefit, claim } from '../support/union.ts'
import { openBrowser } from './browser.ts'
import { cameraArguments, showNothing } from './camera.ts'
import { joinCode } from './joining.ts'
import { expectFit } from './look.ts'
import {
  holdStill,
  monthsPass,
  newTerminal,
  scanByKeyboard,
  setUpManager,
  setUpPhone,
  startShift,
} from './people.ts'

/** A benefit whose units are drawn, entered from now on. */
async function drawnBenefit({ server, maker, programmeId }: Ground): Promise<string> {
  const [opens, closes] = [0, 8 * day].map((ms) => new Date(server.now + ms).toISOString())
  const allocation = { mode: 'lottery', opens, closes }
  return benefit(maker.ask, programmeId, { stock: 20, allocation })
}

/** A benefit that the ground's members are no people for, with a way out of each kind. */
function notForCouriers({ maker, programmeId }: Ground): Promise<string> {
  const name = { zh: '加油券', en: 'Fuel voucher' }
  const criteria = { all: [{ fact: 'occupation', op: 'eq', value: 'truck_driver' }] }
  return benefit(maker.ask, programmeId, { name, criteria })
}

const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

const memberScreens = ['', 'card', 'rights', 'vouchers', 'me'] as const

describe('every screen, in both languages, sizes and themes', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>

  beforeAll(async () => {
    showNothing(video)
    ground = await openGround('sqlite')
    browser = await openBrowser(cameraArguments(video))
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  it("the member's", { timeout: 180_000 }, async () => {
    const { page } = await browser.person(ground.server.url)
    await page.goto('/')
    await page.getByRole('button', { name: '启用' }).waitFor()
    await expectFit(page, 'member-join')
    await page.goto(`/#/join/${await joinCode(ground.maker)}`)
    await page.getByLabel('姓名').waitFor()
    await expectFit(page, 'member-apply')
    await page.goto(`/#/phone/${'A'.repeat(22)}`)
    await page.getByRole('button', { name: '转到本机' }).waitFor()
    await expectFit(page, 'member-new-phone')
    await setUpPhone(page, ground, 2)
    await page.goto('/#/move')
    await page.locator('.qr').waitFor()
    await expectFit(page, 'member-move')
    await page.goto(`/#/rights/${await notForCouriers(ground)}`)
    await page.reload()
    await page.getByText('货车司机').first().waitFor()
    await expectFit(page, 'member-why')
    await page.goto('/#/rights')
    await page.getByRole('link', { name: /领取.*洗车券/ }).click()
    await page.getByRole('button', { name: '领取' }).waitFor()
    await expectFit(page, 'member-right')
    await page.getByRole('button', { name: '领取' }).click()
    await page.getByText('已领取').waitFor()
    for (const screen of memberScreens) {
      await page.goto(`/#/${screen}`)
      expect(new URL(page.url()).hash).toBe(`#/${screen}`)
      await page.getByText('正在读取').waitFor({ state: 'detached' })
      await page.locator('h1').first().waitFor({ state: 'attached' })
      if (screen === 'card') await page.locator('.qr').waitFor()
      await expectFit(page, `member-${screen || 'home'}`)
    }
    await page.goto('/#/vouchers')
    await page.locator('main a.card').first().click()
    await page.locator('.qr').waitFor()
    await expectFit(page, 'member-voucher')
    await page.goto(`${page.url()}/receipts`)
    await page.getByRole('button', { name: '验证凭证' }).first().waitFor()
    await expectFit(page, 'member-receipts')
    await page.goto(`/#/rights/${await drawnBenefit(ground)}`)
    await page.reload()
    await page.getByRole('button', { name: '报名', exact: true }).click()
    await page.getByText('您已报名').waitFor()
    await expectFit(page, 'member-draw')
  })

  it("the merchant's", { timeout: 180_000 }, async () => {
    const { member, benefitId, server } = ground
    const { page } = await browser.person(server.url)
    await page.clock.install()
    await page.goto(`/merchant/#token=${await newTerminal(ground, '小张')}`)
    await page.getByRole('button', { name: '启用', exact: true }).waitFor()
    await expectFit(page, 'merchant-setup')
    await page.getByRole('button', { name: '启用', exact: true }).click()
    await page.getByLabel('密码').waitFor()
    await expectFit(page, 'merchant-shift')
    await startShift(page, '小张')
    await expectFit(page, 'merchant-scan')
    await page.getByRole('button', { name: '输入 12 位数字码' }).click()
    await expectFit(page, 'merchant-pad')
    await page.getByRole('button', { name: '返回' }).click()
    const voucher = await claim(member, benefitId)
    await scanByKeyboard(page, member.code(voucher))
    await page.getByRole('button', { name: '核销' }).waitFor()
    await expectFit(page, 'merchant-prepared')
    await holdStill(page)
    await page.getByRole('button', { name: '核销' }).click()
    await page.getByText('核销成功').waitFor()
    await page.getByRole('button', { name: /撤销/ }).click()
    await page.clock.resume()
    await expectFit(page, 'merchant-undo')
    await page.getByRole('button', { name: '取消' }).click()
    server.now += 61_000
    await scanByKeyboard(page, member.code(voucher))
    await page.getByText('首次核销').waitFor()
    await expectFit(page, 'merchant-refused')
  })

  it('what is behind the counter', { timeout: 180_000 }, async () => {
    const { member, maker, programmeId, server } = ground
    const another = await benefit(maker.ask, programmeId)
    const { page } = await browser.person(server.url)
    await setUpManager(page, ground, '店长')
    await scanByKeyboard(page, member.code(await claim(member, another)))
    await page.getByRole('button', { name: '核销' }).click()
    await page.getByText('核销成功').waitFor()
    await page.goto('/merchant/#/office')
    await page.getByRole('link', { name: '对账单' }).waitFor()
    await expectFit(page, 'merchant-office')
    await page.goto('/merchant/#/today')
    await page.getByText(/撤销 . 笔/).waitFor()
    await expectFit(page, 'merchant-today')
    await page.goto('/merchant/#/code')
    await page.locator('.qr').waitFor()
    await expectFit(page, 'merchant-code')
    monthsPass(server)
    const { store, deployment, clock } = server
    await closeStatements({ store, node: deployment.node, clock })
    await page.goto('/merchant/#/statements')
    await page.getByText('待确认').waitFor()
    await expectFit(page, 'merchant-statements')
    await page.getByText('待确认').click()
    await page.getByText('洗车券').first().waitFor()
    await expectFit(page, 'merchant-statement')
    await page.getByRole('button', { name: '有异议' }).click()
    await expectFit(page, 'merchant-dispute')
  })

  it('the public check', async () => {
    const { page } = await browser.person(ground.server.url)
    await page.goto('/verify/')
    await page.getByRole('heading').first().waitFor()
    await expectFit(page, 'verify')
  })
})
