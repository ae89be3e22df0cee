import { useCallback, useEffect, useState } from 'react'

import { askTerminal } from '../parts/terminal-api.ts'

/** What a path of the merchant API answers: asked when shown, and again by `reload`. */
export function useAsked<T>(path: string) {
  const [answer, setAnswer] = useState<T>()
  const [error, setError] = useState<unknown>()
  const reload = useCallback(async () => {
    setError(undefined)
    await askTerminal<T>('GET', path).then(setAnswer, setError)
  }, [path])
  useEffect(() => {
    void reload()
  }, [reload])
  return { answer, error, reload, setAnswer }
}
