import { type Bytes, concat, fromBase64, fromHex, toBase64, toHex, utf8 } from '../../base/bytes.ts'
import { TlogError, type TlogErrorCode } from './error.ts'
import type { Sha256 } from './merkle.ts'

/** Ed25519 (RFC 8032), handed in. False or a promise of it for a bad signature; never throws. */
export type VerifyEd25519 = (
  publicKey: Bytes,
  message: Bytes,
  signature: Bytes,
) => boolean | Promise<boolean>

/** A verifier key: who signs, and with what. */
export type Vkey = Readonly<{
  name: string
  /** 8 hexadecimal digits, lower case */
  keyId: string
  type: typeof noteType | typeof cosignatureType
  /** 32 octets */
  publicKey: Bytes
}>

/** One signature line, not yet verified. */
export type NoteSignature = Readonly<{
  name: string
  /** 8 hexadecimal digits, lower case */
  keyId: string
  /** What follows the key id: 64 octets for a log, 72 for a cosignature, whatever for others. */
  signature: Bytes
}>

export type Note = Readonly<{ text: string; signatures: readonly NoteSignature[] }>

/** A key that we know. A signature line is its when both `name` and `keyId` are equal. */
export type NoteVerifier = Readonly<{
  name: string
  keyId: string
  verify: (text: string, signature: Bytes) => boolean | Promise<boolean>
}>

/** A private key that we hold. `sign` is synchronous: a checkpoint is signed just before COMMIT. */
export type NoteSigner = Readonly<{
  name: string
  keyId: string
  sign: (text: Bytes) => Uint8Array
}>

/** Signature type octets (signed-note, "Signature types"). */
export const noteType = 0x01
export const cosignatureType = 0x04

const maxNoteLength = 1_000_000
const maxSignatures = 100
const keyLength = 32
const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Key id: first 4 octets of SHA-256(name || 0x0A || type || public key), as 8 hexadecimal digits
 * (signed-note, "Signatures").
 */
export function keyId(sha256: Sha256, name: string, type: number, publicKey: Uint8Array): string {
  return toHex(sha256(concat(utf8(name), Uint8Array.of(0x0a, type), publicKey)).subarray(0, 4))
}

/** Makes the verifier key of a name and an Ed25519 public key (32 octets). TypeError otherwise. */
export function makeVkey(sha256: Sha256, name: string, type: Vkey['type'], publicKey: Bytes): Vkey {
  if (!isKeyName(name)) throw new TypeError('not a key name')
  if (publicKey.length !== keyLength) throw new TypeError('an Ed25519 public key has 32 octets')
  return { name, keyId: keyId(sha256, name, type, publicKey), type, publicKey }
}

/** `<name>+<key id>+base64(type || public key)` (signed-note, "Verifier keys"). */
export function formatVkey(vkey: Vkey): string {
  const encoded = toBase64(concat(Uint8Array.of(vkey.type), vkey.publicKey))
  return `${vkey.name}+${vkey.keyId}+${encoded}`
}

/**
 * Reads a verifier key and recomputes its key id. Throws TlogError VKEY_MALFORMED, or
 * VKEY_UNSUPPORTED for a type other than Ed25519 notes and Ed25519 cosignatures.
 */
export function parseVkey(sha256: Sha256, text: string): Vkey {
  const refuse = refusing('VKEY_MALFORMED')
  const [name = '', id = '', ...rest] = text.length > 1000 ? [] : text.split('+')
  const encoded = fromBase64(rest.join('+'))
  if (!isKeyName(name)) throw refuse('verifier key has a malformed name')
  if (!isKeyId(id)) throw refuse('verifier key has a malformed key id')
  if (encoded === undefined || encoded.length < 2) throw refuse('verifier key is not base64')
  const type = encoded[0]
  const publicKey = encoded.slice(1)
  if (type !== noteType && type !== cosignatureType) {
    throw new TlogError('VKEY_UNSUPPORTED', `signature type ${type} is not supported`)
  }
  if (publicKey.length !== keyLength) throw refuse('Ed25519 public key does not have 32 octets')
  if (keyId(sha256, name, type, publicKey) !== id) throw refuse('key id is not that of the key')
  return { name, keyId: id, type, publicKey }
}

/** A verifier of plain Ed25519 note signatures (type 0x01): a log's. TypeError for other types. */
export function noteVerifier(vkey: Vkey, verifyEd25519: VerifyEd25519): NoteVerifier {
  if (vkey.type !== noteType) throw new TypeError('not the key of a log')
  return {
    name: vkey.name,
    keyId: vkey.keyId,
    verify: (text, signature) =>
      signature.length === 64 && verifyEd25519(vkey.publicKey, utf8(text), signature),
  }
}

/**
 * Splits a signed note (signed-note, "Format") without verifying anything: at most 1 MB and 100
 * signatures. Throws TlogError NOTE_MALFORMED.
 */
export function parseNote(note: Uint8Array): Note {
  const refuse = refusing('NOTE_MALFORMED')
  if (note.length > maxNoteLength) throw refuse('note is too long')
  const whole = decodeText(note)
  const split = whole.lastIndexOf('\n\n')
  if (split < 0) throw refuse('note has no empty line before its signatures')
  return { text: whole.slice(0, split + 1), signatures: parseSignatures(whole.slice(split + 2)) }
}

/**
 * Reads signature lines alone, as a witness answers them: 1 to 100 lines, each ended by a newline.
 * Throws TlogError NOTE_MALFORMED.
 */
export function parseSignatures(lines: string): NoteSignature[] {
  const refuse = refusing('NOTE_MALFORMED')
  if (lines.length > maxNoteLength) throw refuse('note is too long')
  if (!lines.endsWith('\n')) throw refuse('last signature line is missing or not ended')
  const each = lines.slice(0, -1).split('\n', maxSignatures + 1)
  if (each.length > maxSignatures) throw refuse('note has too many signatures')
  return each.map(parseSignature)
}

/** One signature line with its newline. TypeError when the name or the key id is malformed. */
export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  const id = fromHex(keyId)
  if (!isKeyName(name) || !isKeyId(keyId) || id === undefined) throw new TypeError('not a key')
  if (signature.length === 0) throw new TypeError('a signature is not empty')
  return `— ${name} ${toBase64(concat(id, signature))}\n`
}

/**
 * The note of a text and its signatures, UTF-8. TypeError when the text does not end in a newline
 * or holds a control character, or when there is no signature.
 */
export function formatNote({ text, signatures }: Note): Bytes {
  if (!text.endsWith('\n') || !text.isWellFormed() || hasControl(utf8(text))) {
    throw new TypeError('not a note text')
  }
  if (signatures.length === 0) throw new TypeError('a note has a signature')
  return utf8(`${text}\n${signatures.map(formatSignature).join('')}`)
}

/** Signs a text with every key that is given, in their order. Same conditions as `formatNote`. */
export function signNote(text: string, signers: readonly NoteSigner[]): Bytes {
  const signatures = signers.map(({ name, keyId, sign }) => ({
    name,
    keyId,
    signature: new Uint8Array(sign(utf8(text))),
  }))
  return formatNote({ text, signatures })
}

/**
 * Opens a note (signed-note, "Signatures"): answers its text and the signatures of known keys, all
 * of them verified. Unknown signatures are ignored. Throws TlogError NOTE_MALFORMED,
 * NOTE_SIGNATURE_INVALID when a known key's signature fails, NOTE_UNVERIFIED when no key is known.
 */
export async function openNote(
  note: Uint8Array,
  verifiers: readonly NoteVerifier[],
): Promise<Note> {
  const known = new Map(verifiers.map((verifier) => [keyOf(verifier), verifier]))
  if (known.size !== verifiers.length) throw new TypeError('two keys have one name and key id')
  const { text, signatures } = parseNote(note)
  const verified: NoteSignature[] = []
  for (const signature of signatures) {
    const verifier = known.get(keyOf(signature))
    if (verifier === undefined) continue
    if (!(await verifier.verify(text, signature.signature))) {
      const message = `signature of "${signature.name}" does not verify`
      throw new TlogError('NOTE_SIGNATURE_INVALID', message)
    }
    verified.push(signature)
  }
  if (verified.length === 0) throw new TlogError('NOTE_UNVERIFIED', 'no known key signed the note')
  return { text, signatures: verified }
}

/** What identifies a key: its name and its key id, in one string that nothing else can spell. */
export function keyOf(key: Readonly<{ name: string; keyId: string }>): string {
  return `${key.name}+${key.keyId}`
}

/** True for a key name: not empty, no Unicode space, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\p{Surrogate}+]+$/u.test(name) && !hasControl(utf8(name))
}

/** Strict UTF-8 without control characters but newline. Throws TlogError NOTE_MALFORMED. */
export function decodeText(bytes: Uint8Array, code: TlogErrorCode = 'NOTE_MALFORMED'): string {
  if (hasControl(bytes)) throw new TlogError(code, 'control character in the text')
  try {
    return utf8Strict.decode(bytes)
  } catch {
    throw new TlogError(code, 'text is not UTF-8')
  }
}

function parseSignature(line: string): NoteSignature {
  const refuse = refusing('NOTE_MALFORMED')
  const [dash, name = '', encoded = '', ...rest] = line.split(' ', 4)
  const bytes = fromBase64(encoded)
  if (dash !== '—' || rest.length > 0) throw refuse('malformed signature line')
  if (!isKeyName(name)) throw refuse('signature line has a malformed key name')
  if (bytes === undefined) throw refuse('signature is not base64')
  if (bytes.length < 5) throw refuse('signature is too short')
  return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
}

function isKeyId(text: string): boolean {
  return /^[0-9a-f]{8}$/.test(text)
}

function hasControl(bytes: Uint8Array): boolean {
  return bytes.some((octet) => octet < 0x20 && octet !== 0x0a)
}

function refusing(code: TlogErrorCode): (message: string) => TlogError {
  return (message) => new TlogError(code, message)
}
