import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { benefit, claim } from '../support/union.ts'
import { openBrowser } from './browser.ts'
import { cameraArguments, showNothing } from './camera.ts'
import { holdStill, scanByKeyboard, setUpTerminal } from './people.ts'

const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

describe('the counter', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page
  let benefitId: string

  beforeAll(async () => {
    showNothing(video)
    ground = await openGround('sqlite')
    const cap = { count: 20, per: 'ever' }
    benefitId = await benefit(ground.maker.ask, ground.programmeId, { cap })
    browser = await openBrowser(cameraArguments(video))
    page = (await browser.person(ground.server.url)).page
    await page.clock.install()
    await setUpTerminal(page, ground, '小王')
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  /** A voucher of the member's, and its code as a scanner types it. */
  async function code(): Promise<string> {
    return ground.member.code(await claim(ground.member, benefitId))
  }

  it('takes a scanner that is a keyboard, and undoes what it has done', async () => {
    await scanByKeyboard(page, await code())
    await holdStill(page)
    await page.getByRole('button', { name: '核销' }).click()
    await page.getByText('核销成功').waitFor()
    await page.getByRole('button', { name: /撤销/ }).click()
    await page.clock.resume()
    await page.getByRole('button', { name: '会员改变主意' }).click()
    await page.getByText('已撤销').waitFor()
    await page.getByText('今日 0 笔').waitFor()
  })

  it('goes back to the camera by itself, and counts what was taken', async () => {
    await scanByKeyboard(page, await code())
    await holdStill(page)
    await page.getByRole('button', { name: '核销' }).click()
    await page.getByText('核销成功').waitFor()
    await page.clock.resume()
    await page.getByText('核销成功').waitFor({ state: 'detached' })
    await page.getByText('今日 1 笔').waitFor()
  })

  it('takes the digits that a member reads out', async () => {
    const { member } = ground
    const voucher = await claim(member, benefitId)
    const body = { code: member.code(voucher) }
    const { body: told } = await member.ask('POST', `/me/vouchers/${voucher}/numeric-code`, body)
    await page.getByRole('button', { name: '输入 12 位数字码' }).click()
    for (const digit of String(told.digits)) {
      await page.getByRole('button', { name: digit, exact: true }).click()
    }
    await page.getByRole('button', { name: '查询' }).click()
    await page.getByRole('button', { name: '核销' }).waitFor()
    await page.getByRole('button', { name: '取消' }).click()
  })

  it('learns what became of a redemption whose answer was lost, and does it once', async () => {
    const before = await redemptions()
    let lost = 0
    const lose = async (route: Route) => {
      await route.fetch()
      lost++
      await route.abort('connectionreset')
    }
    await page.route('**/api/v1/redemptions', lose, { times: 1 })
    await scanByKeyboard(page, await code())
    await page.getByRole('button', { name: '核销' }).click()
    await page.getByText('还在确认').waitFor()
    await page.getByText('核销成功').waitFor()
    expect({ lost, made: (await redemptions()) - before }).toEqual({ lost: 1, made: 1 })
    await page.getByText('核销成功').waitFor({ state: 'detached' })
  })

  it('asks on after the page was closed over an answer that never came', async () => {
    const before = await redemptions()
    await page.route('**/api/v1/redemptions', async (route) => {
      await route.fetch()
      await route.abort('connectionreset')
    })
    await scanByKeyboard(page, await code())
    await page.getByRole('button', { name: '核销' }).click()
    await page.getByText('还在确认').waitFor()
    // The page asks again and again: it must be gone before an answer could come through.
    await page.goto('about:blank')
    await page.unroute('**/api/v1/redemptions')
    await page.goto('/merchant/')
    await page.getByText('核销成功').waitFor()
    expect((await redemptions()) - before).toBe(1)
    await page.getByText('核销成功').waitFor({ state: 'detached' })
  })

  it('says so when there is no camera, and goes on without', async () => {
    const other = await openBrowser()
    const { page: blind, context } = await other.person(ground.server.url)
    await context.clearPermissions()
    await setUpTerminal(blind, ground, '小赵')
    await blind.getByText('没有摄像头权限').waitFor()
    await scanByKeyboard(blind, await code())
    await blind.getByRole('button', { name: '核销' }).waitFor()
    await other.close()
  })

  it('ends its shift with totals', async () => {
    await page.getByRole('button', { name: '结束当班' }).click()
    await page.getByText(/本班 \d+ 笔，撤销 1 笔/).waitFor()
    await page.getByRole('button', { name: '确定' }).click()
    await page.getByRole('heading', { name: '开始当班' }).waitFor()
  })

  it('is of no use any more when the union has revoked it', async () => {
    for (const id of await terminals()) {
      await must(ground.maker.ask('POST', `/admin/terminals/${id}/revoke`, {}))
    }
    await page.reload()
    await page.locator('[data-code=TERMINAL_REVOKED]').waitFor()
  })

  async function redemptions(): Promise<number> {
    const { store } = ground.server.deployment
    return store.read.$count(store.read.tables.redemptions)
  }

  async function terminals(): Promise<string[]> {
    const { store } = ground.server.deployment
    const rows = await store.read.select().from(store.read.tables.terminals)
    return rows.filter(({ name }) => name === '一号').map(({ id }) => id)
  }
})
