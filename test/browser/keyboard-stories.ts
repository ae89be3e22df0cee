import type { Page } from 'playwright-core'
import { expect } from 'vitest'

import { minute, second } from '../../src/base/clock.ts'
import { type Ask, keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import type { Ground } from '../http/ground.ts'
import { said } from '../joining/applicant.ts'
import { counties, province } from '../support/union.ts'
import { choose, expectFocus, pick, press, reach, sure, type, typeTime } from './by-keyboard.ts'
import { type openDesk, runnerOfDraws } from './desk-people.ts'

type Opened = Awaited<ReturnType<typeof openDesk>>

/** Two unions move members between them: one asks, the other agrees, or refuses with a reason. */
export async function moveBetweenUnions({ ground, come }: Opened): Promise<void> {
  const { server, maker: union, people } = ground
  const [from, to] = counties
  const [old, next] = await Promise.all([
    come('原干事', 'registrar', from),
    come('新干事', 'registrar', to),
  ])
  const { code } = await must(union.ask('POST', '/admin/join-codes', { org_code: to }), 201)
  const applying = { code, ...said(people[5]!) }
  await must(keyAgent(server).ask('POST', '/applications', applying), 201)
  await press(next, '入会申请')
  await reach(next, '决定')
  await press(next, '决定')
  await press(next, '请原工会同意转会')
  await next.getByText('已请原工会同意').waitFor()

  await press(old, '转会')
  await choose(old, '办理', '原工会：同意转出')
  await press(old, '办理')
  await expectFocus(old, '转会')
  await choose(old, '显示哪些', '已完成')
  await old.getByRole('cell', { name: people[5]!.memberNo }).waitFor()

  await type(old, '会员编号', people[6]!.memberNo)
  await type(old, '新工会组织代码', to)
  await press(old, '提出转会')
  await choose(old, '显示哪些', '待同意')
  await old.getByRole('cell', { name: people[6]!.memberNo }).waitFor()
  await press(next, '转会')
  await next.getByRole('cell', { name: people[6]!.memberNo }).waitFor()
  await choose(next, '办理', '新工会：不同意')
  await type(next, '理由（会告诉会员）', '请先办理入职手续')
  await press(next, '办理')
  await expectFocus(next, '转会')
  await choose(next, '显示哪些', '未同意')
  await next.getByText('没有同意：请先办理入职手续').waitFor()
}

/** A benefit whose only unit is drawn: written, published and committed to. */
export async function writeBenefit({ ground }: Opened, chief: Page): Promise<void> {
  const { programmeId } = ground
  await press(chief, '项目与预算')
  await press(chief, `#/programmes/${programmeId}`)
  await expectFocus(chief, '项目')
  await press(chief, '新建权益')
  await writeDrawn(chief, ground)
  await chief.getByRole('heading', { name: '项目', level: 1 }).waitFor()
  await sure(chief, '发布')
  await chief.locator('[data-state=draft]').waitFor({ state: 'detached' })
  await press(chief, '抽签')
  await sure(chief, '承诺种子')
  await chief.locator('[data-state=open]').waitFor()
  await expectFocus(chief, '抽签')
}

/** It is drawn, the result is looked at, and an auditor comes to the same. */
export async function drawBenefit(
  { ground, runner }: Opened,
  { chief, auditor }: Readonly<Record<'chief' | 'auditor', Page>>,
): Promise<void> {
  const { server, maker: union, member } = ground
  const [draw] = (await must(union.ask('GET', '/admin/draws'))).items as unknown as {
    readonly [field in 'id' | 'benefit_id' | 'proof']: string
  }[]
  server.now += 5 * minute
  await must(member.ask('POST', `/benefits/${draw!.benefit_id}/entries`, {}), 201)
  runner.hold(runnerOfDraws)
  server.now += minute + second
  const state = async () => (await must(union.ask('GET', `/admin/draws/${draw!.id}/proof`))).state
  await expect.poll(state).toBe('closed')
  await chief.reload()
  await sure(chief, '开奖')
  await chief.locator('[data-state=drawn], [data-state=done]').waitFor()
  runner.release()
  await expectFocus(chief, '抽签')
  await press(chief, `${draw!.proof}winners`)
  await chief.waitForURL('**/winners')
  await chief.goBack()

  await press(auditor, '账本完整性')
  await press(auditor, '现在验证')
  await auditor.locator('[data-intact=true]').waitFor()
  await expectFocus(auditor, '再验证一次')
  await press(auditor, '抽签核验')
  await type(auditor, '抽签编号', draw!.id)
  await press(auditor, '验证')
  await auditor.locator('[data-draw=good]').waitFor()
  await expectFocus(auditor, '验证')
}

/** Goes through the wizard: for couriers, one unit, drawn in five minutes for a minute. */
async function writeDrawn(page: Page, { server: { now }, maker, people }: Ground): Promise<void> {
  const china = (at: number) => new Date(at + 8 * 60 * minute).toISOString().slice(0, 16)
  await type(page, '每次付给商户（元）', '10')
  await type(page, '中文名称', '电影票')
  await type(page, '英文名称', 'film ticket')
  await type(page, '中文说明', '看一场电影')
  await type(page, '英文说明', 'one film')
  await type(page, '面值（元）', '10')
  const goOn = async (part: string) => {
    await press(page, '下一步')
    await expectFocus(page, part)
  }
  await goOn('给谁')
  await writeRule(page, maker.ask)
  await type(page, '用一位会员试一试（会员编号）', people[0]!.memberNo)
  await page.keyboard.press('Enter')
  await page.getByRole('status').getByText('可以领取').waitFor()
  await page.getByRole('status').getByText('✓').first().waitFor()
  await goOn('在哪里')
  await goOn('何时')
  await typeTime(page, '从哪天起', china(now).slice(0, 10))
  await typeTime(page, '到哪天止（含）', '2026-12-31')
  await goOn('多少')
  await pick(page, '按批次发给指定的人', '开放库存，会员自己领取')
  await type(page, '库存数量', '1')
  await choose(page, '怎样分', '抽签：先报名，后开奖')
  await typeTime(page, '报名开始', china(now + 5 * minute))
  await typeTime(page, '报名截止', china(now + 6 * minute))
  await goOn('核对')
  await page.getByText('开放库存，会员自己领取: 1').waitFor()
  await press(page, '保存草稿')
}

/** Couriers of thirty or more, of whom as many are counted as the API finds; a slip is taken out. */
async function writeRule(page: Page, ask: Ask): Promise<void> {
  const add = async (kind: string) => {
    await press(page, '添加条件')
    await choose(page, '条件', kind, 'Shift+Tab')
  }
  await add('年龄（周岁）')
  await type(page, '值', '90')
  await page.locator('[data-eligible="0"]').waitFor()
  await add('职业')
  await reach(page, '取值')
  for (const key of ['Backspace', 'ArrowDown', 'Enter', 'Escape']) await page.keyboard.press(key)
  await type(page, '值', '30', 'Shift+Tab')
  await add('劳模')
  await press(page, '删除条件')
  await expectFocus(page, '领取条件')
  const all = [{ age: { op: 'ge', years: 30 } }, { fact: 'occupation', op: 'eq', value: 'courier' }]
  const asked = { criteria: { all }, org_code: province }
  const { eligible } = await must(ask('POST', '/admin/criteria/preview', asked))
  expect(eligible).toBeGreaterThan(0)
  await page.locator(`[data-eligible="${eligible}"]`).waitFor()
}
