import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const mostStops = 150
const mostChoices = 20

/** What is called how, in the page; a star stands behind what must be filled in. */
const nameOf = `const nameOf = (el) => {
  const label = el.labels?.[0]?.innerText ?? ''
  const name = el.getAttribute('aria-label') || label || el.innerText || ''
  return name.trim().replace(/\\s*\\*$/, '')
}`

/** Whether there is a stop that is called so. */
const there = (what: string) => `(() => {
  ${nameOf}
  const what = ${JSON.stringify(what)}
  const stops = 'a[href], button, input, select, textarea, [tabindex="0"]'
  return [...document.querySelectorAll(stops)].some(
    (el) => !el.matches(':disabled') && (nameOf(el) === what || el.getAttribute('href') === what))
})()`

/**
 * Where the focus is: what it is called, and whether it looks otherwise than without it. Whatever
 * moves is brought to its end first. What was looked at is not again: to take the focus from a field
 * of several parts, a date's, and give it back would lead to its first part over and over.
 */
const stop = `(() => {
  ${nameOf}
  const el = document.activeElement
  if (!el || el === document.body) return { name: '', seen: true }
  const looked = (window.lookedAt ??= new WeakSet())
  const around = [el, el.nextElementSibling].filter(Boolean)
  // A field of several values is framed by what stands around them all.
  for (let at = el.parentElement; at && around.length < 6; at = at.parentElement) around.push(at)
  const looks = () => {
    for (const one of document.getAnimations()) { try { one.finish() } catch {} }
    return JSON.stringify(around.map((one) => {
      const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor } =
        getComputedStyle(one)
      return [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor, backgroundColor]
    }))
  }
  const { outlineStyle, outlineWidth } = getComputedStyle(el)
  const ringed = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0
  let seen = looked.has(el) || (el.matches(':focus-visible') && ringed)
  if (!seen) {
    const focused = looks()
    el.blur()
    seen = looks() !== focused
    el.focus()
    if (seen) looked.add(el)
  }
  const chosen = el.tagName === 'SELECT' ? el.selectedOptions[0]?.label : undefined
  return { name: nameOf(el), href: el.getAttribute('href') ?? '', tag: el.tagName, seen, chosen }
})()`

interface Stop {
  readonly name: string
  readonly href?: string
  readonly tag?: string
  readonly seen: boolean
  readonly chosen?: string
}

/** The keys that go from stop to stop: on, and back. */
type Way = 'Tab' | 'Shift+Tab'

/** Waits for what is called so, and goes on by Tab until it has the focus, in sight at each stop. */
export async function reach(page: Page, what: string, way: Way = 'Tab'): Promise<void> {
  await expect
    .poll(() => page.evaluate(there(what)), { message: `${what} is not there` })
    .toBe(true)
  const passed: string[] = []
  for (let i = 0; i < mostStops; i++) {
    const at = await step(page, way)
    expect([at.name, at.tag, at.seen]).toEqual([at.name, at.tag, true])
    if (at.name === what || at.href === what) return
    passed.push(at.name)
  }
  throw new Error(`no stop is called ${what}: ${passed.join(' | ')}`)
}

/** Goes to the next stop. Tab does so when it goes down: to look need not wait until it is up. */
async function step(page: Page, way: Way): Promise<Stop> {
  if (way === 'Shift+Tab') {
    await page.keyboard.press(way)
    return here(page)
  }
  await page.keyboard.down(way)
  const [at] = await Promise.all([here(page), page.keyboard.up(way)])
  return at
}

/** Goes on to what is called so, and presses Enter there. */
export async function press(page: Page, what: string, way?: Way): Promise<void> {
  await reach(page, what, way)
  await page.keyboard.press('Enter')
}

/** Presses what asks first. The question has the focus a moment later: no hand is quicker. */
export async function beAsked(page: Page, what: string): Promise<void> {
  await press(page, what)
  await expectFocus(page, '确定')
}

/** Presses what asks first, and says yes. */
export async function sure(page: Page, what: string): Promise<void> {
  await beAsked(page, what)
  await page.keyboard.press('Enter')
}

/** Goes on to the field that is called so, and types. */
export async function type(page: Page, what: string, text: string, way?: Way): Promise<void> {
  await reach(page, what, way)
  await page.keyboard.type(text)
}

/** Where the focus is now. */
export function here(page: Page): Promise<Stop> {
  return page.evaluate<Stop>(stop)
}

/** The focus comes to where what was done leaves it, and is seen there. */
export async function expectFocus(page: Page, name: string): Promise<void> {
  const at = async () => {
    const { name, seen } = await here(page)
    return { name, seen }
  }
  await expect.poll(at).toEqual({ name, seen: true })
}

/** Goes on to the list of choices that is called so, and down it, then up, to one of them. */
export async function choose(page: Page, what: string, choice: string, way?: Way): Promise<void> {
  await reach(page, what, way)
  let key = 'ArrowDown'
  let before: string | undefined
  for (let i = 0; i < 2 * mostChoices; i++) {
    const { chosen } = await here(page)
    if (chosen === choice) return
    if (chosen === before) key = 'ArrowUp'
    before = chosen
    await page.keyboard.press(key)
  }
  throw new Error(`${what} has no choice ${choice}`)
}

/** Goes on to the choices of which one is called so, a button for each, and along them to another. */
export async function pick(page: Page, first: string, choice: string): Promise<void> {
  await reach(page, first)
  for (let i = 0; i < mostChoices; i++) {
    if ((await here(page)).name === choice) return
    await page.keyboard.press('ArrowDown')
  }
  throw new Error(`beside ${first} there is no ${choice}`)
}

/**
 * Goes on to a field of a day (`2026-06-01`) or a time (`2026-06-01T12:05`), and types its parts as
 * the browser has them, which is American whatever the page is: each leads to the next by itself.
 */
export async function typeTime(page: Page, what: string, text: string): Promise<void> {
  const [year, month, date, hour, minute] = text.split(/\D/)
  const half = hour && `${String(Number(hour) % 12 || 12).padStart(2, '0')}${minute}`
  await type(page, what, `${month}${date}${year}`)
  if (half) await page.keyboard.type(`${half}${Number(hour) < 12 ? 'A' : 'P'}`)
  expect(await page.evaluate('document.activeElement.value')).toBe(text)
}
