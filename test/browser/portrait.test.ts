import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { fromBase64url } from '../../src/base/bytes.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { capsuleText, encodeCapsule, showingOctets } from '../../src/formats/capsule.ts'
import { portraitFault } from '../../src/formats/jpeg.ts'
import { fetchCopies } from '../credentials/device-copies.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { segment } from '../support/portrait.ts'
import { publishOwnList } from '../support/trust.ts'
import { counties, phone } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { comeToDesk, goTo, screen } from './desk-people.ts'
import { expectFit } from './look.ts'
import { setUpPhone } from './people.ts'

/** `npm run screenshots` says where pictures go; the tests take none. */
const folder = process.env.SCREENSHOTS
const which = 5

describe('a portrait on the card', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let member: { context: BrowserContext; page: Page }
  let registrar: Page

  beforeAll(async () => {
    if (folder) mkdirSync(folder, { recursive: true })
    ground = await openGround('sqlite')
    await publishOwnList(ground.server)
    browser = await openBrowser()
    const { server } = ground
    member = await browser.person(server.url)
    await setUpPhone(member.page, ground, which)
    const desk = await browser.person(server.url, { viewport: screen })
    const given = { name: '会籍干事', role: 'registrar', org: counties[0] } as const
    await comeToDesk(server, desk, given)
    registrar = desk.page
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  const card = () => member.page.locator('.white-card .portrait')

  /** Waits until a picture is there, whole and in the pixels of a portrait. */
  async function expectPicture(page: Page, selector: string): Promise<void> {
    await page.locator(selector).waitFor()
    const whole = `(() => { const one = document.querySelector('${selector}')
      return one?.complete && one.naturalWidth === 360 && one.naturalHeight === 480 })()`
    await expect.poll(() => page.evaluate(whole)).toBe(true)
  }

  it('is cropped on the phone, without what the camera wrote into it, and waits', async () => {
    const { page } = member
    await page.goto('/#/me')
    await page.getByRole('link', { name: '照片' }).click()
    const file = page.getByLabel('选择图片').last()
    await file.setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('x') })
    await page.getByText('无法打开这个文件').waitFor()
    await file.setInputFiles({ ...taken, buffer: await photograph(page) })
    await expectPicture(page, '.portrait-try .portrait')
    await page.getByLabel('放大').press('ArrowRight')
    await page.getByLabel('上下').press('ArrowLeft')
    await expectFit(page, 'member-portrait-try')
    await page.getByRole('button', { name: '提交审核' }).click()
    await page.getByText('等待工会审核').waitFor()
    await expectFit(page, 'member-portrait-waiting')
    const { server, maker, people } = ground
    const own = await phone(server, maker.ask, people[which]!.memberNo)
    const { waiting } = await must(own.ask('GET', '/me/portrait'))
    const given = fromBase64url((waiting as unknown as { jpeg: string }).jpeg) ?? new Uint8Array()
    expect(portraitFault(given)).toBeUndefined()
    expect(Buffer.from(given).toString('latin1')).not.toMatch(/Exif|GPS|ICC_PROFILE/)
    await page.goto('/#/')
    await page.getByText(ground.people[which]!.memberNo).waitFor()
    expect(await page.locator('.portrait').count()).toBe(0)
  })

  it('is looked at and accepted at the desk', async () => {
    await goTo(registrar, '会员照片')
    await registrar.getByRole('button', { name: /^查看/ }).click()
    await expectPicture(registrar, 'main img')
    await look('desk-portraits')
    await registrar.getByRole('combobox', { name: '审核' }).selectOption({ label: '通过' })
    await registrar.getByRole('button', { name: '审核' }).click()
    await registrar.getByText('还没有内容').waitFor()
    await expectAccessible(registrar)
  })

  it('is on the home card and the card that is shown, without a network too', async () => {
    const { context, page } = member
    await page.reload()
    await expectPicture(page, '.card.id .portrait')
    await expectFit(page, 'member-home-portrait')
    await page.evaluate('navigator.serviceWorker.ready.then(() => 1)')
    await page.goto('/#/card')
    await expectPicture(page, '.white-card .portrait')
    await expectFit(page, 'member-card-portrait')
    await context.setOffline(true)
    await page.reload()
    await expectPicture(page, '.white-card .portrait')
    await page.goto('/#/')
    await expectPicture(page, '.card.id .portrait')
    await context.setOffline(false)
  })

  it('is not shown by a phone whose credential does not vouch for it', async () => {
    const { context, page } = member
    await context.setOffline(true)
    await page.evaluate(`new Promise((done) => {
      indexedDB.open('symbolon').onsuccess = ({ target }) => {
        const kept = target.result.transaction('kept', 'readwrite')
        kept.objectStore('kept').delete('credentials')
        kept.oncomplete = () => done(1)
      }
    })`)
    await page.goto('/#/card')
    await page.reload()
    await page.locator('.qr').waitFor()
    await page.waitForTimeout(500)
    expect(await card().count()).toBe(0)
    await context.setOffline(false)
    await page.reload()
    await expectPicture(page, '.white-card .portrait')
  })

  it('is said to be on record to who checks the card, and no more', async () => {
    const { page } = await browser.person(ground.server.url)
    await page.goto('/verify/')
    await page.getByText('可离线核验').waitFor()
    for (const [person, words] of [
      [which, '工会登记有此会员的照片。对方屏幕上的照片，本页无法核对。'],
      [6, '此会员证没有登记照片。'],
    ] as const) {
      await page.getByLabel('或粘贴会员码文字').fill(await shown(person))
      await page.getByRole('button', { name: '核验', exact: true }).click()
      await page.getByText('有效', { exact: true }).waitFor()
      await page.getByText(words).waitFor()
      if (person === which) await expectFit(page, 'verify-portrait')
      await page.getByRole('button', { name: '继续核验' }).click()
    }
  })

  it('is gone from the card once the member takes it back', async () => {
    const { page } = member
    await page.goto('/#/portrait')
    await page.getByText('正在使用').waitFor()
    await page.getByRole('button', { name: '删除照片' }).click()
    await page.getByRole('button', { name: '确定' }).click()
    await page.getByText('还没有照片').waitFor()
    await page.goto('/#/card')
    await page.locator('.qr').waitFor()
    await card().waitFor({ state: 'detached' })
  })

  /** A card as another phone of the member's shows it now. */
  async function shown(person: number): Promise<string> {
    const { server, maker, people } = ground
    const own = await phone(server, maker.ask, people[person]!.memberNo)
    await fetchCopies(server, own, 1)
    const { pass } = await must(own.ask('GET', '/me/pass'))
    const octets = fromBase64url(String(pass)) ?? new Uint8Array()
    const at = { timeSeconds: Math.floor(server.now / 1000), counter: 1 }
    const showing = {
      purpose: 'identity' as const,
      ...at,
      challenge: undefined,
      voucher: undefined,
    }
    const signature = own.key.sign(showingOctets(octets, showing))
    return capsuleText(encodeCapsule(octets, showing, signature))
  }

  /** Takes the desk's picture in both languages, in light and dark. */
  async function look(name: string): Promise<void> {
    await expectAccessible(registrar)
    if (!folder) return
    for (const [language, theme] of [
      ['en', 'dark'],
      ['zh', 'light'],
    ] as const) {
      await registrar.emulateMedia({ colorScheme: theme })
      await registrar.getByRole('button', { name: language === 'en' ? 'English' : '中文' }).click()
      await registrar.screenshot({ path: join(folder, `${name}-${language}-${theme}.png`) })
    }
  }
})

const taken = { name: 'IMG_0001.jpg', mimeType: 'image/jpeg' }

/** What a camera takes: wide, large, and with a place in it. */
async function photograph(page: Page): Promise<Buffer> {
  const drawn = await page.evaluate<string>(`(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 1600
    canvas.height = 1200
    const pen = canvas.getContext('2d')
    const disc = (x, y, r, colour) => {
      pen.fillStyle = colour
      pen.beginPath()
      pen.arc(x, y, r, 0, 7)
      pen.fill()
    }
    pen.fillStyle = '#9fc3df'
    pen.fillRect(0, 0, 1600, 1200)
    for (let i = 0; i < 4000; i++) {
      pen.fillStyle = 'rgb(' + (i * 37) % 256 + ' ' + (i * 61) % 256 + ' ' + (i * 89) % 256 + ' / 8%)'
      pen.fillRect((i * 997) % 1600, (i * 613) % 1200, 14, 14)
    }
    disc(800, 1180, 380, '#2b4a7a')
    disc(800, 560, 250, '#e7b98f')
    disc(800, 430, 235, '#2a211c')
    disc(800, 600, 220, '#e7b98f')
    disc(715, 580, 22, '#2a211c')
    disc(885, 580, 22, '#2a211c')
    pen.fillStyle = '#a8463f'
    pen.fillRect(740, 700, 120, 22)
    return canvas.toDataURL('image/jpeg', 0.95)
  })()`)
  const bare = Buffer.from(drawn.split(',')[1] ?? '', 'base64')
  const exif = segment(0xe1, 'Exif\0\0MM\0*\0\0\0\x08 GPS 38.47 106.27')
  return Buffer.concat([bare.subarray(0, 2), exif, bare.subarray(2)])
}
