import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { fromBase64, toBase64 } from '../base/bytes.ts'
import { type Random, systemRandom } from '../base/id.ts'
import { sha256 } from '../base/sha256.ts'
import { formatVkey, makeVkey, type NoteSigner, noteType } from '../formats/tlog/note.ts'
import { ed25519FromSeed } from './ed25519.ts'

/** The key that signs one log's checkpoints. The signer's name is the log's origin. */
export interface LogKey extends NoteSigner {
  /** Verifier key, as policies and auditors write it (signed-note 1.0.0). */
  readonly vkey: string
}

/** The private keys of a deployment, as they lie in `<data>/keys`. */
export interface Keyring {
  /** Key-encryption key, 32 octets: wraps the data keys that the database holds. */
  readonly master: Uint8Array
  readonly logs: readonly LogKey[]
}

const masterFile = 'master.key'

/** Makes the keys of a new deployment. A folder that has keys already is left alone: an Error. */
export function createKeyring(
  data: string,
  origin: string,
  random: Random = systemRandom,
): Keyring {
  const folder = join(data, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  write(join(folder, masterFile), toBase64(random(32)))
  const file = `log-${origin.replaceAll(/[^A-Za-z0-9.-]+/g, '_')}.key`
  write(join(folder, file), `${origin}+${toBase64(random(32))}`)
  return openKeyring(data)
}

/** Reads the keys of a deployment. */
export function openKeyring(data: string): Keyring {
  const folder = join(data, 'keys')
  const master = fromBase64(readFileSync(join(folder, masterFile), 'utf8').trim())
  if (master?.length !== 32) throw new Error(`${masterFile} does not hold a key`)
  const files = readdirSync(folder).filter((name) => /^log-.*\.key$/.test(name))
  const logs = files.map((name) =>
    readLogKey(readFileSync(join(folder, name), 'utf8').trim(), name),
  )
  return { master, logs }
}

function readLogKey(text: string, file: string): LogKey {
  const at = text.length - 45 // the seed's 44 characters may hold a plus, and begin with one
  const origin = text.slice(0, at)
  const seed = fromBase64(text.slice(at + 1))
  if (at < 1 || text[at] !== '+' || seed?.length !== 32)
    throw new Error(`${file} does not hold a key`)
  const { publicKey, sign } = ed25519FromSeed(seed)
  const vkey = makeVkey(sha256, origin, noteType, publicKey)
  return { name: vkey.name, keyId: vkey.keyId, sign, vkey: formatVkey(vkey) }
}

function write(path: string, text: string): void {
  writeFileSync(path, `${text}\n`, { mode: 0o600, flag: 'wx' })
}
