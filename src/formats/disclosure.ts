import { type Bytes, fromBase64url, toBase64url, utf8 } from '../base/bytes.ts'

type Sha256 = (bytes: Uint8Array) => Uint8Array

/** `octets` unpredictable octets, fresh each time. */
export type Random = (octets: number) => Uint8Array

/** What a leaf may commit to without saying it (section 4.3 of the ledger's design). */
export const disclosureNames = [
  'member',
  'merchant',
  'terminal',
  'operator',
  'evidence',
  'reason',
] as const

export type DisclosureName = (typeof disclosureNames)[number]

/** What opens a digest: kept encrypted outside the log, and lost on erasure. */
export type Disclosure = Readonly<{
  /** 16 to 64 octets; ours have 32 */
  salt: Bytes
  name: string
  value: string
}>

/** The digests of a leaf, and what opens those that are not decoys. */
export type Commitment = Readonly<{
  /** Always six, sorted: field `d` of the leaf. */
  digests: readonly string[]
  disclosures: readonly Readonly<{ name: DisclosureName; disclosure: string; digest: string }>[]
}>

/** Octets that are no disclosure. `code` is stable. */
export class DisclosureError extends Error {
  readonly code = 'DISCLOSURE_MALFORMED'
  constructor(message: string) {
    super(message)
    this.name = 'DisclosureError'
  }
}

const saltLength = 32
const maxLength = 16_384

/** base64url(JSON [salt, name, value]), RFC 9901 section 4.2.1 (object properties). */
export function formatDisclosure({ salt, name, value }: Disclosure): string {
  return toBase64url(utf8(JSON.stringify([toBase64url(salt), name, value])))
}

/**
 * Reads a disclosure of a name and a text, RFC 9901 section 4.2.1; at most 16 kB, with a salt of 16
 * to 64 octets. JSON may be spelled freely: the digest is over the text as it came.
 * Throws DisclosureError.
 */
export function parseDisclosure(text: string): Disclosure {
  const json = text.length <= maxLength ? fromBase64url(text) : undefined
  if (json === undefined) throw new DisclosureError('disclosure is not base64url')
  const parts = parseJson(json)
  if (
    !Array.isArray(parts) ||
    parts.length !== 3 ||
    parts.some((part) => typeof part !== 'string')
  ) {
    throw new DisclosureError('disclosure is not a salt, a name and a text')
  }
  const [encoded, name, value] = parts as [string, string, string]
  const salt = fromBase64url(encoded)
  if (salt === undefined || salt.length < 16 || salt.length > 64) {
    throw new DisclosureError('disclosure has a malformed salt')
  }
  return { salt, name, value }
}

/** base64url(SHA-256(ascii(disclosure))), RFC 9901 section 4.2.3: 43 characters. */
export function digest(sha256: Sha256, disclosure: string): string {
  return toBase64url(sha256(utf8(disclosure)))
}

/** A digest that nothing opens, RFC 9901 section 4.2.5. */
export function decoy(sha256: Sha256, random: Random): string {
  return toBase64url(sha256(saltFrom(random)))
}

/**
 * Commits to the given values, each under a fresh salt of 256 bits, and fills up with decoys to
 * six digests, so that a leaf does not tell which of them it has.
 */
export function commit(
  sha256: Sha256,
  random: Random,
  values: Readonly<Partial<Record<DisclosureName, string>>>,
): Commitment {
  const disclosures = disclosureNames.flatMap((name) => {
    const value = values[name]
    if (value === undefined) return []
    const disclosure = formatDisclosure({ salt: saltFrom(random), name, value })
    return [{ name, disclosure, digest: digest(sha256, disclosure) }]
  })
  const decoys = disclosureNames.slice(disclosures.length).map(() => decoy(sha256, random))
  return { digests: [...disclosures.map((made) => made.digest), ...decoys].sort(), disclosures }
}

/**
 * Opens one of a leaf's digests: answers what the disclosure says, or `undefined` if the leaf does
 * not commit to it. Throws DisclosureError.
 */
export function openDisclosure(
  sha256: Sha256,
  disclosure: string,
  digests: readonly string[],
): Disclosure | undefined {
  const opened = parseDisclosure(disclosure)
  return digests.includes(digest(sha256, disclosure)) ? opened : undefined
}

function saltFrom(random: Random): Bytes {
  const salt = random(saltLength)
  if (salt.length !== saltLength) throw new TypeError('a salt has 32 octets')
  return new Uint8Array(salt)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch {
    throw new DisclosureError('disclosure is not JSON')
  }
}
