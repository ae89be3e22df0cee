import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const mostStops = 150
const mostChoices = 20

/**
 * Where the focus is: what it is called, and whether it looks otherwise than without it. Whatever
 * moves is brought to its end first. What was looked at is not again: to take the focus from a field
 * of several parts, a date's, and give it back would lead to its first part over and over.
 */
const stop = `(() => {
  const el = document.activeElement
  if (!el || el === document.body) return { name: '', seen: true }
  const looked = (window.lookedAt ??= new WeakSet())
  const around = [el, el.parentElement, el.nextElementSibling].filter(Boolean)
  const looks = () => {
    for (const one of document.getAnimations()) { try { one.finish() } catch {} }
    return JSON.stringify(around.map((one) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } =
        getComputedStyle(one)
      return [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor]
    }))
  }
  const focused = looks()
  const ring = getComputedStyle(el)
  const ringed = ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) > 0
  let seen = looked.has(el) || (el.matches(':focus-visible') && ringed)
  if (!seen) {
    el.blur()
    seen = looks() !== focused
    el.focus()
    if (seen) looked.add(el)
  }
  const label = el.labels?.[0]?.innerText ?? ''
  const name = el.getAttribute('aria-label') || label || el.innerText || ''
  const chosen = el.tagName === 'SELECT' ? el.selectedOptions[0]?.label : undefined
  return { name: name.trim(), href: el.getAttribute('href') ?? '', tag: el.tagName, seen, chosen }
})()`

interface Stop {
  readonly name: string
  readonly href?: string
  readonly tag?: string
  readonly seen: boolean
  readonly chosen?: string
}

/** Goes on by Tab until the focus is on what is called so; it can be seen at each stop. */
export async function reach(page: Page, what: string): Promise<void> {
  const passed: string[] = []
  for (let i = 0; i < mostStops; i++) {
    await page.keyboard.press('Tab')
    const at = await here(page)
    expect([at.name, at.tag, at.seen]).toEqual([at.name, at.tag, true])
    if (at.name.replace(/\s*\*$/, '') === what || at.href === what) return
    passed.push(at.name)
  }
  throw new Error(`no stop is called ${what}: ${passed.join(' | ')}`)
}

/** Goes on to what is called so, and presses Enter there. */
export async function press(page: Page, what: string): Promise<void> {
  await reach(page, what)
  await page.keyboard.press('Enter')
}

/** Goes on to the field that is called so, and types. */
export async function type(page: Page, what: string, text: string): Promise<void> {
  await reach(page, what)
  await page.keyboard.type(text)
}

/** Where the focus is now. */
export function here(page: Page): Promise<Stop> {
  return page.evaluate<Stop>(stop)
}

/** Goes on to the list of choices that is called so, and down it to one of them. */
export async function choose(page: Page, what: string, choice: string): Promise<void> {
  await reach(page, what)
  for (let i = 0; i < mostChoices; i++) {
    if ((await here(page)).chosen === choice) return
    await page.keyboard.press('ArrowDown')
  }
  throw new Error(`${what} has no choice ${choice}`)
}
