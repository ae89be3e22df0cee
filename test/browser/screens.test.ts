import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { closeStatements } from '../../src/jobs/close-statements.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { benefit, claim } from '../support/union.ts'
import { dress, expectAccessible, openBrowser } from './browser.ts'
import { cameraArguments, showNothing } from './camera.ts'
import { joinCode } from './joining.ts'
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

/** `npm run screenshots` says where pictures go; the tests take none. */
const folder = process.env.SCREENSHOTS
const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

/** Both languages, text sizes, themes and widths; pictures are taken of more. */
const seen = [
  { language: 'zh', care: 'off', theme: 'light', width: 390 },
  { language: 'en', care: 'off', theme: 'dark', width: 390 },
  { language: 'en', care: 'on', theme: 'light', width: 320 },
] as const
const pictured = [{ language: 'zh', care: 'on', theme: 'dark', width: 320 }] as const
const looks = folder ? [...seen, ...pictured] : seen

const memberScreens = ['', 'card', 'rights', 'vouchers', 'me'] as const

describe('every screen, in both languages, sizes and themes', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>

  beforeAll(async () => {
    showNothing(video)
    if (folder) mkdirSync(folder, { recursive: true })
    ground = await openGround('sqlite')
    browser = await openBrowser(cameraArguments(video))
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  /** Looks at what is shown now, in every way, and takes its picture where that is wanted. */
  async function expectFit(page: Page, name: string): Promise<void> {
    for (const { language, care, theme, width } of looks) {
      await page.setViewportSize({ width, height: 844 })
      await page.emulateMedia({ colorScheme: theme })
      await dress(page, language, care)
      await expectAccessible(page)
      if (care === 'on') await expectLarge(page)
      if (!folder) continue
      const path = join(folder, `${name}-${language}${care === 'on' ? '-care' : ''}-${theme}.png`)
      await page.screenshot({ path })
    }
    await page.setViewportSize({ width: 390, height: 844 })
    await dress(page, 'zh', 'off')
  }

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
    await page.goto('/#/rights')
    await page
      .getByRole('link', { name: /为什么/ })
      .first()
      .click()
    await page.getByRole('button', { name: '领取' }).waitFor()
    await expectFit(page, 'member-right')
    await page.getByRole('button', { name: '领取' }).click()
    await page.getByText('已领取').waitFor()
    for (const screen of memberScreens) {
      await page.goto(`/#/${screen}`)
      await page.waitForFunction(`location.hash === '#/${screen}'`)
      await page.getByText('正在读取').waitFor({ state: 'detached' })
      await page.locator('h1').first().waitFor({ state: 'attached' })
      if (screen === 'card') await page.locator('.qr').waitFor()
      await expectFit(page, `member-${screen || 'home'}`)
    }
    await page.goto('/#/vouchers')
    await page.locator('main a.card').first().click()
    await page.locator('.qr').waitFor()
    await expectFit(page, 'member-voucher')
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

/** Care mode's numbers (7-screens): text of 18 px, targets of 60 px. */
async function expectLarge(page: Page): Promise<void> {
  const small = await page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
    .filter((one) => one.checkVisibility?.() && [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((one) => !one.closest('svg, .hidden') && parseFloat(getComputedStyle(one).fontSize) < 18)
    .map((one) => one.outerHTML.slice(0, 120))`)
  expect(small).toEqual([])
  const narrow = await page.evaluate<
    string[]
  >(`[...document.querySelectorAll('button, a.button, .tabs a, input, select')]
    .filter((one) => one.checkVisibility?.())
    .filter((one) => { const b = one.getBoundingClientRect(); return b.height < 59.5 || b.width < 59.5 })
    .map((one) => one.outerHTML.slice(0, 120))`)
  expect(narrow).toEqual([])
}
