import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { closeStatements } from '../../src/jobs/close-statements.ts'
import type { Ground } from '../http/ground.ts'
import { said } from '../joining/applicant.ts'
import { claim, counties, desk, phone, roster, till } from '../support/union.ts'
import { beAsked, choose, expectFocus, press, reach, sure, type } from './by-keyboard.ts'
import { openDesk } from './desk-people.ts'
import { fundAndFreeze, issueByFile, takeUpInvitation } from './keyboard-issuing.ts'
import { answerCase, audit, keepMerchants, keepRecord, keepTree } from './keyboard-records.ts'
import { drawBenefit, moveBetweenUnions, writeBenefit } from './keyboard-stories.ts'
import { monthsPass } from './people.ts'

describe('the desk by keyboard alone', () => {
  let opened: Awaited<ReturnType<typeof openDesk>>
  let ground: Ground
  let maker: Page
  let chief: Page
  let approver: Page
  let auditor: Page
  /** The batch of the file, as an address of the desk. */
  let batch: string

  beforeAll(async () => {
    opened = await openDesk()
    ground = opened.ground
    maker = await opened.come('王敏', 'maker')
    chief = await opened.come('李强', 'admin')
  }, 120_000)
  afterAll(() => opened.close())

  it('takes up an invitation, leaves, and signs in again', async () => {
    approver = await takeUpInvitation(opened, chief)
  }, 60_000)

  it('makes a batch by a file with faults, has it approved with a passkey, and runs it', async () => {
    batch = await issueByFile(opened, { maker, approver })
  }, 60_000)

  it('takes half of it back, after a look at what that is', async () => {
    await chief.goto(`/admin/${batch}`)
    const half = ground.people.slice(0, 6).map(({ memberNo }) => memberNo)
    await type(chief, '会员编号（每行一个，最多 5000）', half.join(' '))
    await type(chief, '收回原因', '重复发放')
    await press(chief, '试算收回')
    await chief.locator('[data-recallable="6"]').waitFor()
    await press(chief, '收回')
    await expectFocus(chief, '收回一部分')
    const path = `/admin/batches/${batch.split('/').at(-1)}/progress`
    const progress = () => must(ground.maker.ask('GET', path))
    await expect.poll(async () => (await progress()).recalled).toBe(6)
  })

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

  it('takes in people who apply together, by a file, or by a code', async () => {
    const { people, csv } = roster(counties[0], 46, 'G')
    const [head = '', ...rows] = csv.toString().trim().split('\n')
    const nameless = rows.slice(44).map((row) => row.replace(/^[^,]+/, ''))
    await type(chief, '哪个组织（代码）', counties[0])
    await press(chief, '显示')
    const chooser = chief.waitForEvent('filechooser')
    await press(chief, '名册文件')
    const buffer = Buffer.from([head, ...nameless].join('\n'))
    await (await chooser).setFiles({ name: '名册.csv', mimeType: 'text/csv', buffer })
    await press(chief, '提交名册')
    await sure(chief, '全部批准')
    await chief.getByText('已批准 2 份').waitFor()
    const search = { id_type: 'resident_id', id_number: people[45]!.idNumber }
    const found = await must(ground.maker.ask('POST', '/admin/members/search', search))
    expect(found).toMatchObject({ name: people[45]!.name, standing: 'active' })
    await type(chief, '用途', '食堂门口')
    await press(chief, '生成入会码')
    await chief.getByRole('status').getByRole('img').waitFor()
    await expectFocus(chief, '生成入会码')
  })

  it('keeps a member’s record, and a voucher; undoes what they say was not them', async () => {
    await answerCase(ground, chief, await keepRecord(ground, chief))
  }, 60_000)

  it('opens the tree, adds an organisation, moves it, merges it into another', () =>
    keepTree(ground, chief))

  it('gives a programme money, and stops issuing, which another ends', { timeout: 60_000 }, () =>
    fundAndFreeze(opened, { chief, approver }),
  )

  it('keeps merchants, their stores and terminals', { timeout: 60_000 }, () =>
    keepMerchants(ground, chief),
  )

  it('goes down the dashboard’s table, and up again', async () => {
    await chief.goto('/admin/#/')
    await chief.locator('figure.chart svg').first().waitFor()
    await reach(chief, '图')
    await chief.keyboard.press('ArrowRight')
    const table = chief.getByRole('region', { name: '从发放到结算' })
    const first = table.getByRole('button').first()
    await first.waitFor()
    await press(chief, (await first.textContent()) ?? '')
    const path = chief.getByRole('navigation', { name: '位置' }).getByRole('button')
    await path.first().waitFor()
    await reach(chief, (await path.first().textContent()) ?? '')
    await chief.keyboard.press('Enter')
    await expect.poll(() => path.count()).toBe(0)
    const download = chief.waitForEvent('download')
    await press(chief, '导出 CSV')
    expect((await download).suggestedFilename()).toMatch(/\.csv$/)
  })

  it('imports a roster after saying what its columns are', async () => {
    const { people } = roster(counties[0], 42, 'K')
    const rows = people.slice(40).map(({ memberNo, name, idNumber }) => {
      return [memberNo, name, idNumber, counties[0], '2024-03-05'].join()
    })
    const csv = ['会籍,姓名,证件号码,工会组织代码,入会日期', ...rows].join('\n')
    await press(chief, '名册导入')
    await chief.getByRole('heading', { name: '名册导入', level: 1 }).waitFor()
    await type(chief, '导入到哪个组织（代码）', counties[0])
    const chooser = chief.waitForEvent('filechooser')
    await press(chief, '名册文件')
    const file = { name: '名册.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }
    await (await chooser).setFiles(file)
    await press(chief, '上传并查看')
    await chief.getByRole('heading', { name: '各列的含义' }).waitFor()
    const mapped = chief.waitForResponse((one) => one.request().method() === 'PUT')
    await choose(chief, '“会籍”列是', '会员编号')
    await mapped
    await expectFocus(chief, '“会籍”列是')
    await press(chief, '首页')
    await press(chief, '名册导入')
    await chief.getByRole('cell', { name: '名册.csv' }).waitFor()
    await press(chief, '继续核对')
    await expectFocus(chief, '各列的含义')
    await press(chief, '开始导入')
    await chief.locator('[data-state=completed]').first().waitFor()
    await chief.getByText('新增 2').waitFor()
  })

  it('moves members between two unions, of which each has its say', { timeout: 60_000 }, () =>
    moveBetweenUnions(opened),
  )

  it('writes a benefit for whom a rule finds, to be drawn', { timeout: 60_000 }, () =>
    writeBenefit(opened, chief),
  )

  it('draws, shows the result; an auditor draws again', async () => {
    auditor = await opened.come('吴审计', 'auditor')
    await drawBenefit(opened, { chief, auditor })
  }, 60_000)

  it('audits: a decision again, the equations, the duties, who signed', () =>
    audit(ground, auditor))

  it('approves a merchant’s statement, which takes two people', async () => {
    const { server, till: counter, maker: union, people, benefitId, shop } = ground
    const member = await phone(server, union.ask, people[1]!.memberNo)
    const code = await member.code(await claim(member, benefitId))
    await must(counter.ask('POST', '/redemptions', { code }), 201)
    monthsPass(server)
    const { store, deployment, clock } = server
    await closeStatements({ store, node: deployment.node, clock })
    const clerk = await desk(server)
    const manager = await till(server, clerk.ask, shop.storeId, 'manager')
    const [{ id }] = (await must(clerk.ask('GET', '/admin/statements'))).items as [{ id: string }]
    await must(manager.ask('POST', `/merchant/statements/${id}/confirm`, {}))
    for (const page of [chief, approver]) {
      await page.reload()
      await press(page, '用通行密钥登录')
      await page.getByRole('navigation').getByRole('link', { name: '对账结算' }).waitFor()
      await press(page, '对账结算')
      await page.locator(`a[href="#/statements/${id}"]`).waitFor()
      await press(page, `#/statements/${id}`)
      await page.getByRole('button', { name: '批准付款' }).waitFor()
      await beAsked(page, '批准付款')
      await press(page, '取消')
      await expectFocus(page, '批准付款')
      await page.keyboard.press('Enter')
      await expectFocus(page, '确定')
      await page.keyboard.press('Enter')
      const approvals = page === chief ? 1 : 2
      await page.locator(`[data-approvals="${approvals}"]`).waitFor()
    }
    await approver.locator('[data-state=approved]').waitFor()
    await chief.reload()
    await type(chief, '银行流水号', 'ICBC2026080200017')
    await chief.keyboard.press('Enter')
    await chief.locator('[data-state=paid]').waitFor()
  }, 60_000)
})
