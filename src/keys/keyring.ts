import { join } from 'node:path'

import { fromBase64, toBase64 } from '../base/bytes.ts'
import type { Random } from '../base/id.ts'
import { systemRandom } from '../base/id.ts'
import { sha256 } from '../base/sha256.ts'
import { createKeyFolder, type KeyFolder, openKeyFolder } from './key-folder.ts'
import { findLogKey, readLogKeys, type SingleLogKey, writeLogKey } from './log-keys.ts'
import {
  fromPem,
  type RoleKeys,
  readRoleKeys,
  toPem,
  type WrittenRoleKey,
  writeRoleKey,
} from './role-keys.ts'
import { readWitnessKey, type WitnessKey, witnessNameOf, writeWitnessKey } from './witness-key.ts'

/** The key that signs one log's checkpoints. The signer's name is the log's origin. */
export interface LogKey extends SingleLogKey {
  /** While the key is rotated: those that sign every checkpoint too, under the same name. */
  readonly also?: readonly SingleLogKey[]
  /** Looks at once whether the keys were rotated. */
  look?(given: { readonly now: boolean }): void
}

/** The private keys of a deployment, as they lie in `<data>/keys`. */
export interface Keyring {
  /** Key-encryption key, 32 octets: wraps the data keys that the database holds. */
  readonly master: Uint8Array
  readonly logs: readonly LogKey[]
  /** The key of one log, also of one whose key came into the folder since; none without one. */
  readonly logKey: (name: string) => LogKey | undefined
  /** With which it witnesses others' logs; none in a folder that was never given one. */
  readonly witness: WitnessKey | undefined
  /** The certified keys of the node. */
  readonly roles: RoleKeys
  /** The roots that this node trusts, DER. */
  readonly trustRoots: readonly Uint8Array[]
  /** False when the files can be read by whoever reads the disk. */
  readonly sealed: boolean
}

/** Keys that were just made, and how to take them away again. */
export interface MadeKeyring extends Keyring {
  /** Removes the files and folders that were made, and nothing that was there before. */
  readonly discard: () => void
}

/** What a new keyring holds beside the master key and the log's. */
export interface NewKeyring {
  /** Seals the files. */
  readonly passphrase?: string | undefined
  readonly random?: Random
  readonly roleKeys?: readonly WrittenRoleKey[]
  /** The root that certified them, DER; pinned. */
  readonly root?: Uint8Array
  /** Its private key, PKCS #8, when the node is its own root. */
  readonly rootKey?: Uint8Array
}

const masterFile = 'master.key'
/** The root of a node that is its own. */
export const ownRootFile = 'own-root.key'

/**
 * Makes the keys of a new deployment. A folder that has keys already is left alone: an Error, after
 * which everything is as it was.
 */
export function createKeyring(data: string, origin: string, given: NewKeyring = {}): MadeKeyring {
  const { passphrase, random = systemRandom, roleKeys = [], root, rootKey } = given
  const folder = createKeyFolder(folderIn(data), passphrase, random)
  try {
    folder.writeSecret(masterFile, toBase64(random(32)))
    writeLogKey(folder, origin, random)
    writeWitnessKey(folder, witnessNameOf(origin), random)
    for (const key of roleKeys) writeRoleKey(folder, key)
    if (root) pinRoot(folder, root)
    if (rootKey) folder.writeSecret(ownRootFile, toBase64(rootKey))
    return { ...read(folder), discard: () => folder.discard() }
  } catch (error) {
    folder.discard()
    throw error
  }
}

/**
 * Reads the keys of a deployment. When they are sealed, `passphrase` opens them; an Error without
 * it, or with another.
 */
export function openKeyring(data: string, passphrase?: string): Keyring {
  return read(keyFolderOf(data, passphrase))
}

/** The folder of a deployment's keys, for commands that add to it. */
export function keyFolderOf(data: string, passphrase?: string): KeyFolder {
  return openKeyFolder(folderIn(data), passphrase)
}

/** True for a file of the folder that is secret. */
export function isSecretFile(name: string): boolean {
  return name.endsWith('.key')
}

/** Adds a root to those the node trusts. One that is there already stays. Answers its file. */
export function pinRoot(folder: KeyFolder, root: Uint8Array): string {
  const name = `root-${Buffer.from(sha256(root)).toString('hex').slice(0, 16)}.crt`
  if (!folder.list().includes(name)) folder.writePublic(name, toPem(root))
  return name
}

/** The roots that are pinned in a folder, DER. */
export function pinnedRoots(folder: KeyFolder): readonly Uint8Array[] {
  const files = folder.list().filter((name) => /^root-[0-9a-f]{16}\.crt$/.test(name))
  return files.flatMap((name) => fromPem(folder.readPublic(name)))
}

function read(folder: KeyFolder): Keyring {
  const master = fromBase64(folder.readSecret(masterFile))
  if (master?.length !== 32) throw new Error(`${masterFile} does not hold a key`)
  const logs = readLogKeys(folder)
  const known = new Map<string, LogKey>(logs.map((key) => [key.name, key]))
  const logKey = (name: string) => {
    const key = known.get(name) ?? findLogKey(folder, name)
    if (key) known.set(name, key)
    return key
  }
  const { sealed } = folder
  const witness = readWitnessKey(folder)
  const trustRoots = pinnedRoots(folder)
  return { master, logs, logKey, witness, roles: readRoleKeys(folder), trustRoots, sealed }
}

function folderIn(data: string): string {
  return join(data, 'keys')
}
