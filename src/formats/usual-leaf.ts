import type { LeafFacts, LeafPosting } from './leaf.ts'

const natural = '(?:0|[1-9][0-9]{0,14})'
const name = '[ !#-[\\]-~]+'
const posting = `\\["${name}",-?[1-9][0-9]{0,14}\\]`

/** A leaf of the usual fields in four parts, in ASCII order; numbers of at most 15 digits. */
const headPattern = new RegExp(`^\\{(?:"amt":(${natural}),)?(?:"ccy":"([A-Z]{3})",)?"d":\\[$`)
const middlePattern = new RegExp(
  `^","k":"([a-z]+(?:\\.[a-z_]+)+)","n":"(${name})"` +
    `(?:,"p":(\\[(?:${posting}(?:,${posting})*)?\\]))?(?:,"pg":"(${name})")?$`,
)

/** What the field behind the middle may begin with, in the order in which they come. */
const behindMiddle = [',"prev":', ',"ref":', ',"sv":', ',"t":']

type Head = Pick<LeafFacts, 'amt' | 'ccy'>
type Middle = Pick<LeafFacts, 'k' | 'n' | 'p' | 'pg'>

/** The same few heads and middles come in most leaves: each is read once. */
const heads = new Map<string, Head>()
const middles = new Map<string, Middle>()
const remembered = 1000

/**
 * Most leaves have these fields alone, spelled as `encodeLeaf` does: for them one pass over the
 * text does what reading field by field does, in a quarter of the time. `undefined` says nothing
 * but that the leaf must be looked at more closely. `bytes` are the octets of the text. What a leaf
 * has not is `undefined` here; `id` and `d` are checked and left out.
 */
export function readUsual(bytes: Uint8Array, text: string): LeafFacts | undefined {
  if (text.length !== bytes.length) return undefined // what follows counts octets as characters
  const open = text.indexOf('[') + 1
  const head = recall(heads, text.slice(0, open), readHead)
  const cursor = new Cursor(bytes, open)
  if (!head || !cursor.passDigests() || !cursor.pass('],"id":"') || !cursor.passUuid()) {
    return undefined
  }
  const middleEnd = endOfMiddle(text, cursor.at)
  const middle = recall(middles, text.slice(cursor.at, middleEnd), readMiddle)
  if (!middle) return undefined
  cursor.at = middleEnd
  const prev = cursor.pass(',"prev":"') ? cursor.base64url(text, 43, lastOf32) : undefined
  const ref = cursor.pass(',"ref":"') ? cursor.base64url(text, 43, lastOf32) : undefined
  const sv = cursor.pass(',"sv":') ? cursor.natural() : undefined
  if (sv === 0 || !cursor.pass(',"t":')) return undefined
  const t = cursor.natural()
  if (!cursor.pass(',"v":1')) return undefined
  const vh = cursor.pass(',"vh":"') ? cursor.base64url(text, 22, lastOf16) : undefined
  if (!cursor.pass('}') || cursor.at !== bytes.length) return undefined
  // All at once, absent or not: an object that grows field by field takes as long as the reading.
  const { amt, ccy } = head
  const { k, n, p, pg } = middle
  return { v: 1, k, n, t, amt, ccy, p, pg, prev, ref, sv, vh } as LeafFacts
}

function recall<T>(
  known: Map<string, T>,
  text: string,
  read: (text: string) => T | undefined,
): T | undefined {
  const found = known.get(text)
  if (found !== undefined) return found
  const made = read(text)
  if (made === undefined) return undefined
  if (known.size >= remembered) known.clear()
  known.set(text, made)
  return made
}

function readHead(text: string): Head | undefined {
  const found = headPattern.exec(text)
  if (!found) return undefined
  const [, amt, ccy] = found
  return { ...(amt !== undefined && { amt: Number(amt) }), ...(ccy !== undefined && { ccy }) }
}

function readMiddle(text: string): Middle | undefined {
  const found = middlePattern.exec(text)
  if (!found) return undefined
  const [, k = '', n = '', p, pg] = found
  const postings = p === undefined ? undefined : (JSON.parse(p) as readonly LeafPosting[])
  return { k, n, ...(postings && { p: postings }), ...(pg !== undefined && { pg }) }
}

/** Where `"k"` to `"pg"` end. A name cannot hold what is looked for: it has no quotes. */
function endOfMiddle(text: string, start: number): number {
  for (const field of behindMiddle) {
    const at = text.indexOf(field, start)
    if (at >= 0) return at
  }
  return text.length
}

const [dash, zero, openBracket] = [0x2d, 0x30, 0x5b]
/** Where no text goes on: whatever is asked for there is not there. */
const nowhere = Number.MAX_SAFE_INTEGER

/** What a character may be: of base64url, the last there of 32 octets or of 16, hexadecimal. */
const [ofBase64url, lastOf32, lastOf16, ofHex] = [1, 2, 4, 8]
const classes = new Uint8Array(256)
for (let code = 0; code < 128; code++) {
  const letter = String.fromCharCode(code)
  classes[code] =
    ofBase64url * Number(/[\w-]/.test(letter)) +
    lastOf32 * Number(/[AEIMQUYcgkosw048]/.test(letter)) +
    lastOf16 * Number(/[AQgw]/.test(letter)) +
    ofHex * Number(/[0-9a-f]/.test(letter))
}

/** Goes through a leaf from left to right, as far as it is what is asked for. */
class Cursor {
  readonly #bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  /** True, and behind them, when these words come next. */
  pass(words: string): boolean {
    for (let i = 0; i < words.length; i++) {
      if (this.#bytes[this.at + i] !== words.charCodeAt(i)) return false
    }
    this.at += words.length
    return true
  }

  /** Passes digests in quotes, with commas between them, each greater than the one before it. */
  passDigests(): boolean {
    for (let before = -1; this.pass('"'); ) {
      const begin = this.at
      if (!this.passBase64url(43, lastOf32)) return false
      if (before >= 0 && !this.#ascends(before, begin)) return false
      if (!this.pass(',')) return true
      before = begin
    }
    return this.#bytes[this.at - 1] === openBracket // none at all; not a comma too many
  }

  /** Passes base64url of so many characters, the last of a class, and the quote behind it. */
  passBase64url(length: number, last: number): boolean {
    const bytes = this.#bytes
    const end = this.at + length
    if (end >= bytes.length) return false
    let shared = ofBase64url
    for (let i = this.at; i < end; i++) shared &= classes[bytes[i] as number] as number
    if (shared === 0 || ((classes[bytes[end - 1] as number] as number) & last) === 0) return false
    this.at = end
    return this.pass('"')
  }

  /** The same, and answers it; `undefined`, and stands nowhere, when it is not there. */
  base64url(text: string, length: number, last: number): string | undefined {
    const begin = this.at
    if (this.passBase64url(length, last)) return text.slice(begin, begin + length)
    this.at = nowhere
    return undefined
  }

  /** Passes a UUID in lower case. */
  passUuid(): boolean {
    const bytes = this.#bytes
    const begin = this.at
    if (begin + 36 > bytes.length) return false
    let shared = ofHex
    for (let i = begin; i < begin + 36; i++) {
      if (i === begin + 8 || i === begin + 13 || i === begin + 18 || i === begin + 23) {
        if (bytes[i] !== dash) return false
      } else shared &= classes[bytes[i] as number] as number
    }
    this.at = begin + 36
    return shared !== 0
  }

  /** A number of at most 15 digits, the first of them 0 only if it is alone; else NaN. */
  natural(): number {
    const begin = this.at
    let value = 0
    for (;;) {
      const digit = (this.#bytes[this.at] ?? 0) - zero
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      this.at++
    }
    const digits = this.at - begin
    if (digits >= 1 && digits <= 15 && (digits === 1 || this.#bytes[begin] !== zero)) {
      return value
    }
    this.at = nowhere
    return Number.NaN
  }

  /** True when the digest at `next` is greater than the one at `before`. */
  #ascends(before: number, next: number): boolean {
    for (let i = 0; i < 43; i++) {
      const step = (this.#bytes[next + i] ?? 0) - (this.#bytes[before + i] ?? 0)
      if (step !== 0) return step > 0
    }
    return false
  }
}
