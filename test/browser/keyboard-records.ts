import type { Page } from 'playwright-core'
import { expect } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { storeReconciliation } from '../../src/ledger/day.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import type { Ground } from '../http/ground.ts'
import { claim, till } from '../support/union.ts'
import { choose, expectFocus, press, reach, sure, type, typeTime } from './by-keyboard.ts'

/**
 * A member's record, from the search to a code for a new card, and one of the member's vouchers;
 * answers the one that is issued in its place.
 */
export async function keepRecord(ground: Ground, page: Page): Promise<string> {
  const { maker, member, benefitId, people } = ground
  const id = await claim(member, benefitId)
  await press(page, '会员')
  await reach(page, '会员编号') // the way to look, and then the field
  await type(page, '会员编号', people[0]!.memberNo)
  await press(page, '查找')
  await expectFocus(page, people[0]!.name)
  const record = async () =>
    (await must(maker.ask('GET', `/admin/members/${member.memberId}`))).standing
  await sure(page, '暂停会籍')
  await expect.poll(record).toBe('suspended')
  await sure(page, '恢复会籍')
  await expect.poll(record).toBe('active')
  await press(page, '发激活码')
  await page.locator('[data-activation]').waitFor()
  await expectFocus(page, '发激活码')

  await press(page, `#/vouchers/${id}`)
  await expectFocus(page, '券')
  const { valid_to } = await must(maker.ask('GET', `/admin/vouchers/${id}`))
  await typeTime(
    page,
    '新的有效期至',
    new Date(Number(valid_to) + 5 * day).toISOString().slice(0, 10),
  )
  await press(page, '延期')
  await page.getByRole('cell', { name: '延期' }).waitFor()
  await expectFocus(page, '延期')
  await choose(page, '原因', '投诉')
  await press(page, '暂停')
  await page.locator('[data-state=suspended]').waitFor()
  await expectFocus(page, '券')
  await press(page, '恢复')
  await page.locator('[data-state=active]').waitFor()
  await press(page, '作废')
  await page.locator('[data-state=void]').waitFor()
  await expectFocus(page, '券')
  await press(page, '补发')
  await page.getByText('补发的新券').waitFor()
  await expectFocus(page, '券')
  return String((await must(maker.ask('GET', `/admin/vouchers/${id}`))).successor)
}

/** A member says that it was not them who used a voucher; what was done is undone, with an answer. */
export async function answerCase(ground: Ground, page: Page, voucher: string): Promise<void> {
  const { maker, member, till: counter } = ground
  const code = await member.code(voucher)
  const { redemption_id: id } = await must(counter.ask('POST', '/redemptions', { code }), 201)
  await must(member.ask('POST', `/me/redemptions/${id}/report`, { reason: 'not_me' }), 201)
  await press(page, '会员申诉')
  await choose(page, '处理', '撤销这笔核销')
  await type(page, '答复会员', '已核实，退回您的券')
  await page.keyboard.press('Enter')
  const open = async () => (await must(maker.ask('GET', '/admin/cases?state=open'))).items
  await expect.poll(open).toEqual([])
  await expectFocus(page, '会员申诉')
  await choose(page, '状态', '全部')
  await page.locator('[data-state=reversed]').waitFor()
}

/** The tree is opened; what is added there is found, moved, and merged after a look at that. */
export async function keepTree({ maker }: Ground, page: Page): Promise<void> {
  await press(page, '组织')
  await press(page, '展开 中卫市总工会')
  await press(page, '海原县总工会县级')
  await type(page, '名称', '李旺镇总工会')
  await type(page, '代码', '640522001')
  await press(page, '新增')
  await expectFocus(page, '新增')
  await press(page, '组织')
  await type(page, '按名称或代码查找', '李旺镇')
  await press(page, '李旺镇总工会基层')
  await type(page, '新的上级代码', '640521')
  await press(page, '移动')
  await expectFocus(page, '移动')
  const added = () => must(maker.ask('GET', '/admin/organisations/640522001'))
  expect((await added()).parent_code).toBe('640521')
  await type(page, '并入哪个组织（代码）', '640502')
  await press(page, '先试算')
  await expectFocus(page, '先试算')
  await sure(page, '合并')
  await expect.poll(async () => (await added()).merged_into).toBe('640502')
  await page.getByText('已并入').waitFor()
  await expectFocus(page, '组织')
}

/** A shop is let use its printed code; a merchant comes with a store and a terminal, which ends. */
export async function keepMerchants(ground: Ground, page: Page): Promise<void> {
  const { server, maker, shop } = ground
  const manager = await till(server, maker.ask, shop.storeId, 'manager')
  await must(manager.ask('PUT', '/terminal/printed-code', { wanted: true }))
  await press(page, '商户')
  await press(page, '面馆')
  await expectFocus(page, '门店')
  await press(page, `#/stores/${shop.storeId}`)
  await expectFocus(page, '终端')
  await sure(page, '同意开通')
  await page.getByText('已开通：').waitFor()
  await press(page, '商户')
  await type(page, '名称', '茶馆')
  await typeTime(page, '协议开始', '2026-01-01')
  await typeTime(page, '协议结束（含）', '2028-12-31')
  await press(page, '新增')
  await press(page, '茶馆')
  await expectFocus(page, '门店')
  await type(page, '名称', '茶馆一店')
  await type(page, '类别（小写英文）', 'food')
  await type(page, '行政区划（6 位）', '640104')
  await press(page, '新增')
  await sure(page, '停用门店')
  await expectFocus(page, '启用门店')
  await press(page, '茶馆一店')
  await expectFocus(page, '终端')
  await type(page, '新增终端', '一号')
  await press(page, '新增')
  await press(page, '启用码')
  await page.getByRole('status').waitFor()
  await expectFocus(page, '启用码')
  await sure(page, '停用')
  await page.getByRole('cell', { name: '已停用' }).waitFor()
  await expectFocus(page, '终端')
}

/** An auditor replays a decision, reads the equations and the duties, and looks at who signed. */
export async function audit({ server: { store, now } }: Ground, page: Page): Promise<void> {
  const found = await reconcile(store.read, now)
  await store.transaction((tx) => storeReconciliation(tx, found))
  await press(page, '资格判定')
  await page.getByRole('heading', { name: '资格判定', level: 1 }).waitFor()
  const decision = page.getByRole('main').getByRole('link').first()
  await press(page, (await decision.getAttribute('href')) ?? '')
  await press(page, '重放')
  await page.locator('[data-replay=same]').waitFor()
  await expectFocus(page, '重放')
  await press(page, '对账看板')
  await page.locator('[data-good=true]').waitFor()
  await press(page, '职责分离')
  await page.getByRole('heading', { name: '同一人制单并审批' }).waitFor()
  await reach(page, '依据')
  await press(page, '须两人的变更')
  await page.getByRole('heading', { name: '须两人的变更', level: 1 }).waitFor()
  const proposal = page.getByRole('main').getByRole('link').first()
  await press(page, (await proposal.getAttribute('href')) ?? '')
  await page.locator('[data-intact=true]').waitFor()
}
