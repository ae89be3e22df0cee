import { useEffect } from 'react'

/**
 * Keeps the focus of whoever works without a pointer. A browser drops it to nowhere when what has it
 * is taken away, or is disabled while it works. It comes back to the same thing as soon as that may
 * be used again; it goes from what is gone to the nearest part around it that is still there and
 * takes the focus, a list or a part that says so by its `tabindex`, or to the screen's heading, once
 * there is one.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let path: readonly HTMLElement[] = []
    let disabled: HTMLElement | undefined
    let pointed = false
    const note = ({ target }: FocusEvent) => {
      // What is shown above the page, a question, goes away again: what led to it counts.
      const at = target as HTMLElement
      if (at.closest('main')) path = pathOf(at)
      else if (at.closest('nav, header')) path = []
    }
    const look = () => {
      const [last, ...around] = path
      if (!last) return
      if (last.isConnected && last.matches(':disabled')) disabled = last
      if (pointed || (document.activeElement ?? document.body) !== document.body) return
      if (!last.isConnected) (around.find(takesFocus) ?? heading())?.focus()
      else if (last === disabled && !last.matches(':disabled')) last.focus()
    }
    const point = () => {
      pointed = true
    }
    const key = () => {
      pointed = false
    }
    const watch = new MutationObserver(look)
    const what = { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] }
    watch.observe(document.body, what)
    addEventListener('focusin', note)
    addEventListener('pointerdown', point, true)
    addEventListener('keydown', key, true)
    return () => {
      watch.disconnect()
      removeEventListener('focusin', note)
      removeEventListener('pointerdown', point, true)
      removeEventListener('keydown', key, true)
    }
  }, [])
}

function pathOf(inner: HTMLElement): HTMLElement[] {
  const path: HTMLElement[] = []
  for (let at: HTMLElement | null = inner; at; at = at.parentElement) path.push(at)
  return path
}

function takesFocus(one: HTMLElement): boolean {
  return one.isConnected && (one.tabIndex >= 0 || one.hasAttribute('tabindex'))
}

function heading(): HTMLElement | null {
  const found = document.querySelector<HTMLElement>('main h1')
  if (found) found.tabIndex = -1
  return found
}
