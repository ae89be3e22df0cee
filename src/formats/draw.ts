import { type Bytes, concat, fromBase64url, toBase64url, toHex, utf8 } from '../base/bytes.ts'
import { type Leaf, LeafError, type LeafObject, readLeaf } from './leaf.ts'
import { TlogError } from './tlog/error.ts'
import { Frontier, leafHash, type Sha256 } from './tlog/merkle.ts'
import { parseVkey, type VerifyEd25519 } from './tlog/note.ts'

/** The files of one draw, as published below `/draws/<id>/`. All of them are unverified. */
export interface DrawFiles {
  /** `opening.tlog-proof`: seed's hash, closing time, units, outside key. */
  readonly opening: Uint8Array
  /** `closing.tlog-proof`: how many entered, and the root over them. */
  readonly closing?: Uint8Array | undefined
  /** `result.tlog-proof`: the seed and the signature. */
  readonly result?: Uint8Array | undefined
  /** `entrants`: pseudonyms in ASCII order, a line each. */
  readonly entrants?: Uint8Array | undefined
  /** `winners`: pseudonyms in the order of their rank, a line each. */
  readonly winners?: Uint8Array | undefined
}

/** Names of the files, in the order in which they come to be. */
export const drawFileNames = {
  opening: 'opening.tlog-proof',
  closing: 'closing.tlog-proof',
  entrants: 'entrants',
  result: 'result.tlog-proof',
  winners: 'winners',
} as const satisfies Record<keyof DrawFiles, string>

/** A leaf that a receipt proves to be in the log. */
export interface LoggedLeaf {
  readonly entry: Uint8Array
  readonly leafHash: Uint8Array
  /** Its place in the log that `checkpoint` names: of each year, one of its own. */
  readonly index: number
  readonly checkpoint: { readonly origin: string }
}

export interface DrawTools {
  readonly sha256: Sha256
  readonly verifyEd25519: VerifyEd25519
  /** Verifies a receipt under whatever the verifier believes; throws TlogError. */
  readonly open: (receipt: Uint8Array) => Promise<LoggedLeaf>
}

export type DrawCheck =
  | 'opening'
  | 'closing'
  | 'entrants'
  | 'result'
  | 'seed'
  | 'signature'
  | 'winners'
  | 'receipt'

/** What was found of a draw. `JSON.stringify` is its machine-readable form. */
export interface DrawReport {
  readonly ok: boolean
  readonly draw?: string
  readonly closes?: number
  readonly units?: number
  readonly entrants?: number
  /** Name of the outside key; none: the operator must be trusted. */
  readonly witness?: string
  /** Reproduced here, in the order of their rank. */
  readonly winners: readonly string[]
  readonly findings: readonly { readonly check: DrawCheck; readonly message: string }[]
}

const pseudonymPattern = /^[A-Za-z0-9_-]{21}[AQgw]$/

/** What the outside key signs: `symbolon-draw/v1`, a newline, the leaf hash in base64url. */
export function drawMessage(closingLeafHash: Uint8Array): Bytes {
  return utf8(`symbolon-draw/v1\n${toBase64url(closingLeafHash)}`)
}

/** RFC 9162 root over the pseudonyms (16 octets each), in ASCII order of their base64url. */
export function drawRoot(sha256: Sha256, pseudonyms: readonly string[]): Uint8Array {
  const tree = new Frontier(sha256)
  for (const each of pseudonyms) tree.append(leafHash(sha256, octetsOf(each)))
  return tree.root()
}

/**
 * Everybody by rank: the smallest HMAC-SHA-256(seed || signature, pseudonym) first. `signature` is
 * empty in a draw without an outside key.
 */
export function rankEntrants(
  sha256: Sha256,
  given: { seed: Uint8Array; signature: Uint8Array; pseudonyms: readonly string[] },
): string[] {
  const mac = hmac(sha256, concat(given.seed, given.signature))
  const lots = given.pseudonyms.map((name) => ({ name, lot: toHex(mac(octetsOf(name))) }))
  lots.sort((a, b) => (a.lot < b.lot ? -1 : 1))
  return lots.map(({ name }) => name)
}

/** A list of pseudonyms as its file, and back; `undefined` when a line is none. */
export function writeDrawList(pseudonyms: readonly string[]): Bytes {
  return utf8(pseudonyms.map((each) => `${each}\n`).join(''))
}
export function readDrawList(file: Uint8Array): string[] | undefined {
  const text = new TextDecoder().decode(file)
  if (text === '') return []
  if (!text.endsWith('\n')) return undefined
  const lines = text.slice(0, -1).split('\n')
  return lines.every((line) => pseudonymPattern.test(line)) ? lines : undefined
}

/**
 * Reproduces a draw from its published files and says everything that does not fit. `receipts` are
 * those of entrants: each must be in the list. Runs in a page as well. Throws nothing but what
 * `open` throws beside TlogError.
 */
export async function verifyDraw(
  files: DrawFiles,
  tools: DrawTools,
  receipts: readonly Uint8Array[] = [],
): Promise<DrawReport> {
  const check = new Check(tools)
  await check.run(files, receipts)
  return check.report()
}

type Found = LoggedLeaf & Readonly<{ leaf: Leaf }>

/** Whether a leaf stands before another: by its place in one log, in two years' by its time. */
function precedes(one: Found, other: Found): boolean {
  const same = one.checkpoint.origin === other.checkpoint.origin
  return same ? one.index < other.index : one.leaf.t < other.leaf.t
}

class Check {
  readonly #tools: DrawTools
  readonly #findings: { check: DrawCheck; message: string }[] = []
  #opening: Found | undefined
  #entrants: number | undefined
  #winners: readonly string[] = []

  constructor(tools: DrawTools) {
    this.#tools = tools
  }

  async run(files: DrawFiles, receipts: readonly Uint8Array[]): Promise<void> {
    this.#opening = await this.#leaf('opening', 'draw.open', files.opening)
    if (!this.#opening) return
    const closing = await this.#leaf('closing', 'draw.close', files.closing)
    const list = closing && this.#list(closing, this.#opening, files.entrants)
    for (const receipt of receipts) await this.#receipt(receipt, list)
    const result = await this.#leaf('result', 'draw.run', files.result)
    const signature = closing && (await this.#signature(closing, result))
    const seed = result && this.#seed(result, closing)
    if (!list || !seed || !signature) return
    const ranked = rankEntrants(this.#tools.sha256, { seed, signature, pseudonyms: list })
    this.#winners = ranked.slice(0, Number(this.#opening.leaf.units))
    const told = files.winners && readDrawList(files.winners)
    if (told?.join() !== this.#winners.join()) {
      this.#bad('winners', 'the published winners are not those of the seed and the signature')
    }
  }

  report(): DrawReport {
    const { draw, closes, units, witness } = this.#opened()
    return {
      ok: this.#findings.length === 0,
      ...(typeof draw === 'string' && { draw }),
      ...(typeof closes === 'number' && { closes }),
      ...(typeof units === 'number' && { units }),
      ...(this.#entrants !== undefined && { entrants: this.#entrants }),
      ...(typeof witness === 'string' && { witness: witness.split('+', 1)[0] ?? '' }),
      winners: this.#winners,
      findings: this.#findings,
    }
  }

  #opened(): LeafObject {
    return this.#opening?.leaf ?? {}
  }

  /** A receipt's leaf, if it is in the log, of that kind, and of this draw. */
  async #leaf(
    check: DrawCheck,
    kind: string,
    receipt: Uint8Array | undefined,
  ): Promise<Found | undefined> {
    if (!receipt) {
      this.#bad(check, `the leaf ${kind} is not published`)
      return undefined
    }
    try {
      const opened = await this.#tools.open(receipt)
      const leaf = readLeaf(opened.entry)
      const mine = !this.#opening || leaf.draw === this.#opening.leaf.draw
      if (leaf.k === kind && mine && typeof leaf.draw === 'string') return { ...opened, leaf }
      this.#bad(check, `the leaf is not a ${kind} of this draw`)
    } catch (error) {
      if (!(error instanceof TlogError || error instanceof LeafError)) throw error
      this.#bad(check, `the leaf ${kind} is not in the log: ${error.message}`)
    }
    return undefined
  }

  #list(
    closing: Found,
    opening: Found,
    file: Uint8Array | undefined,
  ): readonly string[] | undefined {
    const { leaf } = closing
    if (leaf.ref !== toBase64url(opening.leafHash) || precedes(closing, opening)) {
      this.#bad('closing', 'it does not follow the opening')
    }
    if (leaf.t < Number(opening.leaf.closes)) this.#bad('closing', 'it was closed early')
    const list = file && readDrawList(file)
    if (!list) {
      this.#bad('entrants', 'the list of entrants is missing or malformed')
      return undefined
    }
    this.#entrants = list.length
    const inOrder = list.every((each, i) => i === 0 || (list[i - 1] ?? '') < each)
    const root = toBase64url(drawRoot(this.#tools.sha256, list))
    if (!inOrder || leaf.entrants !== list.length || leaf.root !== root) {
      this.#bad('entrants', 'the list of entrants is not the one that the closing leaf names')
    }
    return list
  }

  #seed(result: Found, closing: Found | undefined): Uint8Array | undefined {
    const { leaf } = result
    if (closing && precedes(result, closing)) {
      this.#bad('result', 'it was drawn before it was closed')
    }
    const seed = typeof leaf.seed === 'string' ? fromBase64url(leaf.seed) : undefined
    const hash = seed && toBase64url(this.#tools.sha256(seed))
    if (seed?.length === 32 && hash === this.#opening?.leaf.seed) return seed
    this.#bad('seed', 'the seed is not the one that the opening leaf names')
    return undefined
  }

  /** The signature of the outside key; empty when the draw has none. */
  async #signature(closing: Found, result: Found | undefined): Promise<Uint8Array | undefined> {
    const { witness } = this.#opened()
    if (witness === undefined) return new Uint8Array(0)
    const text = result?.leaf.signature
    if (typeof text !== 'string') {
      this.#bad('signature', 'the signature of the outside key is missing')
      return undefined
    }
    const signature = fromBase64url(text)
    const key = this.#key(String(witness))
    const message = drawMessage(closing.leafHash)
    if (signature && key && (await this.#tools.verifyEd25519(key, message, signature))) {
      return signature
    }
    this.#bad('signature', 'the signature of the outside key does not verify')
    return undefined
  }

  #key(vkey: string): Bytes | undefined {
    try {
      return parseVkey(this.#tools.sha256, vkey).publicKey
    } catch (error) {
      if (error instanceof TlogError) return undefined
      throw error
    }
  }

  async #receipt(receipt: Uint8Array, list: readonly string[] | undefined): Promise<void> {
    const entry = await this.#leaf('receipt', 'draw.enter', receipt)
    if (!entry || !list || list.includes(String(entry.leaf.entrant))) return
    this.#bad('receipt', `the entrant ${entry.leaf.entrant} is not in the list`)
  }

  #bad(check: DrawCheck, message: string): void {
    this.#findings.push({ check, message })
  }
}

/** HMAC (RFC 2104) with one key for many messages. */
function hmac(sha256: Sha256, key: Uint8Array): (message: Uint8Array) => Uint8Array {
  const block = new Uint8Array(64)
  block.set(key.length > 64 ? sha256(key) : key)
  const inner = block.map((octet) => octet ^ 0x36)
  const outer = block.map((octet) => octet ^ 0x5c)
  return (message) => sha256(concat(outer, sha256(concat(inner, message))))
}

function octetsOf(pseudonym: string): Uint8Array {
  const octets = fromBase64url(pseudonym)
  if (octets?.length !== 16) throw new TypeError('not a pseudonym')
  return octets
}
