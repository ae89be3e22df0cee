import { isAscii } from 'node:buffer'
import { Refusal } from '../../base/refusal.ts'

type Decoder = InstanceType<typeof TextDecoder>

export const encodings = ['utf-8', 'gb18030'] as const
export type Encoding = (typeof encodings)[number]

const windowBytes = 1024 * 1024
const pieceBytes = 64 * 1024

/**
 * First octets of files people upload by mistake; an .xls or an encrypted workbook is the first.
 */
const binaries = ['d0cf11e0', '25504446', '1f8b', '377abcaf', '52617221', '89504e47']

/**
 * The text of a file in UTF-8 (with or without a byte order mark) or GB18030, in pieces of at most
 * about a megabyte, each yielded as soon as it is certain.
 *
 * ASCII passes through undecided; the megabyte that begins with the first other octet decides, and
 * UTF-8 wins if it can be read as both. Refuses ENCODING_UNKNOWN for anything else, also later on,
 * and for a UTF-16 mark; FILE_UNREADABLE (`reason: binary`) for NUL octets and known binary
 * formats. Somebody may have said which encoding it is; `told` hears of what was decided.
 */
export async function* decodeText(
  source: AsyncIterable<Uint8Array>,
  { encoding, told }: { encoding?: Encoding; told?: (encoding: Encoding) => void } = {},
): AsyncGenerator<string> {
  const decide = (window: Uint8Array) => {
    const found = encoding ?? encodingOf(window)
    told?.(found)
    return new TextDecoder(found, { fatal: true })
  }
  let decoder: Decoder | undefined
  let gathered: Uint8Array[] = []
  let size = 0
  let position = 0
  for await (const piece of pieces(source)) {
    if (position === 0) refuseBinary(piece)
    position += piece.length
    if (piece.includes(0)) throw new Refusal('FILE_UNREADABLE', { reason: 'binary' })
    if (decoder === undefined && size === 0 && isAscii(piece)) {
      yield latin1(piece)
    } else if (decoder === undefined) {
      gathered.push(piece)
      size += piece.length
      if (size < windowBytes) continue
      const window = Buffer.concat(gathered)
      decoder = decide(window)
      gathered = []
      yield decode(decoder, window)
    } else yield decode(decoder, piece)
  }
  const rest = Buffer.concat(gathered)
  decoder ??= decide(rest)
  yield decode(decoder, rest) + decode(decoder)
}

/** The source in small pieces, so that no step below works on a whole file at once. */
async function* pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = new Uint8Array(0)
  for await (const chunk of source) {
    // The first piece must be long enough to show what kind of file it is.
    const bytes = head.length === 0 ? chunk : Buffer.concat([head, chunk])
    head = new Uint8Array(0)
    if (bytes.length < 4) head = new Uint8Array(bytes)
    else
      for (let at = 0; at < bytes.length; at += pieceBytes)
        yield bytes.subarray(at, at + pieceBytes)
  }
  if (head.length > 0) yield head
}

function refuseBinary(head: Uint8Array): void {
  const first = Buffer.from(head.subarray(0, 4)).toString('hex')
  if (first.startsWith('fffe') || first.startsWith('feff')) throw new Refusal('ENCODING_UNKNOWN')
  if (binaries.some((magic) => first.startsWith(magic))) {
    throw new Refusal('FILE_UNREADABLE', { reason: 'binary', hint: 'save_as_csv_or_xlsx' })
  }
}

function encodingOf(window: Uint8Array): Encoding {
  const marked = window[0] === 0xef && window[1] === 0xbb && window[2] === 0xbf
  if (marked || reads('utf-8', window)) return 'utf-8'
  if (reads('gb18030', window)) return 'gb18030'
  throw new Refusal('ENCODING_UNKNOWN')
}

/** A character cut off at the end of the window counts as read. */
function reads(encoding: string, window: Uint8Array): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(window, { stream: true })
    return true
  } catch {
    return false
  }
}

function decode(decoder: Decoder, piece?: Uint8Array): string {
  try {
    return piece === undefined ? decoder.decode() : decoder.decode(piece, { stream: true })
  } catch {
    throw new Refusal('ENCODING_UNKNOWN')
  }
}

function latin1(piece: Uint8Array): string {
  return Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1')
}
