import { useEffect, useRef } from 'react'

/** Asks at once and then every `everyMs`, as long as `on` holds and the screen is shown. */
export function useAskingAgain(ask: () => Promise<unknown>, everyMs: number, on: boolean): void {
  const latest = useRef(ask)
  latest.current = ask
  useEffect(() => {
    if (!on) return
    let over = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      await latest.current()
      if (!over) timer = setTimeout(look, everyMs)
    }
    void look()
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [everyMs, on])
}
