import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Ground, openGround } from '../http/ground.ts'
import { benefit, counties, type Desk, desk, programme, roster } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { decideLatest, fillApplication, joinCode, shownQr } from './joining.ts'
import { expectFit } from './look.ts'

const [person] = roster(counties[0], 40, 'S').people.slice(30)

describe('getting in', () => {
  let ground: Ground
  let registrar: Desk
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let member: Page
  let fresh: { page: Page; context: BrowserContext }

  beforeAll(async () => {
    ground = await openGround('sqlite')
    const { server, maker } = ground
    registrar = await desk(server, { role: 'registrar' })
    const money = await programme(server, maker.ask)
    await benefit(maker.ask, money, {
      ...{ name: { zh: '入会礼', en: 'Welcome gift' }, on_join: true },
      ...{ supply: 'batch', stock: undefined },
    })
    browser = await openBrowser()
    member = (await browser.person(server.url)).page
    fresh = await browser.person(server.url)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  it('applies with a printed code, waits, and is told what is wrong', async () => {
    await member.goto(`/#/join/${'A'.repeat(22)}`)
    await member.getByText('这个入会码无效').waitFor()
    await expectFit(member, 'joining-unknown')
    await member.goto(`/#/join/${await joinCode(registrar)}`)
    await member.getByLabel('姓名').waitFor()
    await expectAccessible(member)
    await fillApplication(member, { ...person!, idNumber: '123' })
    await member.getByText('请检查：证件号码').waitFor()
    await member.getByLabel('证件号码').fill(person!.idNumber)
    await member.getByRole('button', { name: '提交申请' }).click()
    await member.getByRole('heading', { name: '等待工会审核' }).waitFor()
    await expectFit(member, 'joining-waiting')
    await member.goto('/')
    await member.getByRole('heading', { name: '等待工会审核' }).waitFor()
  })

  it('is asked for more, sends it, and has the card as soon as it is approved', async () => {
    await decideLatest(registrar, { decision: 'ask', reason: '请填写准确的职业' })
    await member.getByText('请填写准确的职业').waitFor()
    await expectFit(member, 'joining-asked')
    await fillApplication(member, person!)
    await member.getByRole('heading', { name: '等待工会审核' }).waitFor()
    await decideLatest(registrar)
    await member.getByText('出示会员证').waitFor()
    expect(new URL(member.url()).hash).toBe('#/')
    await member.getByText('出示会员证').click()
    await member.locator('.qr').waitFor()
  })

  it('finds the welcome voucher there and claims it', async () => {
    const { store } = ground.server.deployment
    await expect.poll(() => store.read.$count(store.read.tables.vouchers)).toBe(1)
    await member.goto('/#/vouchers')
    await member.reload()
    const gift = member.getByRole('link', { name: /入会礼/ })
    await member.getByText('入会礼').waitFor()
    await member.getByRole('button', { name: '收下' }).click()
    await gift.click()
    await member.locator('.qr').waitFor()
  })

  it('moves to a new phone with one scan and one tap; vouchers are there, the old one is out', async () => {
    await member.goto('/#/me')
    await member.getByRole('link', { name: '换新手机' }).click()
    const url = await shownQr(member)
    expect(url).toContain('/#/phone/')
    await expectAccessible(member)
    const { page } = fresh
    await page.goto(url)
    await page.getByRole('button', { name: '转到本机' }).click()
    const digits = await page.locator('.digits').textContent()
    await expectFit(page, 'move-new-digits')
    await member.locator('.digits').waitFor()
    expect(await member.locator('.digits').textContent()).toBe(digits)
    await expectFit(member, 'move-old-digits')
    await member.getByRole('button', { name: '一致，换到新手机' }).click()
    await member.getByText('本机已停用').waitFor()
    await page.getByText('出示会员证').waitFor()
    await page.goto('/#/vouchers')
    await page
      .getByRole('link', { name: /入会礼/ })
      .first()
      .click()
    await page.locator('.qr').waitFor()
    await member.getByRole('button', { name: '好' }).click()
    await member.getByRole('button', { name: '启用' }).waitFor()
    await page.goto('/#/card')
    await page.locator('.qr').waitFor()
  })
})
