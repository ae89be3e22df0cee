import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'

import { type Bytes, fromBase64, toBase64 } from '../base/bytes.ts'
import { type Random, systemRandom } from '../base/id.ts'
import { sha256 } from '../base/sha256.ts'
import { formatVkey, makeVkey, type NoteSigner, noteType } from '../formats/tlog/note.ts'
import { ed25519FromSeed } from './ed25519.ts'
import type { KeyFolder } from './key-folder.ts'

/** One key of a log: what signs its checkpoints. */
export interface SingleLogKey extends NoteSigner {
  /** Verifier key, as policies and auditors write it (signed-note 1.0.0). */
  readonly vkey: string
}

interface KeyFile {
  readonly file: string
  /** The first key of a log is 1; each that follows has the next number. */
  readonly number: number
  readonly key: SingleLogKey
}

const lookEveryMs = 1000

/**
 * The keys of one log as they lie in the folder, the oldest first. It looks again, once a second at
 * the most, so that a rotation by the command line reaches servers that run.
 */
export class LogKeyFiles {
  readonly name: string
  readonly #folder: KeyFolder
  #keys: readonly SingleLogKey[]
  #files: string
  #looked = performance.now()

  constructor(folder: KeyFolder, name: string) {
    this.name = name
    this.#folder = folder
    this.#files = filesIn(folder).join()
    this.#keys = keyFiles(folder).flatMap(({ key }) => (key.name === name ? [key] : []))
  }

  /** The oldest key: what policies know until it is dropped. */
  get vkey(): string {
    return this.#first.vkey
  }
  get keyId(): string {
    return this.#first.keyId
  }
  readonly sign = (bytes: Bytes) => this.#first.sign(bytes)

  /** Those that sign beside it while the log's key is rotated. */
  get also(): readonly SingleLogKey[] {
    this.look()
    return this.#keys.slice(1)
  }

  /** Reads the folder again if its files have changed; `now` without waiting a second. */
  look({ now = false } = {}): void {
    if (!now && performance.now() - this.#looked < lookEveryMs) return
    this.#looked = performance.now()
    const files = filesIn(this.#folder).join()
    if (files === this.#files) return
    const keys = keyFiles(this.#folder).flatMap(({ key }) => (key.name === this.name ? [key] : []))
    if (keys.length === 0) return // a log without a key: go on with what there was
    this.#keys = keys
    this.#files = files
  }

  get #first(): SingleLogKey {
    this.look()
    const [first] = this.#keys
    if (!first) throw new TypeError(`log ${this.name} has no key`)
    return first
  }
}

/** Every log that the folder has keys for. */
export function readLogKeys(folder: KeyFolder): readonly LogKeyFiles[] {
  const names = new Set(keyFiles(folder).map(({ key }) => key.name))
  return [...names].map((name) => new LogKeyFiles(folder, name))
}

/** The keys of one log, if the folder has any by now. */
export function findLogKey(folder: KeyFolder, name: string): LogKeyFiles | undefined {
  const has = keyFiles(folder).some(({ key }) => key.name === name)
  return has ? new LogKeyFiles(folder, name) : undefined
}

/** Makes the first key of a log, or one more that signs beside those it has. */
export function writeLogKey(
  folder: KeyFolder,
  origin: string,
  random: Random = systemRandom,
): SingleLogKey {
  const last = keyFiles(folder).findLast(({ key }) => key.name === origin)
  const end = last ? `~${last.number + 1}` : ''
  const file = `log-${origin.replaceAll(/[^A-Za-z0-9.-]+/g, '_')}${end}.key`
  folder.writeSecret(file, `${origin}+${toBase64(random(32))}`)
  return readLogKey(folder.readSecret(file), file)
}

/** Deletes the oldest key of a log that has another. Answers its verifier key. */
export function dropLogKey(folder: KeyFolder, origin: string): string {
  const [oldest, next] = keyFiles(folder).filter(({ key }) => key.name === origin)
  if (!oldest || !next) throw new Error('the log has one key only: symbolon ledger rotate-key')
  rmSync(join(folder.path, oldest.file))
  return oldest.key.vkey
}

function filesIn(folder: KeyFolder): readonly string[] {
  return folder.list().filter((name) => /^log-.*\.key$/.test(name))
}

function keyFiles(folder: KeyFolder): readonly KeyFile[] {
  return filesIn(folder)
    .map((file) => ({
      file,
      number: Number(/~(\d+)\.key$/.exec(file)?.[1] ?? 1),
      key: readLogKey(folder.readSecret(file), file),
    }))
    .sort((a, b) => a.number - b.number)
}

function readLogKey(text: string, file: string): SingleLogKey {
  const at = text.length - 45 // the seed's 44 characters may hold a plus, and begin with one
  const origin = text.slice(0, at)
  const seed = fromBase64(text.slice(at + 1))
  if (at < 1 || text[at] !== '+' || seed?.length !== 32) {
    throw new Error(`${file} does not hold a key`)
  }
  const { publicKey, sign } = ed25519FromSeed(seed)
  const vkey = makeVkey(sha256, origin, noteType, publicKey)
  return { name: vkey.name, keyId: vkey.keyId, sign, vkey: formatVkey(vkey) }
}
