import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Ground, openGround } from '../http/ground.ts'
import { openBrowser } from './browser.ts'
import { cameraArguments, showNothing, showScreen } from './camera.ts'
import { setUpPhone, setUpTerminal } from './people.ts'

const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

describe('without a network', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let phone: { context: BrowserContext; page: Page }

  beforeAll(async () => {
    showNothing(video)
    ground = await openGround('sqlite')
    browser = await openBrowser(cameraArguments(video))
    phone = await browser.person(ground.server.url)
    const { page } = phone
    await setUpPhone(page, ground, 3)
    await page.goto('/#/rights')
    await page.getByRole('link', { name: /领取/ }).first().click()
    await page.getByRole('button', { name: '领取' }).click()
    await page.getByText('已领取').waitFor()
    await page.evaluate('navigator.serviceWorker.ready.then(() => 1)')
    // What it knows of is what it keeps: the voucher is among that once it is shown.
    await page.goto('/#/vouchers')
    await page.locator('main a.card').first().waitFor()
    await page.goto('/#/card')
    await page.locator('.qr').waitFor()
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  it('shows card and code after a reload, and says how old what it knows is', async () => {
    const { context, page } = phone
    await context.setOffline(true)
    await page.reload()
    await page.locator('.qr').waitFor()
    await page.getByText('没有网络。上次更新').waitFor()
    await page.getByRole('link', { name: '券包' }).click()
    await page.locator('main a.card').first().click()
    await page.locator('.qr').waitFor()
  })

  it('makes a code that redeems where the merchant is online', async () => {
    const { page: counter } = await browser.person(ground.server.url)
    await setUpTerminal(counter, ground, '小孙')
    await showScreen(video, phone.page, '.white-card')
    await counter.getByRole('button', { name: '核销' }).click()
    await counter.getByText('核销成功').waitFor()
  })

  it('learns of it when the network is back', async () => {
    await phone.context.setOffline(false)
    await phone.page.goto('/#/vouchers')
    await phone.page.reload()
    await phone.page.getByRole('region', { name: '已用' }).locator('a.card').waitFor()
  })

  it('keeps nothing on the phone that says whose it is', async () => {
    const kept = await phone.page.evaluate<string>(`(async () => {
      const text = (value) => JSON.stringify(value, (_, one) =>
        one instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(one)) :
        ArrayBuffer.isView(one) ? String.fromCharCode(...new Uint8Array(one.buffer)) : one)
      let all = text({ ...localStorage }) + text({ ...sessionStorage }) + document.cookie
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise((done) => { const r = indexedDB.open(name); r.onsuccess = () => done(r.result) })
        for (const table of db.objectStoreNames) {
          const asked = db.transaction(table).objectStore(table).getAll()
          all += text(await new Promise((done) => { asked.onsuccess = () => done(asked.result) }))
        }
      }
      for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        for (const request of await cache.keys()) all += request.url
      }
      return all
    })()`)
    const { name, memberNo } = ground.people[3]!
    expect(kept.length).toBeGreaterThan(500)
    for (const secret of [name, memberNo, '兴庆区总工会']) expect(kept).not.toContain(secret)
  })
})
