import { mkdirSync } from 'node:fs'

import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Ground, openGround } from '../http/ground.ts'
import { deskPage, invited } from '../support/browser-session.ts'
import { virtualAuthenticator } from './authenticator.ts'
import { expectAccessible, openBrowser } from './browser.ts'
import { setUpPhone } from './people.ts'

const folder = process.env.SCREENSHOTS

describe('a passkey', () => {
  let ground: Ground
  let browser: Awaited<ReturnType<typeof openBrowser>>
  beforeAll(async () => {
    ground = await openGround('sqlite')
    browser = await openBrowser()
    if (folder) mkdirSync(folder, { recursive: true })
  }, 120_000)
  afterAll(async () => {
    await browser.close()
    await ground.server.close()
  })

  const person = (more: { dark?: boolean } = {}) => browser.person(ground.server.url, more)
  async function picture(page: Page, name: string): Promise<void> {
    if (folder) await page.screenshot({ path: `${folder}/passkey-${name}.png`, fullPage: true })
  }

  it('added on one phone signs its member in on a new one, without a code', async () => {
    const { page } = await person()
    const first = await virtualAuthenticator(page)
    await setUpPhone(page, ground, 2)
    const { memberNo } = ground.people[2]!
    await page.goto('/#/me')
    await page.getByText('还没有通行密钥').waitFor()
    await picture(page, 'none-zh')
    await page.getByRole('button', { name: '添加通行密钥' }).click()
    await page.getByRole('button', { name: /^删除/ }).waitFor()
    await expectAccessible(page)
    await picture(page, 'one-zh')
    const held = await first.passkeys()
    expect(held.map(({ isResidentCredential, rpId }) => [isResidentCredential, rpId])).toEqual([
      [true, 'localhost'],
    ])

    const next = (await person({ dark: true })).page
    const second = await virtualAuthenticator(next)
    await second.take(held)
    await next.goto('/')
    await next.getByRole('button', { name: '用通行密钥登录' }).waitFor()
    await expectAccessible(next)
    await picture(next, 'entrance-dark-zh')
    await next.getByRole('button', { name: '用通行密钥登录' }).click()
    await next.getByText(memberNo).waitFor()
    await page.reload()
    await page.getByText('最近使用').waitFor()

    await page.getByRole('button', { name: 'English' }).click()
    await page.getByText('Last used').waitFor()
    await picture(page, 'one-en')
    await page.getByRole('button', { name: /^Remove(?! the card)/ }).click()
    await page.getByRole('button', { name: 'Yes' }).click()
    await page.getByText('No passkey yet').waitFor()
    await expectAccessible(page)
    const third = (await person()).page
    await (await virtualAuthenticator(third)).take(await second.passkeys())
    await third.goto('/')
    await third.getByRole('button', { name: '用通行密钥登录' }).click()
    await third.getByRole('alert').waitFor()
    expect(await third.getByRole('alert').getAttribute('data-code')).toBe('PROOF_INVALID')
  }, 60_000)

  it('that is not shown is said to be none, in words', async () => {
    const { page } = await person()
    await (await virtualAuthenticator(page)).verifies(false)
    await page.goto('/')
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click()
    await page.getByText('No passkey was used').waitFor()
    await picture(page, 'not-shown-en')
    await expectAccessible(page)
  })

  it('signs staff in on this machine, whose browser keeps the cookie at http://localhost', async () => {
    const { page, context } = await person()
    await virtualAuthenticator(page)
    await page.goto('/verify/')
    const { token } = await invited(ground.server, {})
    const opened = await deskPage(ground.server).ask('POST', '/staff/invitation', {
      invitation: token,
    })
    const status = await page.evaluate<number[]>(
      `(${register})(${JSON.stringify({ options: opened.body.options, token })})`,
    )
    expect(status).toEqual([201, 200])
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({
      ...{ name: '__Host-symbolon-desk', secure: true, httpOnly: true, sameSite: 'Strict' },
    })
  })
})

/** Runs in the page, as any page of ours would: makes the passkey, sends it, asks who it is. */
const register = `async ({ options, token }) => {
  const octets = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  const publicKey = { ...options, challenge: octets(options.challenge), user: { ...options.user, id: octets(options.user.id) }, excludeCredentials: [] }
  const made = await navigator.credentials.create({ publicKey })
  const response = { id: made.id, rawId: made.id, type: made.type, response: { clientDataJSON: text(made.response.clientDataJSON), attestationObject: text(made.response.attestationObject) } }
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch('/api/v1/staff/passkeys', { method: 'POST', headers, body: JSON.stringify({ invitation: token, response }) })
  return [answer.status, (await fetch('/api/v1/admin/session')).status]
}`
