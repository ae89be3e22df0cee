import { useEffect, useState } from 'react'

import { now } from './server-clock.ts'

/** How long each text stands. */
export const periodSeconds = 30

/**
 * Makes a text anew at every half minute of the server's time: what a code shows. Answers the text
 * and the seconds that it has left; '' until the first is made.
 */
export function useTurning(make: () => Promise<string>, about: string): readonly [string, number] {
  const [text, setText] = useState('')
  const [left, setLeft] = useState(periodSeconds)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `about` says when `make` is another
  useEffect(() => {
    let shown = -1
    const tick = async () => {
      const seconds = now() / 1000
      setLeft(periodSeconds - (seconds % periodSeconds))
      const step = Math.floor(seconds / periodSeconds)
      if (step === shown) return
      shown = step
      setText(await make())
    }
    void tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [about])
  return [text, left]
}
