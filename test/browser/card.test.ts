import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { BrowserContext, Page } from 'playwright-core'
import { toDataURL } from 'qrcode'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { publishOwnList } from '../support/trust.ts'
import { type Desk, desk } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { cameraArguments, showNothing, showScreen } from './camera.ts'
import { expectFit } from './look.ts'
import { setUpPhone } from './people.ts'

const video = join(mkdtempSync(join(tmpdir(), 'symbolon-camera-')), 'camera.y4m')

describe('the card, to others', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let member: Page
  let checker: { context: BrowserContext; page: Page }
  let verifier: Desk

  beforeAll(async () => {
    showNothing(video)
    ground = await openGround('sqlite')
    await publishOwnList(ground.server)
    verifier = await desk(ground.server, { role: 'verifier' })
    browser = await openBrowser(cameraArguments(video))
    member = (await browser.person(ground.server.url)).page
    await setUpPhone(member, ground, 4)
    checker = await browser.person(ground.server.url)
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  async function scanned(): Promise<void> {
    await member.goto('/#/card')
    await member.locator('.qr').waitFor()
    await showScreen(video, member, '.white-card')
    await checker.page.reload()
  }

  it('is checked by anybody, with the network cut after the first visit', async () => {
    const { context, page } = checker
    await page.goto('/verify/')
    await page.getByText('可离线核验').waitFor()
    await page.evaluate('navigator.serviceWorker.ready.then(() => 1)')
    // The first visit fetches the scanner too.
    await page.locator('video').waitFor()
    await scanned()
    await page.getByText('有效', { exact: true }).waitFor()
    // A network that goes while newer lists come leaves those that there were.
    await page.route('**/status/*', (route) => route.abort())
    const cut = page.waitForEvent('requestfailed', (one) => one.url().includes('/status/'))
    await page.reload()
    await cut
    await page.getByText('有效', { exact: true }).waitFor()
    await page.unroute('**/status/*')
    await context.setOffline(true)
    await scanned()
    await page.getByText('有效', { exact: true }).waitFor()
    await page.getByText('宁夏回族自治区总工会').first().waitFor()
    await expectAccessible(page)
    await context.setOffline(false)
  })

  it('is shown to a verifier, as far as the member agrees', async () => {
    const asked = await ask(['membership_number', 'standing'])
    await member.goto(String(asked.same_device_link))
    await member.getByRole('heading', { name: /宁夏.*请您出示/ }).waitFor()

    await member.getByText('会员编号').waitFor()
    await member.getByText('正常', { exact: true }).waitFor()
    expect(await member.getByText('姓名').count()).toBe(0)
    await expectFit(member, 'member-consent')
    await member.getByRole('button', { name: '同意出示' }).click()
    await member.getByText('已出示').waitFor()
    await expectFit(member, 'member-shown')
    const { body } = await verifier.ask('GET', `/verifications/${asked.id}`)
    expect(JSON.stringify(body)).toContain(ground.people[4]!.memberNo)
  })

  it.each(['the same device', 'another device'])(
    'keeps back what the member unticks, and the verifier has it not: on %s',
    async (device) => {
      const sets = [['membership_number', 'standing', 'name'], ['standing']]
      const asked = await ask(['membership_number', 'standing', 'name'], sets)
      if (device === 'the same device') {
        await member.goto(String(asked.same_device_link))
      } else {
        await checker.page.setContent(`<img src="${await toDataURL(String(asked.qr))}">`)
        await showScreen(video, checker.page, 'img')
        await member.goto('/#/scan')
      }
      const optional = member.getByRole('group', { name: '可以不出示' })
      await optional.getByLabel('会员编号').uncheck()
      await optional.getByLabel('姓名').waitFor()
      expect(await optional.getByLabel('姓名').isChecked()).toBe(false)
      if (device === 'the same device') await expectFit(member, 'member-consent-optional')
      await member.getByRole('button', { name: '同意出示' }).click()
      await member.getByText('已出示').waitFor()
      const { credentials } = await must(verifier.ask('GET', `/verifications/${asked.id}`))
      const [shown] = (credentials as unknown as Record<string, { claims: object }[]>).membership!
      expect(shown?.claims).toEqual({ standing: 'active' })
      const { memberNo, name } = ground.people[4]!
      expect(JSON.stringify(credentials)).not.toMatch(new RegExp(`${memberNo}|${name}`))
    },
  )

  it('is not shown when the member declines', async () => {
    const asked = await ask(['name'])
    await member.goto(String(asked.same_device_link))
    await member.getByRole('button', { name: /拒绝/ }).click()
    await member.getByText('已拒绝').waitFor()
    const { body } = await verifier.ask('GET', `/verifications/${asked.id}`)
    expect(JSON.stringify(body)).not.toContain(ground.people[4]!.name)
  })

  it('is not shown to somebody whom the request does not prove', async () => {
    const asked = await ask(['name'])
    const link = String(asked.same_device_link).replace(/x509_hash:..../, 'x509_hash:AAAA')
    await member.goto(link)
    await member.getByText('不可信').waitFor()
    await expectFit(member, 'member-untrusted')
    showNothing(video) // or the camera goes on with what it was shown before
    await member.goto('/#/scan')
    await member.locator('video').waitFor()
    await expectFit(member, 'member-scan')
  })

  it('is revoked for everybody who has been online since', async () => {
    const { maker, people } = ground
    const found = await must(
      maker.ask('POST', '/admin/members/search', { member_no: people[4]!.memberNo }),
    )
    await scanned()
    const { items } = await must(maker.ask('GET', `/admin/members/${found.id}/credentials`))
    for (const { id } of items as { id: string }[]) {
      await must(maker.ask('POST', `/admin/credentials/${id}/revoke`, { reason: 'misuse' }))
    }
    await checker.page.goto('/verify/')
    await checker.page.reload()
    await checker.page.getByText('已注销').waitFor()
  })

  async function ask(claims: readonly string[], sets?: readonly (readonly string[])[]) {
    const query = {
      credentials: [
        {
          id: 'membership',
          format: 'dc+sd-jwt',
          meta: { vct_values: [`${ground.server.url}/vct/union-membership/1`] },
          claims: claims.map((name) => ({ id: name, path: [name] })),
          ...(sets && { claim_sets: sets }),
        },
      ],
    }
    return must(verifier.ask('POST', '/verifications', { dcql_query: query }), 201)
  }
})
