import { useEffect, useRef } from 'react'

/** Scanners type faster than people: a longer pause begins a new text. */
const pauseMs = 60
/** Our own codes begin with what nobody types by chance: on a busy machine they may come slowly. */
const prefix = 'SY1:'
const codePauseMs = 1000
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
      const ours = typed.startsWith(prefix) || prefix.startsWith(typed)
      if (event.timeStamp - at > (ours ? codePauseMs : pauseMs)) typed = ''
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
