import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { said } from '../joining/applicant.ts'
import { benefit, claim, counties, roster } from '../support/union.ts'
import { openBrowser } from './browser.ts'
import { comeToDesk, screen } from './desk-people.ts'

const gift = { zh: '端午礼包', en: 'Dragon Boat package' }
const mostStops = 150

/**
 * Where the focus is: what it is called, and whether it looks otherwise than without it. Whatever
 * moves is brought to its end first.
 */
const stop = `(() => {
  const el = document.activeElement
  if (!el || el === document.body) return { name: '', seen: true }
  const around = [el, el.parentElement, el.nextElementSibling].filter(Boolean)
  const looks = () => {
    for (const one of document.getAnimations()) { try { one.finish() } catch {} }
    return JSON.stringify(around.map((one) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } =
        getComputedStyle(one)
      return [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor]
    }))
  }
  const focused = looks()
  const ring = getComputedStyle(el)
  const ringed = ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) > 0
  let seen = el.matches(':focus-visible') && ringed
  if (!seen) {
    el.blur()
    seen = looks() !== focused
    el.focus()
  }
  const label = el.labels?.[0]?.innerText ?? ''
  const name = el.getAttribute('aria-label') || label || el.innerText || ''
  const chosen = el.tagName === 'SELECT' ? el.selectedOptions[0]?.label : undefined
  return { name: name.trim(), href: el.getAttribute('href') ?? '', tag: el.tagName, seen, chosen }
})()`

interface Stop {
  readonly name: string
  readonly href?: string
  readonly tag?: string
  readonly seen: boolean
  readonly chosen?: string
}

/** Goes on by Tab until the focus is on what is called so; it can be seen at each stop. */
async function reach(page: Page, what: string): Promise<void> {
  const passed: string[] = []
  for (let i = 0; i < mostStops; i++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate<Stop>(stop)
    expect([at.name, at.tag, at.seen]).toEqual([at.name, at.tag, true])
    if (at.name.replace(/\s*\*$/, '') === what || at.href === what) return
    passed.push(at.name)
  }
  throw new Error(`no stop is called ${what}: ${passed.join(' | ')}`)
}

async function press(page: Page, what: string): Promise<void> {
  await reach(page, what)
  await page.keyboard.press('Enter')
}

async function type(page: Page, what: string, text: string): Promise<void> {
  await reach(page, what)
  await page.keyboard.type(text)
}

describe('the desk by keyboard alone', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let maker: Page
  let chief: Page

  beforeAll(async () => {
    ground = await openGround('sqlite')
    const supply = { supply: 'batch', stock: undefined, name: gift }
    await benefit(ground.maker.ask, ground.programmeId, supply)
    browser = await openBrowser()
    const first = await browser.person(ground.server.url, { viewport: screen })
    await comeToDesk(ground.server, first, { name: '王敏', role: 'maker' })
    maker = first.page
    const second = await browser.person(ground.server.url, { viewport: screen })
    await comeToDesk(ground.server, second, { name: '李强', role: 'admin' })
    chief = second.page
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  it('makes a batch, tries it out, submits, approves with a passkey, and runs it', async () => {
    await press(maker, '发放批次')
    await maker.getByRole('heading', { name: '发放批次', level: 1 }).waitFor()
    await maker.getByText(gift.zh).first().waitFor({ state: 'attached' })
    await reach(maker, '权益')
    for (let i = 0; i < 5; i++) {
      if ((await maker.evaluate<Stop>(stop)).chosen === gift.zh) break
      await maker.keyboard.press('ArrowDown')
    }
    await type(maker, '工会组织代码', counties[0])
    await press(maker, '起草')
    await maker.getByRole('button', { name: '试算' }).waitFor()
    await press(maker, '试算')
    await maker.getByRole('button', { name: '提交审批' }).waitFor()
    await press(maker, '提交审批')
    await maker.locator('[data-state=submitted]').waitFor()
    const batch = new URL(maker.url()).hash

    await press(chief, '待我审批')
    await chief.locator(`a[href="${batch}"]`).waitFor()
    await press(chief, batch)
    await chief.locator('[data-digest]').waitFor()
    await press(chief, '用通行密钥批准')
    await chief.locator('[data-state=approved]').waitFor()

    await maker.reload()
    await maker.getByRole('button', { name: '开始发放' }).waitFor()
    await press(maker, '开始发放')
    await maker.locator('[data-state=completed]').waitFor()
  }, 60_000)

  it('decides an application', async () => {
    const { server, maker: union } = ground
    const { ask } = union
    const { code } = await must(ask('POST', '/admin/join-codes', { org_code: counties[0] }), 201)
    const stranger = roster(counties[0], 40, 'S').people[30]!
    const applying = { code, ...said(stranger) }
    await must(keyAgent(server).ask('POST', '/applications', applying), 201)
    await press(chief, '入会申请')
    await chief.getByRole('button', { name: '决定' }).waitFor()
    await reach(chief, '决定') // the choices, of which the first is to approve
    await press(chief, '决定')
    const state = async () => {
      const { items } = await must(ask('GET', `/admin/applications?org_code=${counties[0]}`))
      return (items as unknown as { state: string }[]).at(-1)?.state
    }
    await expect.poll(state).toBe('approved')
  })

  it('suspends a voucher', async () => {
    const id = await claim(ground.member, ground.benefitId)
    await chief.goto(`/admin/#/vouchers/${id}`)
    await chief.getByRole('button', { name: '暂停' }).waitFor()
    await press(chief, '暂停')
    await chief.locator('[data-state=suspended]').waitFor()
  })

  it('moves an organisation', async () => {
    await chief.goto(`/admin/#/organisations/${counties[0]}`)
    await chief.getByLabel('新的上级代码').waitFor()
    await type(chief, '新的上级代码', '640200')
    await press(chief, '移动')
    const parent = async () =>
      (await must(ground.maker.ask('GET', `/admin/organisations/${counties[0]}`))).parent_code
    await expect.poll(parent).toBe('640200')
  })
})
