import { useEffect, useState } from 'react'

const key = 'care mode'

/** Care mode (大字版): larger text and targets, remembered on the device. */
export function useCare(): readonly [on: boolean, toggle: () => void] {
  const [on, setOn] = useState(localStorage.getItem(key) === 'on')
  useEffect(() => {
    document.documentElement.dataset.care = on ? 'on' : 'off'
    localStorage.setItem(key, on ? 'on' : 'off')
  }, [on])
  return [on, () => setOn(!on)]
}
