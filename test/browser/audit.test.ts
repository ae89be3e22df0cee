import { mkdirSync } from 'node:fs'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { newId } from '../../src/base/id.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { rollTo } from '../../src/jobs/roll-log.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { storeReconciliation } from '../../src/ledger/day.ts'
import { post } from '../../src/ledger/journal.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { type Ground, openGround } from '../http/ground.ts'
import { benefit } from '../support/union.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { press } from './by-keyboard.ts'
import { comeToDesk, goTo, screen } from './desk-people.ts'

const entry = (now: number) => ({ id: newId(now), kind: 'device.enrol', bucket: 0, at: now })

/** Where to leave a picture of each screen, for whoever looks at them. */
const pictures = process.env.SCREENSHOTS

describe('auditors check the union in their own browsers', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  let auditor: Page
  let second: Page
  /** A benefit that was drawn for. */
  let scarce: string

  const comeIn = async (name: string) => {
    const person = await browser.person(ground.server.url, { viewport: screen })
    await comeToDesk(ground.server, person, { name, role: 'auditor' })
    return person.page
  }
  const picture = async (page: Page, name: string) => {
    if (!pictures) return
    mkdirSync(pictures, { recursive: true })
    await page.screenshot({ path: `${pictures}/audit-${name}.png`, fullPage: true })
  }

  beforeAll(async () => {
    ground = await openGround('sqlite')
    const { server, member, benefitId } = ground
    await must(member.ask('POST', `/benefits/${benefitId}/claims`, {}), 201)
    const found = await reconcile(server.store.read, server.now)
    await server.store.transaction((tx) => storeReconciliation(tx, found))
    // So that there are tiles above the leaves.
    await server.store.transaction(async (tx) => {
      for (let i = 0; i < 600; i++) await post(tx, server.deployment.node, entry(server.now))
    })
    scarce = await openedDraw()
    server.now += 61_000
    await stateOf(scarce, 'done')
    browser = await openBrowser()
    auditor = await comeIn('赵审计')
    second = await comeIn('钱审计')
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  /** A draw that the member has entered and that closes in a minute. */
  const openedDraw = async () => {
    const { server, maker, member, programmeId } = ground
    const opens = new Date(server.now).toISOString()
    const closes = new Date(server.now + 60_000).toISOString()
    const allocation = { mode: 'lottery', opens, closes }
    const id = await benefit(maker.ask, programmeId, { stock: 1, allocation })
    await stateOf(id, 'open')
    await must(member.ask('POST', `/benefits/${id}/entries`, {}), 201)
    return id
  }
  const stateOf = (id: string, wanted: string) =>
    vi.waitFor(async () => {
      const { state } = await must(ground.member.ask('GET', `/benefits/${id}/draw`))
      expect(state).toBe(wanted)
    }, 20_000)
  /** Checks a draw on its page: it is good; with an entrant changed it is not, and where. */
  const checkDraw = async (id: string) => {
    const { proof } = await must(ground.member.ask('GET', `/benefits/${id}/draw`))
    await goTo(auditor, '抽签核验')
    await auditor.getByLabel('抽签编号').fill(String(proof).split('/').at(-2) ?? '')
    await auditor.getByRole('button', { name: '验证' }).click()
    await auditor.locator('[data-draw=good]').waitFor()
    await auditor.route(/\/draws\/.*\/entrants/, async (route) => {
      const answer = await route.fetch()
      const list = await answer.text()
      const body = `${list.startsWith('x') ? 'y' : 'x'}${list.slice(1)}`
      await route.fulfill({ response: answer, body })
    })
    await auditor.getByRole('button', { name: '验证' }).click()
    await auditor.locator('[data-draw=bad] [data-wrong="0"]').first().waitFor()
    await auditor.getByText('名单第 1 行不在账里').waitFor()
    await auditor.unroute(/\/draws\/.*\/entrants/)
  }

  it('verifies the public log from the first leaf to the last', async () => {
    await goTo(auditor, '账本完整性')
    await auditor.getByLabel('信任策略').waitFor()
    await auditor.getByRole('button', { name: '现在验证' }).click()
    await auditor.locator('[data-intact=true]').waitFor()
    await auditor.getByText('这个浏览器第一次看到这本账').waitFor()
    await auditor.getByRole('button', { name: '再验证一次' }).click()
    await auditor.getByText(/上次看到的 \d+ 条原样在内/).waitFor()
    // A browser without Ed25519 comes to the same.
    await auditor.evaluate('crypto.subtle.importKey = () => Promise.reject(new Error("no such"))')
    await auditor.getByRole('button', { name: '再验证一次' }).click()
    await auditor.locator('[data-intact=true]').waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'intact')
  })

  it('is told by a tile that was tampered with, and at which leaf', async () => {
    await auditor.route(/\/tile\/0\/000/, async (route) => {
      const answer = await route.fetch()
      const body = await answer.body()
      body[3 * 32] = (body[3 * 32] ?? 0) ^ 1
      await route.fulfill({ response: answer, body })
    })
    await auditor.getByRole('button', { name: '再验证一次' }).click()
    await auditor.locator('[data-intact=false][data-first-bad="3"]').waitFor()
    await auditor.getByText('哈希块与条目不符').waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'tampered')
    await auditor.unroute(/\/tile\/0\/000/)
  })

  it('draws again, and shows a changed entrant with its line', async () => {
    await checkDraw(scarce)
    await expectAccessible(auditor)
    await picture(auditor, 'draw')
    await goTo(auditor, '账本完整性')
    await auditor.getByRole('button', { name: '现在验证' }).click()
    await auditor.locator('[data-intact=true]').waitFor()
  })

  it('is told by a tile above the leaves, and at which leaf it begins', async () => {
    await auditor.route(/\/tile\/1\/000/, async (route) => {
      const answer = await route.fetch()
      const body = await answer.body()
      body[32] = (body[32] ?? 0) ^ 1
      await route.fulfill({ response: answer, body })
    })
    await auditor.getByRole('button', { name: '再验证一次' }).click()
    await auditor.locator('[data-intact=false][data-first-bad="256"]').waitFor()
    await auditor.unroute(/\/tile\/1\/000/)
  })

  it('is told by an entry that was changed, by a shorter log, and by a key it does not pin', async () => {
    await auditor.route('**/tile/entries/**', async (route) => {
      const answer = await route.fetch()
      const body = await answer.body()
      const at = body.indexOf('"amt":') + 6
      body[at] = body[at] === 0x31 ? 0x32 : 0x31
      await route.fulfill({ response: answer, body })
    })
    await auditor.getByRole('button', { name: '再验证一次' }).click()
    await auditor.locator('[data-intact=false][data-first-bad]').waitFor()
    await auditor.getByText('算不到签名的根').waitFor()
    await auditor.unroute('**/tile/entries/**')
    const seen = JSON.stringify({ origin: '', size: 1_000_000, root: '00' })
    await auditor.evaluate(`{
      const seen = JSON.parse(localStorage.getItem('audit: log seen log.nx.test/2026'))
      localStorage.setItem('audit: log seen log.nx.test/2026', JSON.stringify({ ...${seen}, origin: seen.origin }))
    }`)
    await auditor.reload()
    await auditor.getByRole('button', { name: '现在验证' }).click()
    await auditor.getByText('与这个浏览器上次看到的不是同一本账').waitFor()
    await auditor.evaluate(`localStorage.removeItem('audit: log seen log.nx.test/2026')`)
    await auditor.reload()
    const policy = auditor.getByLabel('信任策略')
    const other = (await policy.inputValue()).replace(/\+[0-9a-f]{8}\+.*/, '+00000000+AAAA')
    await policy.fill(other)
    await auditor.getByRole('button', { name: '固定这份策略' }).click()
    await auditor.getByText('本节点现在给出的策略与固定的不同').waitFor()
    await auditor.getByRole('button', { name: '现在验证' }).click()
    await auditor.getByText('策略读不懂').waitFor()
    await expectAccessible(auditor)
    await auditor.getByRole('button', { name: '改用本节点现在的策略' }).click()
    await auditor.getByRole('button', { name: '再验证一次' }).click()
    await auditor.locator('[data-intact=true]').waitFor()
  })

  it('verifies the log of each year, and learns the key of the next from the one before', async () => {
    const { deployment, store, url } = ground.server
    const across = await openedDraw()
    const keyFolder = () => keyFolderOf(deployment.data)
    const rolled = await rollTo(
      { ...deployment, store, clock: ground.server.clock, keyFolder },
      2027,
    )
    while ((await (await fetch(`${url}/2027/checkpoint`)).text()).split('\n')[1] !== '1');
    await auditor.getByRole('button', { name: '再验证一次' }).click()
    await auditor.locator('[data-intact=true]').waitFor()
    await auditor.locator('[data-next-known=false]').waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'closed')
    await auditor.getByRole('button', { name: '把它加进固定的策略' }).click()
    await auditor.locator('[data-next-known=true]').waitFor()
    expect(await auditor.getByLabel('信任策略').inputValue()).toContain(rolled!.vkey)
    await auditor.getByLabel('哪一年的账').selectOption('log.nx.test/2027')
    await auditor.getByRole('button', { name: '现在验证' }).click()
    await auditor.getByText('完好：1 条全部验证通过').waitFor()
    await auditor.getByLabel('哪一年的账').selectOption('log.nx.test/2026')
    await auditor.getByRole('button', { name: '现在验证' }).click()
    await auditor.getByText(/上次看到的 \d+ 条原样在内/).waitFor()
    await expectAccessible(auditor)
    // A draw of the year before, and one that was opened in it and ended in the new one.
    await checkDraw(scarce)
    ground.server.now += 61_000
    await stateOf(across, 'done')
    await checkDraw(across)
  })

  it('sees every equation, the duties, and a decision that comes out again', async () => {
    await goTo(auditor, '对账看板')
    await auditor.locator('[data-good=true]').waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'board')
    await goTo(auditor, '职责分离')
    await auditor.getByRole('heading', { name: '同一人制单并审批' }).waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'duties')
    await goTo(auditor, '须两人的变更')
    await auditor.getByRole('main').getByRole('link').first().click()
    await auditor.locator('[data-intact=true]').waitFor()
    await auditor.getByText('程序签名，签名有效').waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'proposal')
    await goTo(auditor, '资格判定')
    await expectAccessible(auditor)
    await auditor.getByRole('main').getByRole('link').first().click()
    await auditor.getByRole('button', { name: '重放' }).click()
    await auditor.locator('[data-replay=same]').waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'decision')
  })

  it('learns who a pseudonym is with a second person, by keyboard alone', async () => {
    const { people } = ground
    await goTo(auditor, '事件流水')
    await auditor.getByLabel('类型').selectOption({ label: '领取' })
    await expect.poll(() => auditor.getByRole('main').getByRole('link').count()).toBe(1)
    await expectAccessible(auditor)
    await picture(auditor, 'events')
    const event = auditor.getByRole('main').getByRole('link')
    await press(auditor, (await event.getAttribute('href')) ?? '')
    await auditor.getByRole('cell', { name: '会员', exact: true }).waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'event')
    expect(await auditor.content()).not.toContain(people[0]?.name)
    await press(auditor, '申请解除匿名')
    await press(auditor, '提出申请')
    await auditor.locator('[data-request=waiting]').waitFor()
    expect(await auditor.getByRole('button', { name: '用通行密钥同意' }).count()).toBe(0)
    await goTo(second, '解除匿名')
    await expectAccessible(second)
    await picture(second, 'to-agree')
    await press(second, '用通行密钥同意')
    await second.locator('[data-request=approved]').waitFor()
    expect(await second.getByRole('button', { name: '查看是谁' }).count()).toBe(0)
    await auditor.reload()
    await press(auditor, '查看是谁')
    await auditor.getByText(people[0]?.name ?? '', { exact: true }).waitFor()
    await expectAccessible(auditor)
    await picture(auditor, 'unmasked')
  })

  it('reads in English and in the dark', async () => {
    await auditor.getByRole('button', { name: 'English' }).click()
    await auditor.getByRole('button', { name: 'Dark' }).click()
    const places = [
      ...['Events', 'Integrity', 'Reconciliation', 'Decisions'],
      ...['Separation of duties', 'Changes that take two', 'Unmasking'],
    ]
    for (const place of places) {
      await goTo(auditor, place)
      if (place === 'Integrity') {
        await auditor.getByRole('button', { name: 'Verify now' }).click()
        await auditor.locator('[data-intact=true]').waitFor()
      }
      await auditor.locator('main .mantine-Loader-root').first().waitFor({ state: 'detached' })
      await expectAccessible(auditor)
      await picture(auditor, `dark-${place.toLowerCase().replaceAll(' ', '-')}`)
    }
  })
})
