import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { openBrowser } from './browser.ts'

describe('a phone whose network drops files, and that is set up twice', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page

  beforeAll(async () => {
    ground = await openGround('sqlite')
    browser = await openBrowser()
    page = (await browser.person(ground.server.url)).page
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  const setUp = async () => {
    const { maker, people } = ground
    const memberNo = people[3]!.memberNo
    const { id } = await must(maker.ask('POST', '/admin/members/search', { member_no: memberNo }))
    const given = await must(maker.ask('POST', `/admin/members/${id}/activations`, {}), 201)
    await page.getByLabel('会员编号').fill(memberNo)
    await page.getByLabel('激活码').fill(String(given.activation_code))
    await page.getByRole('button', { name: '启用' }).click()
    await page.getByText(memberNo).waitFor()
    return memberNo
  }

  it('shows the rest of a page when a part never arrives, and the part once it does', async () => {
    const context = page.context()
    // The worker that keeps the files would have them at once.
    await context.route('**/sw.js', (route) => route.abort())
    await context.route(/\/assets\/rights-.*\.js$/, (route) => route.abort())
    await page.goto('/')
    await setUp()
    await page.getByRole('link', { name: '权益' }).click()
    await page.getByText('这一部分没有取到。').waitFor()
    await page.getByRole('link', { name: '首页' }).click()
    await page.getByRole('heading', { name: '工会会员' }).waitFor()
    await page.getByRole('link', { name: '权益' }).click()
    await context.unroute(/\/assets\/rights-.*\.js$/)
    await page.getByRole('button', { name: '重新打开' }).click()
    await page.getByRole('heading', { name: '权益' }).waitFor()
  })

  it('is still the member’s after it was left, set up again and closed', async () => {
    await page.getByRole('link', { name: '我的' }).click()
    await page.getByRole('button', { name: '从本机移除会员卡' }).click()
    await page.getByRole('button', { name: '确定' }).click()
    const memberNo = await setUp()
    await page.reload()
    await page.getByText(memberNo).waitFor()
  })
})
