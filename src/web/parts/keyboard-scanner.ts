import { useEffect, useRef } from 'react'

/** Scanners type faster than people: a longer pause begins a new code. */
const pauseMs = 60
const shortest = 12

/**
 * Listens for a USB or Bluetooth scanner, which types what it reads and ends with Enter, wherever
 * the cursor is. What people type into a field is left alone.
 */
export function useKeyboardScanner(onCode: (text: string) => void): void {
  const latest = useRef(onCode)
  latest.current = onCode
  useEffect(() => {
    let typed = ''
    let at = 0
    const listen = (event: KeyboardEvent) => {
      if (event.timeStamp - at > pauseMs) typed = ''
      at = event.timeStamp
      if (event.key.length === 1) typed += event.key
      else if (event.key === 'Enter' && typed.length >= shortest) {
        const code = typed
        typed = ''
        event.preventDefault()
        latest.current(code)
      }
    }
    addEventListener('keydown', listen, true)
    return () => removeEventListener('keydown', listen, true)
  }, [])
}
