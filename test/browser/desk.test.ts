import iconv from 'iconv-lite'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { setAcceptance } from '../../src/merchants/acceptance.ts'
import type { Ground } from '../http/ground.ts'
import { claim, counties, desk, province } from '../support/union.ts'
import { expectAccessible } from './browser.ts'
import { gift, goTo, openDesk } from './desk-people.ts'

const events = '**/progress/events'

describe('two people of the union issue benefits at the desk', () => {
  let opened: Awaited<ReturnType<typeof openDesk>>
  let ground: Ground
  let maker: Page
  let approver: Page
  /** The batch of the list, as an address of the desk. */
  let batch: string

  beforeAll(async () => {
    opened = await openDesk()
    ground = opened.ground
    maker = await opened.come('王敏', 'maker')
    approver = await opened.come('李强', 'approver')
  }, 120_000)
  afterAll(() => opened.close())

  /** How far the batch of the list is, by the API. */
  const progress = async () => {
    const path = `/admin/batches/${batch.split('/').at(-1)}/progress`
    return (await ground.maker.ask('GET', path)).body
  }

  it('asks for the passkey again, and for nothing else', async () => {
    await maker.getByRole('button', { name: '退出' }).click()
    await maker.getByRole('button', { name: '用通行密钥登录' }).click()
    await maker.getByRole('heading', { name: '您的权限' }).waitFor()
    await expectAccessible(maker)
  })

  it('finds a union in the tree, and its members', async () => {
    await goTo(maker, '组织')
    await maker.getByRole('button', { name: '展开 银川市总工会' }).waitFor()
    await maker.getByLabel('按名称或代码查找').fill(counties[0])
    const found = maker.getByRole('region', { name: '查找结果' })
    await found.getByRole('button').last().click()
    await maker.getByRole('button', { name: '查看会员' }).click()
    // In the list names are masked: opening a record is what is on record.
    const { memberNo } = ground.people[0]!
    await maker.getByRole('row').filter({ hasText: memberNo }).getByRole('link').click()
    await maker.getByRole('heading', { name: ground.people[0]!.name, level: 1 }).waitFor()
    await expectAccessible(maker)
  })

  it('counts while a rule is written exactly whom a batch by it reaches', async () => {
    await goTo(maker, '发放批次')
    await maker.getByLabel('权益').selectOption({ label: gift.zh })
    await maker.getByLabel('工会组织代码').fill(counties[0])
    await maker.getByRole('button', { name: '添加条件' }).click()
    await maker.getByLabel('条件', { exact: true }).last().selectOption({ label: '年龄（周岁）' })
    await maker.locator('[data-eligible="12"]').waitFor()
    await maker.getByLabel('值', { exact: true }).fill('90')
    await maker.locator('[data-eligible="0"]').waitFor()
    await maker.getByLabel('值', { exact: true }).fill('30')
    await maker.locator('[data-eligible="12"]').waitFor()
    await maker.getByLabel(/用一位会员试一试/).fill(ground.people[0]!.memberNo)
    await maker.getByRole('button', { name: '试一试' }).click()
    await maker.getByRole('status').getByText('可以领取').waitFor()
    await expectAccessible(maker)
    await maker.getByRole('button', { name: '起草', exact: true }).click()
    await maker.getByRole('button', { name: '试算' }).click()
    await expect.poll(() => outcome(maker, 'Would be issued to')).toBe('12')
  })

  it('drafts a batch for the people of a file that Excel made, and says what is wrong with it', async () => {
    await goTo(maker, '发放批次')
    await maker.getByLabel('权益').selectOption({ label: gift.zh })
    await maker.getByLabel('工会组织代码').fill(counties[0])
    await maker.getByText('按名单文件').click()
    const rows = ground.people.slice(0, 6).map(({ memberNo, name }) => `${memberNo},${name}`)
    const csv = ['会员编号,姓名', ...rows, 'NOBODY-1,查无此人', 'NOBODY-2,查无此人'].join('\r\n')
    await maker.locator('input[type=file]').setInputFiles({
      name: '名单.csv',
      mimeType: 'text/csv',
      buffer: iconv.encode(csv, 'gb18030'),
    })
    await maker.getByRole('button', { name: '读取名单' }).click()
    await maker.getByRole('button', { name: '开始导入' }).click()
    await maker.locator('[data-matched="6"]').waitFor()
    await maker.getByText('拒绝 2 行').waitFor()
    const download = maker.waitForEvent('download')
    await maker.getByRole('link', { name: '下载 errors.csv' }).click()
    expect((await download).suggestedFilename()).toBe('errors.csv')
    await maker.getByRole('button', { name: '起草', exact: true }).click()
    await maker.getByRole('button', { name: '试算' }).click()
    await expect.poll(() => outcome(maker, 'Would be issued to')).toBe('6')
    await expectAccessible(maker)
    await maker.getByRole('button', { name: '提交审批' }).click()
    await maker.locator('[data-state=submitted]').waitFor()
    batch = new URL(maker.url()).hash
  })

  it('lets another person approve with a passkey what they see', async () => {
    await goTo(approver, '待我审批')
    await approver.locator(`a[href="${batch}"]`).click()
    await approver.locator('[data-digest]').waitFor()
    await expectAccessible(approver)
    await approver.getByRole('button', { name: '用通行密钥批准' }).click()
    await approver.locator('[data-state=approved]').waitFor()
  })

  it('runs to the end with progress, though no events can be had', async () => {
    let refused = 0
    await maker.route(events, (route) => {
      refused++
      return route.abort()
    })
    await maker.reload()
    opened.runner.hold()
    await maker.getByRole('button', { name: '开始发放' }).click()
    await maker.locator('[data-state=running]').waitFor()
    await maker.getByRole('progressbar').waitFor({ state: 'attached' })
    await expect.poll(() => refused).toBe(1)
    opened.runner.release()
    await maker.locator('[data-state=completed]').waitFor({ timeout: 4000 })
    await maker.unroute(events)
    expect(await progress()).toMatchObject({ state: 'completed', issued: 6 })
  })

  it('takes back a half, after saying how many and what comes back', async () => {
    await approver.reload()
    const half = ground.people.slice(0, 3).map(({ memberNo }) => memberNo)
    await approver.getByLabel(/会员编号（每行一个/).fill(half.join('\n'))
    await approver.getByLabel('收回原因').fill('重复发放')
    await approver.getByRole('button', { name: '试算收回' }).click()
    await approver.locator('[data-recallable="3"]').waitFor()
    await approver.getByText('¥30.00').waitFor()
    await expectAccessible(approver)
    await approver.getByRole('button', { name: '收回', exact: true }).press('Enter')
    await expect
      .poll(async () => {
        const { state, recalled } = await progress()
        return [state, recalled]
      })
      .toEqual(['completed', 3])
  })

  it('takes back what nobody has claimed or used, though its events end midway', async () => {
    await approver.route(events, async (route) => {
      const data = JSON.stringify(await progress())
      const body = `event: progress\ndata: ${data}\n\n`
      await route.fulfill({ contentType: 'text/event-stream', body })
    })
    await approver.reload()
    opened.runner.hold()
    await approver.getByRole('button', { name: '收回全部未用的券' }).click()
    const cut = approver.waitForResponse((answer) => answer.url().endsWith('/progress/events'))
    await approver.getByRole('button', { name: '确定', exact: true }).click()
    await approver.locator('[data-state=recalling]').waitFor()
    await cut
    opened.runner.release()
    await approver.locator('[data-state=recalled]').waitFor({ timeout: 4000 })
    await approver.unroute(events)
    await expectAccessible(approver)
  })

  it('refuses the maker’s own approval, though the maker may approve others’', async () => {
    const page = await opened.come('赵主任', 'admin')
    await goTo(page, '发放批次')
    await page.getByLabel('权益').selectOption({ label: gift.zh })
    await page.getByLabel('工会组织代码').fill(counties[0])
    await page.getByRole('button', { name: '起草', exact: true }).click()
    await page.getByRole('button', { name: '试算' }).click()
    await page.getByRole('button', { name: '提交审批' }).click()
    await page.getByRole('button', { name: '用通行密钥批准' }).click()
    await page.locator('[data-code=SELF_APPROVAL]').waitFor()
    await expectAccessible(page)
  })

  it('changes a budget when another person has signed the proposal', async () => {
    const page = await opened.come('钱主任', 'admin')
    await goTo(page, '项目与预算')
    await page.getByRole('main').getByRole('link', { name: '项目' }).click()
    await page.getByLabel(/增加或收回/).fill('12.5')
    await page.getByLabel('原因').fill('年中追加')
    await page.getByRole('button', { name: '提出变更' }).click()
    await page.locator('[data-state=proposed]').waitFor()
    await expectAccessible(page)
    await goTo(approver, '待我审批')
    await approver.getByRole('link', { name: '预算变更' }).click()
    await approver.getByRole('heading', { name: '预算变更', level: 1 }).waitFor()
    await approver.getByText('年中追加', { exact: true }).waitFor()
    await expectAccessible(approver)
    await approver.getByRole('button', { name: '用通行密钥批准' }).click()
    await approver.locator('[data-state=carried_out]').waitFor()
    await page.reload()
    await page.getByText('¥100,012.50').first().waitFor()
  })

  it('stays when a part of it does not arrive, and opens it once it does', async () => {
    const page = await opened.come('周主任', 'admin')
    const part = /\/assets\/outbox-.*\.js$/
    await page.route(part, (route) => route.abort())
    const open = () => page.getByRole('link', { name: '消息', exact: true }).click()
    await open()
    await page.getByRole('alert').getByText('这一部分没有取到。').waitFor()
    await goTo(page, '人群')
    await page.getByRole('heading', { name: '人群', level: 1 }).waitFor()
    await open()
    await page.unroute(part)
    await page.getByRole('button', { name: '重新打开' }).click()
    await page.getByRole('heading', { name: '消息', level: 1 }).waitFor()
  })

  it('says where a benefit is taken, and at which other nodes', async () => {
    const { benefitId, maker: union, programmeId } = ground
    const at = `/admin/benefits/${benefitId}/acceptance`
    const rules = [
      { target: 'category', value: 'food' },
      { target: 'node', value: '62' },
    ] as const
    // As from before node 62 was withdrawn from the trust list.
    await ground.server.store.transaction((tx) => setAcceptance(tx, benefitId, rules))
    await maker.goto(`/admin/#/programmes/${programmeId}`)
    await maker.locator(`a[href="#/benefits/${benefitId}/acceptance"]`).click()
    await maker.getByLabel('62（不在信任列表上）').waitFor()
    expect(await maker.getByLabel('商户类别（逗号分隔）').inputValue()).toBe('food')
    await expectAccessible(maker)
    await maker.getByLabel('信任列表上的每个节点').check()
    await maker.getByLabel('行政区划（前缀，逗号分隔）').fill('6401，6402')
    await maker.getByRole('button', { name: '保存' }).click()
    await maker.getByText('已保存，立即生效。').waitFor()
    expect((await must(union.ask('GET', at))).rules).toEqual([
      { target: 'category', value: 'food' },
      { target: 'node', value: '*' },
      { target: 'region', value: '6401' },
      { target: 'region', value: '6402' },
    ])
    await maker.getByLabel('所有签约商户').check()
    await maker.getByLabel('都不可用').check()
    await maker.getByRole('button', { name: '保存' }).click()
    await maker.getByText('已保存，立即生效。').waitFor()
    expect((await must(union.ask('GET', at))).rules).toEqual([{ target: 'all', value: '' }])
  })

  it('gives a voucher more time, and another in its place when it is void', async () => {
    const id = await claim(ground.member, ground.benefitId)
    const page = await opened.come('孙主任', 'admin')
    await page.goto(`/admin/#/vouchers/${id}`)
    const { valid_to } = (await ground.maker.ask('GET', `/admin/vouchers/${id}`)).body
    const later = new Date(Number(valid_to) + 5 * day).toISOString().slice(0, 10)
    await page.getByLabel('新的有效期至').fill(later)
    await page.getByRole('button', { name: '延期' }).press('Enter')
    await page.getByRole('cell', { name: '延期' }).waitFor()
    await expectAccessible(page)
    await page.getByRole('button', { name: '作废' }).press('Enter')
    await page.locator('[data-state=void]').waitFor()
    await page.getByRole('button', { name: '补发' }).press('Enter')
    await page.getByText('补发的新券').waitFor()
    await expectAccessible(page)
  })

  it('stops issuing at once, and takes another person to let it go on', async () => {
    await goTo(approver, '待我审批')
    await approver.getByRole('button', { name: '停止发放' }).click()
    await approver.locator('[data-frozen="640000"]').waitFor()
    await expectAccessible(approver)
    await goTo(maker, '发放批次')
    await maker.locator('[data-frozen="640000"]').waitFor()
    await approver.getByRole('button', { name: '恢复发放' }).click()
    await approver.getByRole('button', { name: '确定', exact: true }).click()
    await approver.locator('[data-code=SELF_APPROVAL]').waitFor()
  })

  it('shows only what a role may do', async () => {
    const links = await maker.getByRole('navigation').getByRole('link').allTextContents()
    expect(links).not.toContain('待我审批')
    const auditor = await desk(ground.server, { role: 'auditor', org: province })
    expect((await auditor.ask('GET', `/admin/members?org_code=${province}`)).status).toBe(403)
  })
})

async function outcome(page: Page, name: string): Promise<string> {
  const cell = page.locator(`[data-outcome="${name}"]`)
  return (await cell.count()) === 0 ? '' : ((await cell.textContent()) ?? '')
}
