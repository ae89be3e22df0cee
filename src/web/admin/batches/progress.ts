import { useEffect, useState } from 'react'

import { queries, useRead } from '../desk-api.ts'
import type { BatchRecord } from './batch-record.ts'

/** How far a batch is. The last two are told while it goes on, by events. */
export type Progressing = BatchRecord & {
  readonly members: number
  readonly left_out: Readonly<Record<string, number>>
  readonly rate?: number
  readonly seconds_left?: number
}

/** States in which a batch does something. */
export const moving = ['running', 'recalling']

/** How often it is asked for where the stream broke, and beside one that may be held up. */
const brokenMs = 700
const besideMs = 5000

/**
 * How far a batch is: told by events while it moves; asked for again and again where the stream
 * breaks, and now and then beside it, because something between may keep the events back.
 */
export function useProgress(id: string) {
  const path = `/admin/batches/${id}/progress`
  const [broken, setBroken] = useState(false)
  const known = queries.getQueryData<Progressing>([path])
  const going = known !== undefined && moving.includes(known.state)
  const everyMs = broken ? brokenMs : besideMs
  const found = useRead<Progressing>(path, going ? { everyMs } : {})
  useEffect(() => {
    setBroken(false)
    if (!going) return
    const source = new EventSource(`/api/v1${path}/events`)
    source.addEventListener('progress', ({ data }: MessageEvent<string>) => {
      const told = JSON.parse(data) as Progressing
      queries.setQueryData([path], told)
      if (!moving.includes(told.state)) source.close() // or it would begin anew
    })
    source.addEventListener('error', () => {
      source.close()
      setBroken(true)
    })
    return () => source.close()
  }, [path, going])
  return found
}
