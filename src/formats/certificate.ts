import { type Bytes, equal, fromHex, toBase64url } from '../base/bytes.ts'
import { FormatError } from './error.ts'
import type { PublicJwk } from './jwk.ts'
import { isOnCurve } from './p256.ts'

/** What a wallet looks at in an X.509 certificate (RFC 5280). Its signature is not checked. */
export type Certificate = Readonly<{
  /** `undefined` when the key is no P-256 key. */
  jwk: PublicJwk | undefined
  /** Names of the subject alternative name extension (RFC 5280 section 4.2.1.6). */
  dnsNames: readonly string[]
  uris: readonly string[]
  /** Key identifier of the authority key identifier extension (section 4.2.1.1). */
  authorityKey: Bytes | undefined
}>

type Item = Readonly<{ tag: number; content: Bytes }>

const p256Prefix = known(
  '3059301306072a8648ce3d020106082a8648ce3d03010703420004', // ends with 04: uncompressed
)
const subjectAltName = known('551d11')
const authorityKeyIdentifier = known('551d23')

/** Reads a certificate in DER. Throws FormatError CERTIFICATE_MALFORMED. */
export function readCertificate(der: Uint8Array): Certificate {
  const [whole] = items(new Uint8Array(der))
  const [tbs] = items(expect(whole, 0x30))
  const fields = items(expect(tbs, 0x30))
  const numbered = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields
  // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, then what is tagged
  const key = numbered[5]
  const tagged = numbered.slice(6).find(({ tag }) => tag === 0xa3)
  const extensions = tagged ? items(expect(items(tagged.content)[0], 0x30)) : []
  const names = extensionOf(extensions, subjectAltName)
  const general = names ? items(expect(items(names)[0], 0x30)) : []
  const authority = extensionOf(extensions, authorityKeyIdentifier)
  const identified = authority ? items(expect(items(authority)[0], 0x30)) : []
  return {
    jwk: keyOf(expect(key, 0x30)),
    dnsNames: general.flatMap(({ tag, content }) => (tag === 0x82 ? [ascii(content)] : [])),
    uris: general.flatMap(({ tag, content }) => (tag === 0x86 ? [ascii(content)] : [])),
    authorityKey: identified.find(({ tag }) => tag === 0x80)?.content,
  }
}

/** Key identifiers of the authorities of a chain, base64url: what `aki` in a query means. */
export function authorityKeysOf(x5c: readonly Uint8Array[]): readonly string[] {
  return x5c.flatMap((der) => {
    const { authorityKey } = readCertificate(der)
    return authorityKey === undefined ? [] : [toBase64url(authorityKey)]
  })
}

function keyOf(spki: Bytes): PublicJwk | undefined {
  // `spki` is the content of the sequence: its own tag and length are the prefix's first two octets
  const prefix = p256Prefix.subarray(2)
  if (spki.length !== prefix.length + 64 || !equal(spki.subarray(0, prefix.length), prefix)) {
    return undefined
  }
  const point = spki.subarray(prefix.length)
  const x = toBase64url(point.subarray(0, 32))
  const y = toBase64url(point.subarray(32))
  return isOnCurve({ x, y }) ? { kty: 'EC', crv: 'P-256', x, y } : undefined
}

/** Extension ::= SEQUENCE { id, critical DEFAULT FALSE, value OCTET STRING } */
function extensionOf(extensions: readonly Item[], id: Uint8Array): Bytes | undefined {
  for (const extension of extensions) {
    const parts = items(expect(extension, 0x30))
    if (parts[0]?.tag === 0x06 && equal(parts[0].content, id)) return expect(parts.at(-1), 0x04)
  }
  return undefined
}

/** The elements of a sequence; definite lengths of at most three octets, as DER has them. */
function items(bytes: Bytes): readonly Item[] {
  const found: Item[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0
    let length = bytes[at + 1] ?? 0x80
    let from = at + 2
    if (length >= 0x80) {
      const octets = length - 0x80
      if (octets === 0 || octets > 3) throw malformed()
      length = bytes.subarray(from, from + octets).reduce((sum, octet) => sum * 256 + octet, 0)
      from += octets
    }
    const end = from + length
    if (end > bytes.length) throw malformed()
    found.push({ tag, content: bytes.subarray(from, end) })
    at = end
  }
  return found
}

function expect(item: Item | undefined, tag: number): Bytes {
  if (item?.tag !== tag) throw malformed()
  return item.content
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

function known(hex: string): Bytes {
  const bytes = fromHex(hex)
  if (bytes === undefined) throw new TypeError('not hexadecimal')
  return bytes
}

function malformed(): FormatError {
  return new FormatError('CERTIFICATE_MALFORMED', 'certificate is not DER of a certificate')
}
