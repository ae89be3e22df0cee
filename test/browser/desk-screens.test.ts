import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { closeStatements } from '../../src/jobs/close-statements.ts'
import { type Ground, openGround, submittedBatch } from '../http/ground.ts'
import { benefit, claim, counties, province, roster } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { comeToDesk, screen } from './desk-people.ts'
import { monthsPass } from './people.ts'

/** `npm run screenshots` says where pictures go; the tests take none. */
const folder = process.env.SCREENSHOTS

/** Both languages, both themes, both widths; pictures are taken of more. */
const seen = [
  { language: 'zh', theme: 'light', width: 1280 },
  { language: 'en', theme: 'dark', width: 640 },
] as const
const pictured = [
  { language: 'en', theme: 'dark', width: 1280 },
  { language: 'zh', theme: 'light', width: 640 },
] as const
const looks = folder ? [...seen, ...pictured] : seen

/** Each screen, and where it is among the things that were prepared. */
const places: readonly [string, (ids: Readonly<Record<string, string>>) => string][] = [
  ['home', () => '/'],
  ['organisations', () => `/organisations/${province}`],
  ['members', () => `/members/of/${counties[0]}`],
  ['member', (ids) => `/members/${ids.member}`],
  ['applications', () => '/applications'],
  ['imports', () => '/imports'],
  ['programmes', () => '/programmes'],
  ['programme', (ids) => `/programmes/${ids.programme}`],
  ['new-benefit', (ids) => `/programmes/${ids.programme}/benefits/new`],
  ['acceptance', (ids) => `/benefits/${ids.benefit}/acceptance`],
  ['segments', () => '/segments'],
  ['batches', () => '/batches'],
  ['batch', (ids) => `/batches/${ids.batch}`],
  ['approvals', () => '/approvals'],
  ['proposal', (ids) => `/approvals/${ids.proposal}`],
  ['voucher', (ids) => `/vouchers/${ids.voucher}`],
  ['draws', () => '/draws'],
  ['cases', () => '/cases'],
  ['merchants', () => '/merchants'],
  ['merchant', (ids) => `/merchants/${ids.merchant}`],
  ['store', (ids) => `/stores/${ids.store}`],
  ['staff', () => '/staff'],
]

describe('every screen of the desk, in both languages and themes', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    if (folder) mkdirSync(folder, { recursive: true })
    ground = await openGround('sqlite')
    await prepare()
    browser = await openBrowser()
    const person = await browser.person(ground.server.url, { viewport: screen })
    page = person.page
    await comeToDesk(ground.server, person, { name: '李强', role: 'admin' })
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  /** Something of everything that the desk shows. */
  async function prepare(): Promise<void> {
    const { maker, programmeId, shop, member, people, benefitId, till } = ground
    const given = await benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
    ids.batch = (await submittedBatch(ground, given)).id
    ids.programme = programmeId
    ids.benefit = benefitId
    const waiting = await must(maker.ask('GET', '/admin/proposals'))
    ids.proposal = String((waiting.items as { id: string }[])[0]!.id)
    ids.store = shop.storeId
    const search = { member_no: people[0]!.memberNo }
    ids.member = String((await must(maker.ask('POST', '/admin/members/search', search))).id)
    ids.voucher = await claim(member, benefitId)
    await must(till.ask('POST', '/redemptions', { code: await member.code(ids.voucher) }), 201)
    const merchants = await must(maker.ask('GET', '/admin/merchants'))
    await heldFile()
    ids.merchant = String((merchants.items as { id: string }[])[0]!.id)
  }

  /** A roster whose columns are not all known, sent and not started. */
  async function heldFile(): Promise<void> {
    const { server, maker } = ground
    const rows = roster(counties[0], 25, 'H').people.map(({ memberNo, name, idNumber, mobile }) =>
      [memberNo, name, idNumber, mobile, counties[0], '2024-03-05', '夜班'].join(),
    )
    const head = '会籍,姓名,证件号码,手机号,工会组织代码,入会日期,备注'
    const sent = await fetch(
      `${server.url}/api/v1/admin/imports?org_code=${counties[0]}&hold=true`,
      {
        method: 'POST',
        headers: {
          authorization: `Bearer ${maker.token}`,
          ...{ 'content-type': 'text/csv', 'idempotency-key': crypto.randomUUID() },
          'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent('名册.csv')}`,
        },
        body: [head, ...rows].join('\n'),
      },
    )
    expect(sent.status).toBe(202)
  }

  it.each(places)('%s is readable by everybody', async (name, path) => {
    // The screen before stands until this one is there: its heading does not count.
    const hash = `#${path(ids)}`
    if (new URL(page.url()).hash !== hash) {
      await page.evaluate(`document.querySelector('h1')?.setAttribute('data-before', '')`)
      await page.goto(`/admin/${hash}`)
    }
    await page.locator('main h1:not([data-before])').waitFor()
    await page.locator('main .mantine-Loader-root').first().waitFor({ state: 'detached' })
    await expectFit(name)
  })

  it('a file that waits is readable by everybody, and its mapping', async () => {
    await page.goto('/admin/#/imports')
    await page.getByRole('cell', { name: '名册.csv' }).waitFor()
    await page.getByRole('button', { name: /继续核对|Go on/ }).click()
    await page.getByRole('heading', { name: /各列的含义|What each column is/ }).waitFor()
    await expectFit('mapping')
  })

  it('statements are readable by everybody', async () => {
    monthsPass(ground.server)
    const { store, deployment } = ground.server
    await closeStatements({ store, node: deployment.node, clock: () => ground.server.now })
    const person = await browser.person(ground.server.url, { viewport: screen })
    page = person.page
    await comeToDesk(ground.server, person, { name: '周会计', role: 'admin' })
    await page.goto('/admin/#/statements')
    await page.getByRole('row').nth(1).getByRole('link').waitFor()
    await expectFit('statements')
    await page.getByRole('row').nth(1).getByRole('link').click()
    await page.getByRole('heading', { name: /\d{4}-\d{2}/, level: 1 }).waitFor()
    await page.locator('main .mantine-Loader-root').first().waitFor({ state: 'detached' })
    await expectFit('statement')
  })

  /** Looks at what is shown now, in every way, and takes its picture where that is wanted. */
  async function expectFit(name: string): Promise<void> {
    for (const { language, theme, width } of looks) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme: theme })
      await page.evaluate(`
        localStorage.setItem('language', '${language}')
        dispatchEvent(new StorageEvent('storage'))
      `)
      const dressed = `html[lang^=${language}][data-mantine-color-scheme=${theme}]`
      await page.locator(dressed).waitFor({ state: 'attached' })
      await expectAccessible(page)
      if (!folder) continue
      const path = join(folder, `desk-${name}-${language}-${theme}-${width}.png`)
      await page.screenshot({ path, fullPage: true })
    }
  }
})
