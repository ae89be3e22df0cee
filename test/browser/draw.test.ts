import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { minute, second } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { benefit } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { here, press } from './by-keyboard.ts'
import { setUpPhone } from './people.ts'

describe('a draw, on the member’s page', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page
  let drawn: string

  beforeAll(async () => {
    ground = await openGround('sqlite')
    browser = await openBrowser()
    page = (await browser.person(ground.server.url)).page
    const { server, maker, programmeId } = ground
    const opens = new Date(server.now + minute).toISOString()
    const allocation = { mode: 'fair_window', opens, seconds: 50 }
    const name = { zh: '电影票', en: 'film ticket' }
    const given = { name, stock: 2, allocation, offer_days: 2 }
    drawn = await benefit(maker.ask, programmeId, given)
    await setUpPhone(page, ground, 1)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  it('says in a sentence how it goes, and how long until then', async () => {
    await page.goto(`/#/rights/${drawn}`)
    await page.getByText('先点后点一样').waitFor()
    await page.getByText(/距开始报名 0:0/).waitFor()
    expect(await page.getByRole('button', { name: '报名' }).count()).toBe(0)
    await expectAccessible(page)
  })

  it('takes an entry, gives it back, and takes it again, by keyboard alone', async () => {
    ground.server.now += minute
    await page.reload()
    await page.getByText(/距报名截止/).waitFor()
    await press(page, '报名')
    await page.getByText('您已报名').waitFor()
    await expectAccessible(page)
    await expect.poll(async () => (await here(page)).name).toBe('电影票')
    await press(page, '取消报名')
    await press(page, '报名')
    await page.getByText('您已报名').waitFor()
  })

  it('tells the result, and verifies the published record on the phone', async () => {
    await must(ground.member.ask('POST', `/benefits/${drawn}/entries`, {}), 201)
    ground.server.now += 50 * second
    await page.reload()
    await page.getByText('抽中了').waitFor()
    await page.getByText('2 人报名，2 份').waitFor()
    await page.getByRole('button', { name: '在本机核对' }).click()
    await page.getByText('核对无误').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText('You won!').waitFor()
    await page.getByRole('button', { name: 'Check it here' }).click()
    await page.getByText('you are on the list').waitFor()
    await expectAccessible(page)
  })

  it('notices when the published record was changed', async () => {
    await page.route('**/draws/*/winners', (route) => route.fulfill({ body: '' }))
    await page.getByRole('button', { name: 'Check it here' }).click()
    await page.getByText('It does not hold').waitFor()
  })

  it('puts the unit that was won among the vouchers', async () => {
    await page.getByRole('link', { name: 'Vouchers' }).first().click()
    await page.getByText('film ticket').waitFor()
  })
})
