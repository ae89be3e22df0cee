import type { Bytes } from '../base/bytes.ts'
import { readLeaf } from './leaf.ts'
import { bundlePath, decodeBundle, tileWidth, widthAt } from './tlog/tiles.ts'

/** An entrant that does not fit, and the line of the list where, counted from 0. */
export interface WrongEntrant {
  readonly index: number
  readonly entrant: string
  /** `unknown`: in the list and not in the log; `dropped`: in the log and not in the list. */
  readonly kind: 'unknown' | 'dropped'
}

/** The leaves of one log from `from` to before `to`, and the octets below its address. */
export interface LogSpan {
  readonly from: number
  readonly to: number
  readonly read: (path: string) => Promise<Bytes | undefined>
}

/**
 * Compares a draw's list of entrants with the leaves by which they came in and went out: which line
 * of it is wrong, where the closing leaf's root says that some line is. `spans` lead from the
 * opening leaf to the closing one, through the logs of all years between them, in their order. The
 * bundles are taken as they come: whether they are the log's own is for whoever verifies the log.
 * Throws LeafError and TlogError for octets that are no log's.
 */
export async function wrongEntrants({
  draw,
  list,
  spans,
}: {
  readonly draw: string
  readonly list: readonly string[]
  readonly spans: readonly LogSpan[]
}): Promise<WrongEntrant[]> {
  const entered = new Set<string>()
  for (const span of spans) await follow(draw, span, entered)
  const listed = new Set(list)
  const unknown = list.flatMap((entrant, index): WrongEntrant[] =>
    entered.has(entrant) ? [] : [{ index, entrant, kind: 'unknown' }],
  )
  const dropped = [...entered]
    .filter((entrant) => !listed.has(entrant))
    .map((entrant): WrongEntrant => {
      return { index: list.filter((one) => one < entrant).length, entrant, kind: 'dropped' }
    })
  return [...unknown, ...dropped].sort((a, b) => a.index - b.index)
}

/** Puts who came into a draw into `entered`, and takes out who left it. */
async function follow(
  draw: string,
  { from, to, read }: LogSpan,
  entered: Set<string>,
): Promise<void> {
  for (let n = Math.floor(from / tileWidth); n * tileWidth < to; n++) {
    // A log may have grown since: a full bundle stands where a part of it stood.
    const full = await read(bundlePath({ index: n, width: tileWidth }))
    const width = full ? tileWidth : widthAt(to, 0, n)
    const bundle = full ?? (await read(bundlePath({ index: n, width })))
    if (!bundle) throw new TypeError(`the log has no bundle ${n}`)
    decodeBundle(bundle, width).forEach((entry, i) => {
      const index = n * tileWidth + i
      if (index < from || index >= to) return
      const leaf = readLeaf(entry)
      if (leaf.draw !== draw || typeof leaf.entrant !== 'string') return
      if (leaf.k === 'draw.enter') entered.add(leaf.entrant)
      if (leaf.k === 'draw.leave') entered.delete(leaf.entrant)
    })
  }
}
