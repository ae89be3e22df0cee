import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { trustLog } from '../../src/ledger/witness.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { benefit } from '../support/union.ts'
import { openBrowser } from './browser.ts'
import { setUpPhone } from './people.ts'

describe('a receipt beside a live witness', () => {
  let ground: Ground
  let witness: TestServer
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let page: Page
  let away = false

  beforeAll(async () => {
    witness = await startServer('sqlite')
    const wishes: { policy?: string } = {}
    ground = await openGround('sqlite', { witnesses: wishes })
    const { server, maker, programmeId } = ground
    const log = server.deployment.logKey
    await witness.store.transaction((tx) => trustLog(tx, log.vkey, witness.now))
    const { vkey } = witness.deployment.keyring.witness!
    const policy = join(mkdtempSync(join(tmpdir(), 'symbolon-policy-')), 'policy')
    const lines = [`log ${log.vkey}`, `witness notary ${vkey} ${witness.url}/witness`]
    writeFileSync(policy, `${lines.join('\n')}\nquorum notary\n`)
    wishes.policy = policy
    await server.restart()
    await benefit(maker.ask, programmeId, { name: { zh: '理发券', en: 'haircut' } })
    browser = await openBrowser()
    page = (await browser.person(server.url)).page
    await setUpPhone(page, ground, 2)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
    if (!away) await witness.close()
  })

  /** Claims and uses a voucher, and has its receipt verified in the page: at what level it stands. */
  async function proved(benefitName: string): Promise<string | null> {
    await page.goto('/#/rights')
    await page.reload()
    await page.getByRole('link', { name: new RegExp(`领取.*${benefitName}`) }).click()
    await page.getByRole('button', { name: '领取' }).click()
    await page.getByText('已领取').waitFor()
    await page.goto('/#/vouchers')
    await page.getByRole('link', { name: new RegExp(benefitName) }).click()
    await page.getByRole('button', { name: '改用数字码' }).click()
    const digits = await page.locator('strong.digits').textContent()
    const shown = { digits: digits?.replaceAll(' ', '') ?? '' }
    await must(ground.till.ask('POST', '/redemptions', shown), 201)
    await page.reload()
    await page.getByRole('link', { name: /核销/ }).click()
    return looked()
  }

  /** Has the receipt that is open verified in the page. */
  async function looked(): Promise<string | null> {
    await page.getByRole('button', { name: '验证凭证' }).click()
    const finding = page.locator('[data-level]')
    await finding.waitFor()
    return finding.getAttribute('data-level')
  }

  it('is verified as witnessed in the page, by the witness’s own signature', async () => {
    await proved('洗车券')
    // The witness is asked in rounds: the receipt is the better the later it is looked at.
    await expect.poll(looked, { timeout: 20_000, interval: 500 }).toBe('witnessed')
    await page.getByText(/由 1 个独立见证人签字/).waitFor()
  })

  it('is said to be in the log and no more, while the witness is away', async () => {
    await witness.close()
    away = true
    expect(await proved('理发券')).toBe('inclusion')
    expect(await page.getByText('见证人').count()).toBe(0)
  })
})
