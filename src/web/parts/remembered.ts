import { useSyncExternalStore } from 'react'

const listeners = new Set<() => void>()

/**
 * A choice that this device remembers, in every page and tab of ours at once: `undefined` until it
 * is made. For what is nobody's secret.
 */
export function useRemembered(
  name: string,
): readonly [value: string | undefined, remember: (value: string) => void] {
  const value = useSyncExternalStore(subscribe, () => localStorage.getItem(name) ?? undefined)
  return [
    value,
    (chosen) => {
      localStorage.setItem(name, chosen)
      for (const tell of listeners) tell()
    },
  ]
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  addEventListener('storage', listener) // another tab of ours has chosen
  return () => {
    listeners.delete(listener)
    removeEventListener('storage', listener)
  }
}
