import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Ground, openGround } from '../http/ground.ts'
import { benefit, claim } from '../support/union.ts'
import { dress, openBrowser } from './browser.ts'
import { cameraArguments, showNothing } from './camera.ts'
import { scanByKeyboard, setUpPhone, setUpTerminal } from './people.ts'

const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

type Said = readonly [language: string, text: string]

describe('what is read aloud', () => {
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

  /** A page whose browser notes what it was handed to say, and says it. */
  async function listened(): Promise<Page> {
    const { context, page } = await browser.person(ground.server.url)
    await context.addInitScript(`
      globalThis.said = []
      const say = speechSynthesis.speak.bind(speechSynthesis)
      speechSynthesis.speak = (one) => { said.push([one.lang, one.text]); say(one) }
    `)
    return page
  }

  /** What has been said since it was asked last. */
  const heard = (page: Page) => page.evaluate<Said[]>('said.splice(0)')

  it('is what the member’s pages show, in the language that they show it in', async () => {
    const { maker, programmeId } = ground
    const page = await listened()
    await setUpPhone(page, ground, 2)
    const name = { zh: '加油券', en: 'fuel voucher' }
    const criteria = { fact: 'occupation', op: 'eq', value: 'truck_driver' }
    const barred = await benefit(maker.ask, programmeId, { name, criteria })
    await page.goto(`/#/rights/${barred}`)
    await page.reload()
    await page.getByRole('button', { name: '朗读' }).click()
    expect(await heard(page)).toEqual([
      ['zh-CN', '加油券。洗一次车。已符合。会籍状态为正常。还不符合。职业为货车司机'],
    ])
    await dress(page, 'en', 'off')
    await page.getByRole('button', { name: 'Read aloud' }).click()
    expect(await heard(page)).toEqual([
      [
        'en',
        'fuel voucher. one car wash. Met. standing: active. Not met yet. occupation: truck driver',
      ],
    ])

    await dress(page, 'zh', 'off')
    await page.goto('/#/rights')
    await page.getByRole('link', { name: /领取.*洗车券/ }).click()
    await page.getByRole('button', { name: '领取' }).click()
    await page.getByText('已领取').waitFor()
    await page.goto('/#/vouchers')
    await page.getByRole('link', { name: /洗车券/ }).click()
    await page.getByRole('button', { name: '朗读', exact: true }).click()
    expect(await heard(page)).toEqual([
      ['zh-CN', '洗车券。有效期至 2026年7月1日。请店员扫描。调亮屏幕更好扫。'],
    ])
    await page.getByRole('button', { name: '改用数字码' }).click()
    const digits = (await page.locator('strong.digits').textContent())?.replaceAll(' ', '') ?? ''
    await page.getByRole('button', { name: '朗读数字码' }).click()
    expect(await heard(page)).toEqual([['zh-CN', [...digits].join(' ')]])
    await dress(page, 'en', 'off')
    await page.getByRole('button', { name: 'Read aloud' }).click()
    expect(await heard(page)).toEqual([
      ['en', 'car wash. Valid until 1 Jul 2026. Let the cashier scan it. Turn brightness up.'],
    ])
  })

  it('is the counter’s answer, whether it is a yes or a no', async () => {
    const { member, maker, programmeId, server } = ground
    const page = await listened()
    await setUpTerminal(page, ground, '小张')
    for (const [language, redeem, done] of [
      ['zh', '核销', '核销成功，洗车券一次'],
      ['en', 'Redeem', 'Redeemed: one car wash'],
    ] as const) {
      await dress(page, language, 'off')
      const voucher = await claim(member, await benefit(maker.ask, programmeId))
      await scanByKeyboard(page, member.code(voucher))
      await page.getByRole('button', { name: redeem }).click()
      await page.locator('[data-mood=good]').waitFor()
      await page.locator('[data-mood=good]').waitFor({ state: 'detached' })
      server.now += 61_000
      await scanByKeyboard(page, member.code(voucher))
      await page.locator('[data-mood=bad]').waitFor()
      const shown = await page.locator('[data-mood=bad] .words').textContent()
      const said = await heard(page)
      const lang = language === 'zh' ? 'zh-CN' : 'en'
      expect(said).toContainEqual([lang, done])
      expect(said.at(-1)).toEqual([lang, shown])
      expect(shown).toMatch(language === 'zh' ? /核销/ : /redeemed/i)
      await page.locator('[data-mood=bad] button').first().click()
    }
  })
})
