import { utf8 } from '../base/bytes.ts'
import {
  dropPieces,
  type ImportPart,
  pieceOctets,
  sealPiece,
  writePiece,
} from '../identity/import-pieces.ts'
import { refusedRows } from '../identity/import-report.ts'
import { textOf } from '../identity/roster/cell.ts'
import type { Mapping } from '../identity/roster/mapping.ts'
import { readRaw } from '../identity/roster/read.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'

const byteOrderMark = '\ufeff'

/** Keeps octets, sealed, a transaction a piece, under an import that need not be written yet. */
export async function keepOctets(
  store: Store,
  node: ThisNode,
  { importId, part }: { readonly importId: string; readonly part: ImportPart },
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  let seq = 0
  let gathered: Uint8Array[] = []
  let size = 0
  const keep = async () => {
    const piece = sealPiece(node, { importId, part, seq }, Buffer.concat(gathered))
    await store.transaction((tx) => writePiece(tx, piece), { bulk: true })
    seq++
    gathered = []
    size = 0
  }
  for await (const octets of source) {
    for (let at = 0; at < octets.length; at += pieceOctets) {
      const some = octets.subarray(at, at + pieceOctets)
      gathered.push(some)
      size += some.length
      if (size >= pieceOctets) await keep()
    }
  }
  if (size > 0 || seq === 0) await keep()
}

/**
 * Keeps the refused rows of an import that has ended, in the file's own columns, for a week: what
 * its sender corrects and sends again. The file itself is kept no longer. Nothing is kept where no
 * row was refused, or the file cannot be read so far.
 */
export async function keepRefused(
  store: Store,
  node: ThisNode,
  importId: string,
  file: { readonly source: AsyncIterable<Uint8Array>; readonly mapping: Mapping },
): Promise<void> {
  try {
    const lines = refusedLines(store, importId, file)
    const first = await lines.next()
    if (first.done) return
    await keepOctets(store, node, { importId, part: 'refused' }, octetsOf(first.value, lines))
  } finally {
    await store.transaction((tx) => dropPieces(tx, importId, 'file'), { bulk: true })
  }
}

async function* octetsOf(first: string, rest: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  yield utf8(first)
  for await (const line of rest) yield utf8(line)
}

/** The header row and those that were refused, as CSV; nothing where none was. */
async function* refusedLines(
  store: Store,
  importId: string,
  { source, mapping }: { readonly source: AsyncIterable<Uint8Array>; readonly mapping: Mapping },
): AsyncGenerator<string> {
  const faults = refusedRows(store.read, importId)
  let wanted = await faults.next()
  let head: string | undefined
  if (wanted.done) return
  for await (const raws of readRaw(source, { form: mapping })) {
    for (const { row, cells } of raws) {
      if (head === undefined) {
        head = lineOf(cells.map(textOf))
        yield byteOrderMark + head
        continue
      }
      if (row !== wanted.value) continue
      yield lineOf(cells.map(textOf))
      wanted = await faults.next()
      if (wanted.done) return
    }
  }
}

/** RFC 4180, without what a spreadsheet would run. A number with its + is none of that. */
function lineOf(cells: readonly string[]): string {
  const safe = cells.map((cell) =>
    /^([=@＝＠－-]|[+＋](?![\d\s-]+$))/.test(cell) ? `'${cell}` : cell,
  )
  const quoted = safe.map((cell) =>
    /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  )
  return `${quoted.join(',')}\r\n`
}
