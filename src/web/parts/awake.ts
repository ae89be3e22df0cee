import { useEffect } from 'react'

/** Keeps the screen on while something is shown to a scanner, where the browser can. */
export function useAwake(): void {
  useEffect(() => {
    let lock: { release(): Promise<void> } | undefined
    let over = false
    const take = async () => {
      const got = await navigator.wakeLock?.request('screen').catch(() => undefined)
      if (over) await got?.release()
      else lock = got
    }
    const again = () => document.visibilityState === 'visible' && void take()
    void take()
    document.addEventListener('visibilitychange', again)
    return () => {
      over = true
      document.removeEventListener('visibilitychange', again)
      void lock?.release()
    }
  }, [])
}
