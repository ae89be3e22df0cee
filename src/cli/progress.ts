import { type Clock, second } from '../base/clock.ts'
import type { ImportCounts } from '../identity/import-record.ts'
import type { Io } from './io.ts'

/**
 * Shows how far an import is, on one line that is written over at most four times a second: rows,
 * rows a second, and the time left as the file's octets (`bytes` in all) suggest it.
 */
export function progressLine(
  bytes: number,
  now: Clock,
  to: Io['stderr'],
): (counts: ImportCounts) => void {
  const began = now()
  let shown = 0
  return (counts) => {
    const at = now()
    if (at - shown < second / 4) return
    shown = at
    const seconds = Math.max((at - began) / second, 0.001)
    const left = counts.bytes > 0 ? (seconds * (bytes - counts.bytes)) / counts.bytes : 0
    const rate = Math.round(counts.read / seconds)
    const text = `${counts.read} rows, ${rate}/s, ${counts.refused} refused, ${Math.ceil(left)} s left`
    to.write(`\r${text.padEnd(78)}`)
  }
}
