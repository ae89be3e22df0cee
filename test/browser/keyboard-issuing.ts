import iconv from 'iconv-lite'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { counties } from '../support/union.ts'
import { choose, expectFocus, pick, press, sure, type, typeTime } from './by-keyboard.ts'
import { gift, type openDesk } from './desk-people.ts'

type Opened = Awaited<ReturnType<typeof openDesk>>

/** A colleague is invited, makes a passkey at a desk of their own, leaves, and signs in again. */
export async function takeUpInvitation({ come, seat }: Opened, chief: Page): Promise<Page> {
  await press(chief, '人员与权限')
  await type(chief, '姓名', '周会计')
  await choose(chief, '角色', '审批人')
  await press(chief, '生成邀请')
  await expectFocus(chief, '生成邀请')
  const address = await chief.getByText('/admin/#/invitation/').textContent()
  const page = await seat()
  await page.goto(new URL(address ?? '').hash.replace(/^/, '/admin/'))
  await press(page, '创建通行密钥')
  await page.getByRole('heading', { name: '您的权限' }).waitFor()
  await press(page, '退出')
  await press(page, '用通行密钥登录')
  await page.getByRole('heading', { name: '您的权限' }).waitFor()
  // Until a third has confirmed who that is, they count as whoever invited them.
  await chief.getByText('待另一位同事确认').waitFor()
  const another = await come('何主任', 'admin')
  await press(another, '人员与权限')
  await another.getByText('由李强登记').waitFor()
  await sure(another, '确认是本人')
  await another.getByText('由李强登记').waitFor({ state: 'detached' })
  return page
}

/** A batch for those of a file, two rows of which are faulty; another approves it, and it is run; answers where. */
export async function issueByFile(
  { ground: { people } }: Opened,
  { maker, approver }: Readonly<Record<'maker' | 'approver', Page>>,
): Promise<string> {
  await press(maker, '发放批次')
  await maker.getByRole('heading', { name: '发放批次', level: 1 }).waitFor()
  await maker.getByText(gift.zh).first().waitFor({ state: 'attached' })
  await choose(maker, '权益', gift.zh)
  await type(maker, '工会组织代码', counties[0])
  await pick(maker, '按条件', '按名单文件')
  const rows = people.map(({ memberNo, name }) => `${memberNo},${name}`)
  const csv = ['会员编号,姓名', ...rows, 'NOBODY-1,查无此人', 'NOBODY-2,查无此人'].join('\r\n')
  const chooser = maker.waitForEvent('filechooser')
  await press(maker, '名单文件（CSV 或 XLSX）')
  const buffer = iconv.encode(csv, 'gb18030')
  await (await chooser).setFiles({ name: '名单.csv', mimeType: 'text/csv', buffer })
  await press(maker, '读取名单')
  await expectFocus(maker, '各列的含义')
  await choose(maker, '编码', 'GB18030')
  await choose(maker, '“会员编号”列是', '会员编号')
  await press(maker, '开始导入')
  await maker.locator(`[data-matched="${people.length}"]`).waitFor()
  await expectFocus(maker, '名单')
  const download = maker.waitForEvent('download')
  await press(maker, '下载 errors.csv')
  expect((await download).suggestedFilename()).toBe('errors.csv')
  await press(maker, '起草')
  await press(maker, '试算')
  await press(maker, '提交审批')
  await maker.locator('[data-state=submitted]').waitFor()
  const batch = new URL(maker.url()).hash

  await press(approver, '待我审批')
  await press(approver, batch)
  await press(approver, '用通行密钥批准')
  await approver.locator('[data-state=approved]').waitFor()

  await maker.reload()
  await press(maker, '开始发放')
  await maker.locator('[data-state=completed]').waitFor()
  return batch
}

/** A new programme gets its money when another has signed; issuing is stopped, and another ends it. */
export async function fundAndFreeze(
  { ground: { server, maker: union } }: Opened,
  { chief, approver }: Readonly<Record<'chief' | 'approver', Page>>,
): Promise<void> {
  const year = new Date(server.now).getUTCFullYear()
  await press(chief, '项目与预算')
  await type(chief, '公开编号', 'nx-summer')
  await type(chief, '中文名称', '夏送清凉')
  await type(chief, '英文名称', 'Summer')
  await typeTime(chief, '开始日', `${year}-01-01`)
  await typeTime(chief, '结束日', `${year}-12-31`)
  await press(chief, '新建')
  await press(chief, '夏送清凉')
  await expectFocus(chief, '夏送清凉')
  await type(chief, '增加或收回（元，负数为收回）', '12.5')
  await type(chief, '原因', '第一笔')
  await press(chief, '提出变更')
  await chief.locator('[data-state=proposed]').waitFor()
  await expectFocus(chief, '提出变更')
  const programmeId = new URL(chief.url()).hash.split('/').at(-1)
  await press(approver, '待我审批')
  await press(approver, '预算变更')
  await expectFocus(approver, '预算变更')
  await press(approver, '用通行密钥批准')
  await approver.locator('[data-state=carried_out]').waitFor()
  await expectFocus(approver, '预算变更')
  const budget = await must(union.ask('GET', `/admin/programmes/${programmeId}/budget`))
  expect(budget.available).toBe(1250)

  await press(chief, '待我审批')
  await type(chief, '工会组织代码', '640521')
  await choose(chief, '原因', '演练')
  await press(chief, '停止发放')
  await chief.locator('[data-frozen="640521"]').waitFor()
  await expectFocus(chief, '停止发放')
  await press(approver, '待我审批')
  await sure(approver, '恢复发放')
  await approver.locator('[data-frozen="640521"]').waitFor({ state: 'detached' })
  await expectFocus(approver, '待我审批')
}
