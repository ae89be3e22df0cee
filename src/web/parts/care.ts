import { useEffect } from 'react'

import { useRemembered } from './remembered.ts'

/** Care mode (大字版): larger text and targets, on every page of the device. */
export function useCare(): readonly [on: boolean, toggle: () => void] {
  const [care, remember] = useRemembered('care mode')
  const on = care === 'on'
  useEffect(() => {
    document.documentElement.dataset.care = on ? 'on' : 'off'
  }, [on])
  return [on, () => remember(on ? 'off' : 'on')]
}
