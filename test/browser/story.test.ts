import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { pin } from '../support/counter.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { cameraArguments, showNothing, showScreen } from './camera.ts'

const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

describe('a member and a merchant, on their pages', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let member: Page
  let merchant: Page

  beforeAll(async () => {
    showNothing(video)
    ground = await openGround('sqlite')
    browser = await openBrowser(cameraArguments(video))
    member = (await browser.person(ground.server.url)).page
    merchant = (await browser.person(ground.server.url)).page
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  it('sets a phone up with an activation code', async () => {
    const { maker, people } = ground
    const memberNo = people[1]!.memberNo
    const found = await must(maker.ask('POST', '/admin/members/search', { member_no: memberNo }))
    const path = `/admin/members/${found.id}/activations`
    const { activation_code: code } = await must(maker.ask('POST', path, {}), 201)
    await member.goto('/')
    await expectAccessible(member)
    await member.getByLabel('会员编号').fill(memberNo)
    await member.getByLabel('激活码').fill(String(code))
    await member.getByRole('button', { name: '启用' }).click()
    await member.getByText(memberNo).waitFor()
    await expectAccessible(member)
  })

  it('claims a voucher and shows why it may', async () => {
    await member.getByRole('link', { name: '权益' }).click()
    await member.getByRole('link', { name: /领取/ }).first().click()
    await member.getByRole('heading', { name: '已符合' }).waitFor()
    await expectAccessible(member)
    await member.getByRole('button', { name: '领取' }).click()
    await member.getByText('已领取').waitFor()
  })

  it('provisions a terminal and opens a shift by PIN', async () => {
    const { maker, shop } = ground
    const at = `/admin/stores/${shop.storeId}`
    const { id } = await must(maker.ask('POST', `${at}/terminals`, { name: '一号' }), 201)
    await must(maker.ask('POST', `${at}/cashiers`, { name: '小李', pin }), 201)
    const path = `/admin/terminals/${id}/provisionings`
    const { token } = await must(maker.ask('POST', path, {}), 201)
    await merchant.goto(`/merchant/#token=${token}`)
    await expectAccessible(merchant)
    await merchant.getByRole('button', { name: '启用', exact: true }).click()
    await merchant.getByLabel('店员').selectOption({ label: '小李' })
    await merchant.getByLabel('密码').fill(pin)
    await expectAccessible(merchant)
    await merchant.getByRole('button', { name: '开始' }).click()
    await merchant.getByText('请对准会员的券码').waitFor()
  })

  it('redeems what the camera sees on the phone, and refuses it a second time', async () => {
    await member.getByRole('link', { name: '券包' }).last().click()
    await member.locator('main .card').first().click()
    await member.getByRole('img', { name: /券码/ }).waitFor()
    await expectAccessible(member)
    await showScreen(video, member, '.white-card')
    await merchant.getByRole('button', { name: '核销' }).waitFor()
    await expectAccessible(merchant)
    await merchant.getByRole('button', { name: '核销' }).click()
    await merchant.getByText('核销成功').waitFor()
    await expectAccessible(merchant)
    await merchant.getByText('核销成功').waitFor({ state: 'detached' })
    await merchant.reload()
    await merchant.getByText('首次核销').waitFor()
    expect(await merchant.locator('.answer').getAttribute('data-mood')).toBe('bad')
  })
})
