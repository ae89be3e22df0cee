import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { expect } from 'vitest'

import { dress, expectAccessible } from './browser.ts'

/** `npm run screenshots` says where pictures go; the tests take none. */
const folder = process.env.SCREENSHOTS
if (folder) mkdirSync(folder, { recursive: true })

/** Two corners, which have both languages, text sizes, themes and widths between them. */
const corners = [
  { language: 'zh', care: 'off', theme: 'light', width: 390 },
  { language: 'en', care: 'on', theme: 'dark', width: 320 },
] as const
const pictured = [
  { language: 'zh', care: 'on', theme: 'light', width: 320 },
  { language: 'en', care: 'off', theme: 'dark', width: 390 },
] as const
const looks = folder ? [...corners, ...pictured] : corners

/**
 * Expects of what a phone shows now that axe finds nothing, that care mode's sizes are kept, and
 * that nothing is cut off, at twice the text either. Pictures show it in four ways.
 */
export async function expectFit(page: Page, name: string): Promise<void> {
  for (const { language, care, theme, width } of looks) {
    await page.setViewportSize({ width, height: 844 })
    await page.emulateMedia({ colorScheme: theme })
    await dress(page, language, care)
    await expectAccessible(page)
    if (care === 'on') await expectLarge(page)
    if (folder) {
      const path = join(folder, `${name}-${language}${care === 'on' ? '-care' : ''}-${theme}.png`)
      await page.screenshot({ path, fullPage: true })
    }
    await expectWhole(page, name)
  }
  await page.setViewportSize({ width: 390, height: 844 })
  await page.emulateMedia({ colorScheme: 'light' })
  await dress(page, 'zh', 'off')
}

/** WCAG 2.2, 1.4.4: at 200 % text no letter lies outside the page or of its box. */
async function expectWhole(page: Page, name: string): Promise<void> {
  const cut = await page.evaluate<string[]>(`(() => {
    const root = document.documentElement
    root.style.fontSize = '200%'
    const found = [...document.querySelectorAll('body *')]
      .filter((one) => one.checkVisibility?.() && !one.closest('.hidden, svg'))
      .filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      .filter((one) => {
        const b = one.getBoundingClientRect()
        const clipped = getComputedStyle(one).overflow !== 'visible' &&
          (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
        return clipped || b.right > innerWidth + 1 || b.left < -1
      })
      .map((one) => one.outerHTML.slice(0, 140))
    root.style.fontSize = ''
    return found
  })()`)
  expect.soft(cut, `${name}, at twice the text`).toEqual([])
}

/** Care mode's numbers (7-screens): text of 18 px, targets of 60 px. */
async function expectLarge(page: Page): Promise<void> {
  const small = await page.evaluate<string[]>(`[...document.querySelectorAll('body *')]
    .filter((one) => one.checkVisibility?.() && [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((one) => !one.closest('svg, .hidden') && parseFloat(getComputedStyle(one).fontSize) < 18)
    .map((one) => one.outerHTML.slice(0, 120))`)
  expect.soft(small).toEqual([])
  const narrow = await page.evaluate<
    string[]
  >(`[...document.querySelectorAll('button, a.button, .tabs a, input, select')]
    .filter((one) => one.checkVisibility?.())
    .filter((one) => { const b = one.getBoundingClientRect(); return b.height < 59.5 || b.width < 59.5 })
    .map((one) => one.outerHTML.slice(0, 120))`)
  expect.soft(narrow).toEqual([])
}
