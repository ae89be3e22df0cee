import type { BrowserContext, Page } from 'playwright-core'

import type { Role } from '../../src/identity/roles.ts'
import type { Store } from '../../src/store/store.ts'
import { openGround } from '../http/ground.ts'
import { invited } from '../support/browser-session.ts'
import type { TestServer } from '../support/server.ts'
import { benefit } from '../support/union.ts'
import { openBrowser } from './browser.ts'

/** A desk's screen. */
export const screen = { width: 1280, height: 900 }

/** What the union at the desk gives away by batches. */
export const gift = { zh: '端午礼包', en: 'Dragon Boat package' }

/** A union with that gift, and a browser for the people of its desk. */
export async function openDesk() {
  const runner = holdable()
  const ground = await openGround('sqlite', { watch: runner.watch })
  const supply = { supply: 'batch', stock: undefined, name: gift }
  await benefit(ground.maker.ask, ground.programmeId, supply)
  const browser = await openBrowser()
  return {
    ground,
    runner,
    /** Somebody comes to a desk of their own; answers the page that they see. */
    async come(name: string, role: Role, org?: string): Promise<Page> {
      const person = await browser.person(ground.server.url, { viewport: screen })
      await comeToDesk(ground.server, person, { name, role, ...(org && { org }) })
      return person.page
    },
    /** A desk with an authenticator of its own, at which nobody has signed in. */
    async seat(): Promise<Page> {
      const { context, page } = await browser.person(ground.server.url, { viewport: screen })
      await giveAuthenticator(context, page)
      return page
    },
    /** Ends it, and expects that no page complained. */
    async close() {
      runner.release()
      await browser.close()
      await ground.server.close()
    },
  }
}

const runnerOfBatches = /\/batch-runner\./
/** What does a draw once it is closed, for `hold`. */
export const runnerOfDraws = /DrawRounds\.#draw /

/** A store at which what runs by itself can be made to wait: batches before their next chunk. */
function holdable() {
  let who = runnerOfBatches
  let held: Promise<void> | undefined
  let goOn = () => {}
  return {
    watch: (store: Store): Store => ({
      ...store,
      async transaction(work, options) {
        if (held && who.test(new Error().stack ?? '')) await held
        return store.transaction(work, options)
      },
    }),
    hold(whom = runnerOfBatches) {
      who = whom
      held = new Promise((resolve) => {
        goOn = resolve
      })
    },
    release() {
      held = undefined
      goOn()
    },
  }
}

/** Gives a page an authenticator that its owner holds, and is present at. */
async function giveAuthenticator(context: BrowserContext, page: Page): Promise<void> {
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

/**
 * Somebody of the staff, invited at the machine, takes up the invitation on a page of their own; an
 * auditor at the auditors' desk.
 */
export async function comeToDesk(
  server: TestServer,
  { context, page }: { context: BrowserContext; page: Page },
  given: { name: string; role: Role; org?: string },
): Promise<void> {
  await giveAuthenticator(context, page)
  const { token } = await invited(server, given)
  const audits = given.role === 'auditor'
  await page.goto(`/${audits ? 'audit' : 'admin'}/#/invitation/${token}`)
  await page.getByRole('button', { name: '创建通行密钥' }).click()
  await page.getByRole('heading', { name: audits ? '这里能查什么' : '您的权限' }).waitFor()
}

/** Goes to a screen by the menu. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}
