import { fromBase64, toBase64 } from '../base/bytes.ts'
import { type Random, systemRandom } from '../base/id.ts'
import { sha256 } from '../base/sha256.ts'
import {
  cosignatureType,
  formatVkey,
  isKeyName,
  makeVkey,
  type NoteSigner,
} from '../formats/tlog/note.ts'
import { ed25519FromSeed } from './ed25519.ts'
import type { KeyFolder } from './key-folder.ts'

/** The key with which we witness others' logs: Ed25519 cosignatures, type 0x04. */
export interface WitnessKey extends NoteSigner {
  /** Verifier key, as the policies of those who believe us write it. */
  readonly vkey: string
}

/** Where the key lies in its folder. */
const witnessFile = 'witness.key'

/** The name under which a node witnesses: its log's host, and `witness`. */
export function witnessNameOf(origin: string): string {
  return `${origin.split('/', 1)[0]}/witness`
}

/** Makes the key of a witness. One that is there, or a name that no key can have, is an Error. */
export function writeWitnessKey(
  folder: KeyFolder,
  name: string,
  random: Random = systemRandom,
): WitnessKey {
  if (!isKeyName(name)) throw new Error('the name of a witness has no space and no plus')
  if (folder.list().includes(witnessFile)) throw new Error('there is a witness key already')
  const text = `${name}+${toBase64(random(32))}`
  folder.writeSecret(witnessFile, text)
  return fromText(text)
}

/** The key of a witness, or `undefined` in a folder that has none. */
export function readWitnessKey(folder: KeyFolder): WitnessKey | undefined {
  if (!folder.list().includes(witnessFile)) return undefined
  return fromText(folder.readSecret(witnessFile))
}

function fromText(text: string): WitnessKey {
  const at = text.length - 45 // the seed's 44 characters may hold a plus, and begin with one
  const seed = fromBase64(text.slice(at + 1))
  if (at < 1 || text[at] !== '+' || seed?.length !== 32) {
    throw new Error(`${witnessFile} does not hold a key`)
  }
  const { publicKey, sign } = ed25519FromSeed(seed)
  const vkey = makeVkey(sha256, text.slice(0, at), cosignatureType, publicKey)
  return { name: vkey.name, keyId: vkey.keyId, sign, vkey: formatVkey(vkey) }
}
