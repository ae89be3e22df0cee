import { toHex } from '../../base/bytes.ts'
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.ts'
import { cosignatureVerifier } from './cosignature.ts'
import { TlogError } from './error.ts'
import type { Sha256 } from './merkle.ts'
import {
  cosignatureType,
  decodeText,
  keyOf,
  noteType,
  noteVerifier,
  parseVkey,
  type VerifyEd25519,
  type Vkey,
} from './note.ts'

/** A log or a witness whose signatures count, and where it answers. */
export type TrustedKey = Readonly<{ vkey: Vkey; url?: string }>

/** Which witnesses are enough: no one, one, or `threshold` of the members. */
export type Quorum =
  | Readonly<{ kind: 'none' }>
  | Readonly<{ kind: 'witness'; vkey: Vkey }>
  | Readonly<{ kind: 'group'; threshold: number; members: readonly Quorum[] }>

/** Whom to believe about a log (tlog-policy). Names of witnesses and groups end with the file. */
export type Policy = Readonly<{
  logs: readonly TrustedKey[]
  witnesses: readonly TrustedKey[]
  quorum: Quorum
}>

const maxLength = 262_144
const maxLines = 1024

/**
 * Reads a policy file (tlog-policy, "Policy file syntax and structure"): lines `log <vkey> [url]`,
 * `witness <name> <vkey> [url]`, `group <name> all|any|<k> <member>...`, `quorum <name>|none`.
 * At most 256 kB and 1024 lines. Stricter than the specification in one thing: it must be UTF-8.
 * Throws TlogError POLICY_MALFORMED (with the line), VKEY_MALFORMED or VKEY_UNSUPPORTED.
 */
export function parsePolicy(sha256: Sha256, file: Uint8Array): Policy {
  if (file.length > maxLength) throw malformed('policy is too long')
  if (file.includes(0x7f)) throw malformed('control character in the policy')
  const spaced = file.map((octet) => (octet === 0x09 ? 0x20 : octet))
  const text = decodeText(spaced, 'POLICY_MALFORMED')
  if (!text.endsWith('\n')) throw malformed('last line of the policy is not ended')
  const lines = text.slice(0, -1).split('\n', maxLines + 1)
  if (lines.length > maxLines) throw malformed('policy has too many lines')
  const reader = new PolicyReader(sha256)
  for (const [i, line] of lines.entries()) {
    const words = line.split(' ').filter((word) => word !== '')
    if (words[0] === undefined || words[0].startsWith('#')) continue
    reader.read(words, i + 1)
  }
  return reader.policy()
}

/**
 * True when the witnesses that made these verified signatures are enough (tlog-policy, "Defining
 * the quorum"). A witness that signed twice counts once.
 */
export function quorumMet(
  quorum: Quorum,
  signatures: readonly Readonly<{ name: string; keyId: string }>[],
): boolean {
  return met(quorum, new Set(signatures.map(keyOf)))
}

/**
 * Opens a checkpoint as the policy says: signed by one of its logs, cosigned by a quorum. Throws
 * TlogError as `openCheckpoint` does, and QUORUM_NOT_MET.
 */
export async function openUnderPolicy(
  policy: Policy,
  note: Uint8Array,
  verifyEd25519: VerifyEd25519,
): Promise<OpenedCheckpoint> {
  const opened = await openCheckpoint(
    note,
    policy.logs.map(({ vkey }) => noteVerifier(vkey, verifyEd25519)),
    policy.witnesses.map(({ vkey }) => cosignatureVerifier(vkey, verifyEd25519)),
  )
  if (!quorumMet(policy.quorum, opened.cosignatures)) {
    throw new TlogError('QUORUM_NOT_MET', 'too few witnesses cosigned the checkpoint')
  }
  return opened
}

/** Takes the lines in order; a line may refer only to names that earlier lines defined. */
class PolicyReader {
  readonly #sha256: Sha256
  readonly #logs = new Map<string, TrustedKey>()
  readonly #witnesses = new Map<string, TrustedKey>()
  readonly #keys = new Set<string>()
  readonly #names = new Map<string, Quorum>()
  readonly #members = new Set<string>()
  #quorum: Quorum | undefined

  constructor(sha256: Sha256) {
    this.#sha256 = sha256
  }

  policy(): Policy {
    if (this.#quorum === undefined) throw malformed('policy has no quorum line')
    const logs = [...this.#logs.values()]
    return { logs, witnesses: [...this.#witnesses.values()], quorum: this.#quorum }
  }

  read([keyword, ...words]: readonly string[], line: number): void {
    if (keyword === 'log') this.#log(words, line)
    else if (keyword === 'witness') this.#witness(words, line)
    else if (keyword === 'group') this.#group(words, line)
    else if (keyword === 'quorum') this.#setQuorum(words, line)
    else throw malformed(`unexpected "${keyword}", expected log, witness, group or quorum`, line)
  }

  #log([vkey, url, ...rest]: readonly string[], line: number): void {
    if (vkey === undefined || rest.length > 0) throw malformed('log line is malformed', line)
    this.#trust(this.#logs, noteType, vkey, url, line)
  }

  #witness([name, vkey, url, ...rest]: readonly string[], line: number): void {
    if (name === undefined || vkey === undefined || rest.length > 0) {
      throw malformed('witness line is malformed', line)
    }
    const trusted = this.#trust(this.#witnesses, cosignatureType, vkey, url, line)
    this.#define(name, { kind: 'witness', vkey: trusted.vkey }, line)
  }

  #group([name, many, ...names]: readonly string[], line: number): void {
    if (name === undefined || many === undefined || names.length === 0) {
      throw malformed('group line is malformed', line)
    }
    const members = names.map((member) => this.#member(member, line))
    const threshold = thresholdOf(many, members.length)
    if (threshold === undefined) throw malformed('group has an impossible threshold', line)
    this.#define(name, { kind: 'group', threshold, members }, line)
  }

  #setQuorum([name, ...rest]: readonly string[], line: number): void {
    if (name === undefined || rest.length > 0) throw malformed('quorum line is malformed', line)
    if (this.#quorum !== undefined) throw malformed('policy has a second quorum line', line)
    this.#quorum = name === 'none' ? { kind: 'none' } : this.#named(name, line)
  }

  #trust(
    keys: Map<string, TrustedKey>,
    type: number,
    text: string,
    url: string | undefined,
    line: number,
  ): TrustedKey {
    const vkey = parseVkey(this.#sha256, text)
    const publicKey = toHex(vkey.publicKey)
    if (vkey.type !== type) throw malformed(`unexpected key of type ${vkey.type}`, line)
    if (keys.has(publicKey)) throw malformed('key is listed twice', line)
    // Two public keys can be ground to one name and id; then no signature could be told apart.
    if (this.#keys.has(keyOf(vkey))) throw malformed('two keys have one name and key id', line)
    this.#keys.add(keyOf(vkey))
    const trusted = url === undefined ? { vkey } : { vkey, url }
    keys.set(publicKey, trusted)
    return trusted
  }

  #define(name: string, quorum: Quorum, line: number): void {
    if (name === 'none' || this.#names.has(name)) {
      throw malformed(`name "${name}" is already defined`, line)
    }
    this.#names.set(name, quorum)
  }

  #named(name: string, line: number): Quorum {
    const quorum = this.#names.get(name)
    if (quorum === undefined) throw malformed(`name "${name}" is not defined before`, line)
    return quorum
  }

  /** A name is a member at most once in the file, so that a witness counts in one way only. */
  #member(name: string, line: number): Quorum {
    const quorum = this.#named(name, line)
    if (this.#members.has(name)) throw malformed(`name "${name}" is a member twice`, line)
    this.#members.add(name)
    return quorum
  }
}

function met(quorum: Quorum, cosigned: ReadonlySet<string>): boolean {
  if (quorum.kind === 'none') return true
  if (quorum.kind === 'witness') return cosigned.has(keyOf(quorum.vkey))
  return quorum.members.filter((member) => met(member, cosigned)).length >= quorum.threshold
}

function thresholdOf(many: string, members: number): number | undefined {
  if (many === 'all') return members
  if (many === 'any') return 1
  const threshold = /^[1-9][0-9]{0,3}$/.test(many) ? Number(many) : undefined
  return threshold !== undefined && threshold <= members ? threshold : undefined
}

function malformed(message: string, line?: number): TlogError {
  const where = line === undefined ? '' : ` on line ${line} of the policy`
  return new TlogError('POLICY_MALFORMED', `${message}${where}`)
}
