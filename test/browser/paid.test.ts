import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { closeStatements } from '../../src/jobs/close-statements.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { claim, desk } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { cameraArguments, showNothing } from './camera.ts'
import { monthsPass, scanByKeyboard, setUpManager } from './people.ts'

const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

describe('a merchant that is paid, on its pages', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page

  beforeAll(async () => {
    showNothing(video)
    ground = await openGround('sqlite')
    browser = await openBrowser(cameraArguments(video))
    page = (await browser.person(ground.server.url)).page
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  it('redeems, and finds it in the list of today', async () => {
    const { member, benefitId } = ground
    await setUpManager(page, ground, '店长')
    await scanByKeyboard(page, member.code(await claim(member, benefitId)))
    await page.getByRole('button', { name: '核销' }).click()
    await page.getByText('核销成功').waitFor()
    await page.getByText('核销成功').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: '店务' }).click()
    await page.getByRole('link', { name: '今日核销' }).click()
    await page.getByText('1 笔，撤销 0 笔').waitFor()
    expect(await page.locator('video').count()).toBe(0)
    await expectAccessible(page)
  })

  it('gets its month’s statement, reads its lines and confirms it', async () => {
    const { server } = ground
    const { store, deployment, clock } = server
    monthsPass(server)
    expect(await closeStatements({ store, node: deployment.node, clock })).toBe(1)
    await page.getByRole('link', { name: '返回' }).click()
    await page.getByRole('link', { name: '对账单' }).click()
    await page.getByText('待确认').click()
    await page.getByText('洗车券').waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: '确认无误' }).click()
    await page.getByText('已确认，等待审批').waitFor()
  })

  it('keeps it as PDF and CSV files', async () => {
    for (const [name, head] of [
      ['PDF（打印）', '%PDF-'],
      ['CSV（UTF-8）', '\uFEFF序号'],
    ] as const) {
      const saved = page.waitForEvent('download')
      await page.getByRole('button', { name }).click()
      const path = await (await saved).path()
      expect(readFileSync(path).toString('utf8').startsWith(head)).toBe(true)
    }
  })

  it('sees that two of the union approved it, and the bank’s reference', async () => {
    const { server } = ground
    const clerk = await desk(server)
    const { items } = await must(clerk.ask('GET', '/admin/statements'))
    const [{ id, digest }] = items as [{ id: string; digest: string }]
    for (let i = 0; i < 2; i++) {
      const approver = await desk(server, { role: 'approver' })
      await must(approver.ask('POST', `/admin/statements/${id}/approve`, { digest }))
    }
    const pay = { bank_reference: 'ICBC2026080200017' }
    await must(clerk.ask('POST', `/admin/statements/${id}/mark-paid`, pay))
    await page.reload()
    await page.getByText('已付款').waitFor()
    await page.getByText('银行流水号 ICBC2026080200017').waitFor()
  })

  it('disputes the next one, and reads the union’s answer', async () => {
    const { server } = ground
    const clerk = await desk(server)
    const { items } = await must(clerk.ask('GET', '/admin/statements'))
    const [{ id }] = items as [{ id: string }]
    const given = { programme_id: ground.programmeId, amount: 700, reason: 'price_corrected' }
    await must(clerk.ask('POST', `/admin/statements/${id}/adjustments`, given), 201)
    monthsPass(server)
    const { store, deployment, clock } = server
    expect(await closeStatements({ store, node: deployment.node, clock })).toBe(1)
    await page.goto('/merchant/#/statements')
    await page.getByText('待确认').click()
    await page.getByRole('button', { name: '有异议' }).click()
    await page.getByLabel('哪里不对？').selectOption({ label: '少了核销' })
    await page.getByLabel('补充说明（可不填）').fill('少一笔')
    await expectAccessible(page)
    await page.getByRole('button', { name: '提交异议' }).click()
    await page.getByText('有异议，工会处理中').waitFor()
    const fresh = await desk(server)
    const list = await must(fresh.ask('GET', '/admin/statements?state=disputed'))
    const [disputed] = list.items as [{ id: string }]
    const answer = { answer: '已核实，下月补付' }
    await must(fresh.ask('POST', `/admin/statements/${disputed.id}/answer`, answer))
    await page.reload()
    await page.getByText('工会答复：已核实，下月补付').waitFor()
  })

  it('prints a code of the store on one page of A4, in both languages', async () => {
    await page.goto('/merchant/#/code')
    await page.locator('.sheet .qr').waitFor()
    await expectAccessible(page)
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByRole('button', { name: '打印' }).isVisible()).toBe(false)
    expect(await page.getByText('本店接受工会会员权益').isVisible()).toBe(true)
    expect(await page.getByText('Union members’ benefits are welcome here').isVisible()).toBe(true)
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true })
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1)
    if (process.env.SCREENSHOTS) {
      await page.setViewportSize({ width: 794, height: 1123 })
      await page.screenshot({ path: join(process.env.SCREENSHOTS, 'merchant-code-print.png') })
    }
    await page.emulateMedia({ media: null })
    await page.getByRole('link', { name: '返回' }).click()
    await page.getByRole('link', { name: '返回收银' }).click()
    await page.getByText('请对准会员的券码').waitFor()
  })
})
