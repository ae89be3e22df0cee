import { scryptSync } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'

import { fromBase64, toBase64, utf8 } from '../base/bytes.ts'
import { type Random, systemRandom } from '../base/id.ts'
import { seal, unseal } from './seal.ts'

/**
 * A folder of small files, readable by their owner only. Secret ones are sealed with AES-256-GCM
 * under a key of a passphrase (scrypt), each for its own name; without a passphrase they are plain.
 */
export interface KeyFolder {
  readonly path: string
  readonly sealed: boolean
  /** Names of the files in it. */
  list(): readonly string[]
  /** The text of a public file. */
  readPublic(name: string): string
  /** The text of a secret one. An Error when it was changed, or is another's. */
  readSecret(name: string): string
  /** Writes a new file; one that is there is an Error. */
  writePublic(name: string, text: string): void
  writeSecret(name: string, text: string): void
}

/** A folder that was just made, and how to take away what was put in it since. */
export interface MadeKeyFolder extends KeyFolder {
  /** Removes the files and folders that were made, and nothing that was there before. */
  discard(): void
}

interface SealFile {
  readonly kdf: 'scrypt'
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly check: string
}

const sealFile = 'seal.json'
const cost = { N: 2 ** 17, r: 8, p: 1 }
const checked = utf8('symbolon')

/** Makes the folder, or uses an empty one. With a passphrase, its secrets will be sealed. */
export function createKeyFolder(
  path: string,
  passphrase: string | undefined,
  random: Random = systemRandom,
): MadeKeyFolder {
  const outermost = mkdirSync(path, { recursive: true, mode: 0o700 })
  const made: string[] = []
  const discard = () => {
    for (const file of made) rmSync(file, { force: true })
    if (outermost !== undefined) removeEmpty(resolve(path), resolve(outermost))
  }
  try {
    const key = passphrase === undefined ? undefined : newSeal(path, passphrase, random, made)
    return { ...folderOf(path, key, (file) => made.push(file)), discard }
  } catch (error) {
    discard()
    throw error
  }
}

/**
 * Opens a folder. One that is sealed needs its passphrase: an Error without one, and with a wrong
 * one. A plain folder opens with any.
 */
export function openKeyFolder(path: string, passphrase: string | undefined): KeyFolder {
  if (!existsSync(join(path, sealFile))) {
    if (!existsSync(path)) throw new Error(`there are no keys in ${path}`)
    return folderOf(path, undefined)
  }
  if (passphrase === undefined) {
    throw new Error(`the keys in ${path} are sealed, and no passphrase is set`)
  }
  const { kdf, salt, check, ...given } = readSeal(path)
  const saltBytes = fromBase64(salt)
  const checkBytes = fromBase64(check)
  if (kdf !== 'scrypt' || !saltBytes || !checkBytes) throw new Error(`${sealFile} is malformed`)
  const key = keyFrom(passphrase, saltBytes, given)
  try {
    unseal(key, checkBytes, sealFile)
  } catch {
    throw new Error(`the passphrase does not open the keys in ${path}`)
  }
  return folderOf(path, key)
}

/**
 * Seals the secrets of a plain folder: a sealed copy takes its place, so that a crash leaves one of
 * them whole. Answers how many were sealed; an Error when the folder is sealed already.
 */
export function sealKeyFolder(
  path: string,
  passphrase: string,
  isSecret: (name: string) => boolean,
): number {
  const plain = openKeyFolder(path, passphrase)
  if (plain.sealed) throw new Error('the keys are sealed already')
  const sealed = createKeyFolder(`${path}.sealed`, passphrase)
  const names = plain.list()
  for (const name of names) {
    if (isSecret(name)) sealed.writeSecret(name, plain.readSecret(name))
    else sealed.writePublic(name, plain.readPublic(name))
  }
  renameSync(path, `${path}.plain`)
  renameSync(`${path}.sealed`, path)
  rmSync(`${path}.plain`, { recursive: true })
  return names.filter(isSecret).length
}

function newSeal(path: string, passphrase: string, random: Random, made: string[]): Uint8Array {
  const salt = random(16)
  const key = keyFrom(passphrase, salt, cost)
  writeNew(join(path, sealFile), sealDescription(key, salt), (file) => made.push(file))
  return key
}

function sealDescription(key: Uint8Array, salt: Uint8Array): string {
  const check = toBase64(seal(key, checked, sealFile))
  return JSON.stringify({ kdf: 'scrypt', ...cost, salt: toBase64(salt), check })
}

function folderOf(
  path: string,
  key: Uint8Array | undefined,
  onMade: (file: string) => void = () => {},
): KeyFolder {
  const readPublic = (name: string) => readFileSync(join(path, name), 'utf8').trim()
  const writePublic = (name: string, text: string) => writeNew(join(path, name), text, onMade)
  return {
    path,
    sealed: key !== undefined,
    list: () => readdirSync(path).toSorted(),
    readPublic,
    writePublic,
    readSecret: (name) => {
      const text = readPublic(name)
      return key ? unsealText(key, name, text) : text
    },
    writeSecret: (name, text) => writePublic(name, key ? sealText(key, name, text) : text),
  }
}

function sealText(key: Uint8Array, name: string, text: string): string {
  return `sealed:${toBase64(seal(key, utf8(text), name))}`
}

function unsealText(key: Uint8Array, name: string, text: string): string {
  const sealed = fromBase64(text.replace(/^sealed:/, ''))
  try {
    if (!sealed || !text.startsWith('sealed:')) throw new Error('not sealed')
    return Buffer.from(unseal(key, sealed, name)).toString()
  } catch {
    throw new Error(`${name} does not open: it was changed, or is not of this folder`)
  }
}

function keyFrom(passphrase: string, salt: Uint8Array, given: typeof cost): Uint8Array {
  const { N, r, p } = given
  const sane = [N, r, p].every((n) => Number.isInteger(n) && n > 0) && N * r <= 2 ** 21 && p <= 8
  if (!sane) throw new Error(`${sealFile} is malformed`)
  return scryptSync(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem: 256 * N * r })
}

function readSeal(path: string): SealFile {
  try {
    return JSON.parse(readFileSync(join(path, sealFile), 'utf8')) as SealFile
  } catch (error) {
    throw new Error(`${sealFile} is malformed`, { cause: error })
  }
}

function writeNew(file: string, text: string, onMade: (file: string) => void): void {
  const handle = openSync(file, 'wx', 0o600)
  onMade(file)
  try {
    writeFileSync(handle, `${text}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Removes a folder and those around it, up to `last`, as far as nothing is in them. */
function removeEmpty(folder: string, last: string): void {
  for (let at = folder; existsSync(at) && readdirSync(at).length === 0; at = dirname(at)) {
    rmdirSync(at)
    if (at === last) return
  }
}
