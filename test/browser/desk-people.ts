import type { BrowserContext, Page } from 'playwright-core'

import type { Role } from '../../src/identity/roles.ts'
import { invited } from '../support/browser-session.ts'
import type { TestServer } from '../support/server.ts'

/** A desk's screen. */
export const screen = { width: 1280, height: 900 }

/** Gives a page an authenticator that its owner holds, and is present at. */
export async function giveAuthenticator(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

/** Somebody of the staff, invited at the machine, takes up the invitation on a page of their own. */
export async function comeToDesk(
  server: TestServer,
  { context, page }: { context: BrowserContext; page: Page },
  given: { name: string; role: Role; org?: string },
): Promise<void> {
  await giveAuthenticator(context, page)
  const { token } = await invited(server, given)
  await page.goto(`/admin/#/invitation/${token}`)
  await page.getByRole('button', { name: '创建通行密钥' }).click()
  await page.getByRole('heading', { name: '您的权限' }).waitFor()
}

/** Goes to a screen by the menu. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}
