import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround, submittedBatch } from '../http/ground.ts'
import { benefit, claim, counties } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { comeToDesk, screen } from './desk-people.ts'

const folder = process.env.SCREENSHOTS

describe('the dashboard', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page

  beforeAll(async () => {
    if (folder) mkdirSync(folder, { recursive: true })
    ground = await openGround('sqlite')
    const { maker, programmeId, member, till, benefitId } = ground
    const given = await benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
    await submittedBatch(ground, given)
    const voucher = await claim(member, benefitId)
    const code = await member.code(voucher)
    await must(till.ask('POST', '/redemptions', { code }), 201)
    browser = await openBrowser()
    const person = await browser.person(ground.server.url, { viewport: screen })
    page = person.page
    await comeToDesk(ground.server, person, { name: '李强', role: 'admin' })
    await page.goto('/admin/#/')
    await page.getByRole('heading', { name: '数据看板' }).waitFor()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  const shown = (step: string) => page.locator(`[data-total=${step}]`)
  const funnel = async (query = '') => {
    const found = await must(ground.maker.ask('GET', `/admin/funnel${query}`))
    return found as unknown as {
      readonly total: Record<string, number>
      readonly items: { key: string }[]
      readonly behind: number
    }
  }

  it('shows the figures that the API gives, and new ones by itself', async () => {
    await expect.poll(async () => (await funnel()).behind).toBe(0)
    const { total } = await funnel()
    expect(total.issued).toBeGreaterThan(0)
    for (const step of ['issued', 'claimed', 'redeemed', 'settled']) {
      await shown(step).getByText(String(total[step]), { exact: true }).waitFor()
    }
    const { phone } = await import('../support/union.ts')
    const other = await phone(ground.server, ground.maker.ask, ground.people[1]!.memberNo)
    await claim(other, ground.benefitId)
    const more = String(total.issued! + 1)
    await shown('issued').getByText(more, { exact: true }).waitFor({ timeout: 15_000 })
  })

  it('has behind the chart a table with the same rows, and says the chart in words', async () => {
    const chart = page.locator('figure.chart').first()
    await chart.locator('svg').first().waitFor()
    expect(await chart.locator('figcaption').textContent()).toContain('发放 2')
    await page
      .getByRole('radiogroup', { name: /从发放到结算/ })
      .getByText('表')
      .click()
    const table = page.getByRole('region', { name: '从发放到结算' })
    const { items } = await funnel()
    await expect.poll(() => table.getByRole('row').count()).toBe(items.length + 2)
    expect(await table.getByRole('row').last().textContent()).toContain('合计2')
  })

  it('goes down the tree, and up again, by keyboard alone', async () => {
    const table = page.getByRole('region', { name: '从发放到结算' })
    const { items } = await funnel()
    const down = table.getByRole('button').first()
    await down.focus()
    await page.keyboard.press('Enter')
    const path = page.getByRole('navigation', { name: '位置' })
    await expect.poll(() => path.getByRole('button').count()).toBe(1)
    const below = await funnel(`?org_code=${items[0]!.key}`)
    expect(below.items).toMatchObject([{ key: counties[0] }])
    await expect.poll(() => table.getByRole('row').count()).toBe(below.items.length + 2)
    await path.getByRole('button').first().focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => path.getByRole('button').count()).toBe(0)
  })

  it('tells what waits, and hands the figures on as files', async () => {
    await page.getByRole('link', { name: '有批次等待审批' }).waitFor()
    for (const [name, file] of [
      ['导出 CSV', 'funnel.csv'],
      ['导出 Excel', 'funnel.xlsx'],
    ]) {
      const saved = page.waitForEvent('download')
      await page.getByRole('link', { name: name! }).click()
      expect((await saved).suggestedFilename()).toBe(file)
    }
  })

  it.each([
    { language: 'zh', theme: 'light', width: 1280 },
    { language: 'en', theme: 'dark', width: 1280 },
    { language: 'en', theme: 'light', width: 640 },
  ])('is readable by everybody: $language, $theme, $width', async ({ language, theme, width }) => {
    await page.setViewportSize({ width, height: 900 })
    await page.evaluate(
      `localStorage.setItem('language', '${language}');
      localStorage.setItem('mantine-color-scheme-value', '${theme}')`,
    )
    await page.reload()
    await page.locator('figure.chart svg').first().waitFor()
    await page.waitForTimeout(1500) // the bars grow
    await expectAccessible(page)
    if (!folder) return
    const path = join(folder, `dashboard-${language}-${theme}-${width}.png`)
    await page.screenshot({ path, fullPage: true })
  })
})
