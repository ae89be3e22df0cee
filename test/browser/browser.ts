import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

import { launchOptions } from './chromium.ts'

/** A phone's screen: what the pages are made for. */
const phone = { width: 390, height: 844 }

/** A browser of its own, and the pages in it; whatever they complained of is a failure. */
export async function openBrowser(args: readonly string[] = []) {
  const browser: Browser = await chromium.launch(await launchOptions(args))
  const complaints: string[] = []
  return {
    browser,
    /** A person with a device of their own: nothing is shared with the others. */
    async person(url: string, more: { viewport?: typeof phone; dark?: boolean } = {}) {
      const context = await browser.newContext({
        viewport: more.viewport ?? phone,
        locale: 'zh-CN',
        timezoneId: 'Asia/Shanghai',
        permissions: ['camera'],
        colorScheme: more.dark ? 'dark' : 'light',
        baseURL: url,
      })
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
      page.on('console', (message) => {
        if (/Content Security Policy/.test(message.text())) complaints.push(message.text())
      })
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url())
        if (protocol.startsWith('http') && origin !== new URL(url).origin) {
          complaints.push(`asked another origin: ${request.url()}`)
        }
      })
      return { context, page }
    },
    /** Ends it, and expects that no page complained. */
    async close() {
      await browser.close()
      expect(complaints).toEqual([])
    },
  }
}

/** Expects, once the page has its heading, that axe finds nothing and nothing is cut off. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
  ).toEqual([])
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  expect(wide, 'pixels that stand out at the side').toBeLessThanOrEqual(0)
}

/** Chooses as another tab of the device would: pages follow at once. */
export async function dress(page: Page, language: 'zh' | 'en', care: 'on' | 'off'): Promise<void> {
  await page.evaluate(`
    localStorage.setItem('language', '${language}')
    localStorage.setItem('care mode', '${care}')
    dispatchEvent(new StorageEvent('storage'))
  `)
  const dressed = `html[lang^=${language}][data-care=${care}]`
  await page.locator(dressed).waitFor({ state: 'attached' })
}
