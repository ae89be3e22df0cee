import { X509Certificate } from 'node:crypto'

import { equal, fromBase64 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { jwkOf, type PublicJwk } from '../keys/es256.ts'
import type { Role } from '../keys/role-keys.ts'
import { readRoles } from '../keys/roles-extension.ts'
import { type CertificateFacts, readCertificateFacts } from './certificate-facts.ts'
import { TrustError } from './error.ts'

const maxCertificates = 4
const maxCertificateLength = 8192

/** What a path must lead to, and what it must be good for. */
export interface PathPolicy {
  /** Pinned roots, DER. */
  readonly roots: readonly Uint8Array[]
  readonly role: Role
  readonly now: Instant
  /** Must be among the names of the leaf. */
  readonly uri?: string
}

/** One certificate of a path, by both readers. */
interface Link {
  readonly der: Uint8Array
  /** OpenSSL's reading: signatures, names, times. */
  readonly certificate: X509Certificate
  readonly facts: CertificateFacts
}

/**
 * Checks a certificate path, leaf first and root left out (RFC 7515 section 4.1.6), to a pinned
 * root (RFC 5280 section 6.1), in this order, each a no of its own:
 *
 * 1. shape: one to four certificates, strict base64 of DER, none twice, none a root: X5C_MALFORMED
 * 2. names and signatures up to a pinned root: ROOT_UNTRUSTED, or CHAIN_INVALID within the path
 * 3. P-256 with SHA-256 throughout, basic constraints, path length, key usage, no critical
 *    extension that we do not know: CHAIN_INVALID
 * 4. validity of every certificate, the root's too: CERTIFICATE_NOT_YET_VALID, CERTIFICATE_EXPIRED
 * 5. role of the leaf: ROLE_REFUSED
 * 6. `uri` among the names of the leaf: SAN_MISMATCH
 *
 * Throws TrustError. Revocation is what the trust list is for. Paths that passed steps 1 to 3 are
 * remembered for as long as the array of roots lives, which must not be changed.
 */
export function checkCertificatePath(
  x5c: readonly string[],
  given: PathPolicy,
): { jwk: PublicJwk; spki: Uint8Array; leaf: Uint8Array } {
  const { roots, role, now, uri } = given
  const path = checkedPath(x5c, roots)
  if (now < path.from) {
    throw new TrustError('CERTIFICATE_NOT_YET_VALID', 'certificate is not valid yet')
  }
  if (now > path.until) throw new TrustError('CERTIFICATE_EXPIRED', 'certificate has expired')
  if (!path.roles.includes(role)) {
    throw new TrustError('ROLE_REFUSED', `certificate is not for the role ${role}`)
  }
  if (uri !== undefined) checkName(path.names, uri)
  const { jwk, spki, leaf } = path
  return { jwk, spki, leaf }
}

/** What stays true of a path, whenever and for whatever it is looked at. */
interface CheckedPath {
  readonly jwk: PublicJwk
  readonly spki: Uint8Array
  readonly leaf: Uint8Array
  readonly roles: readonly Role[]
  readonly names: Pick<CertificateFacts, 'uris' | 'hosts'>
  /** From when and until when every certificate is valid. */
  readonly from: Instant
  readonly until: Instant
}

const maxKept = 1000
/** Good paths, by their roots: the same few issuers come all day, and one costs a millisecond. */
const goodPaths = new WeakMap<readonly Uint8Array[], Map<string, CheckedPath>>()

function checkedPath(x5c: readonly string[], roots: readonly Uint8Array[]): CheckedPath {
  const kept = goodPaths.get(roots) ?? new Map<string, CheckedPath>()
  goodPaths.set(roots, kept)
  const name = x5c.join()
  const known = kept.get(name)
  if (known) return known
  const path = checkPath(x5c, roots)
  if (kept.size >= maxKept) kept.delete(kept.keys().next().value ?? '')
  kept.set(name, path)
  return path
}

/** Steps 1 to 3. */
function checkPath(x5c: readonly string[], roots: readonly Uint8Array[]): CheckedPath {
  const path = readPath(x5c, roots)
  const root = rootOf(path, roots)
  const [leaf] = path
  if (!leaf) throw malformed('x5c is empty')
  for (const [i, link] of path.entries()) {
    const issuer = path[i + 1] ?? root
    checkIssued(link, issuer)
    checkIssuer(issuer, i)
  }
  checkLeaf(leaf)
  const spki = spkiOf(leaf)
  const { uris, hosts } = leaf.facts
  const all = [...path, root].map(({ certificate }) => certificate)
  return {
    ...{ spki, jwk: jwkOf(spki), leaf: leaf.der, names: { uris, hosts } },
    roles: readRoles(leaf.facts.roles) ?? [],
    from: Math.max(...all.map(({ validFromDate }) => validFromDate.getTime())),
    until: Math.min(...all.map(({ validToDate }) => validToDate.getTime())),
  }
}

/** The SubjectPublicKeyInfo (DER) of a certificate. An Error for what is none. */
export function readCertificateKey(der: Uint8Array): Uint8Array {
  return spkiOf({ certificate: new X509Certificate(der) })
}

function readPath(x5c: readonly string[], roots: readonly Uint8Array[]): readonly Link[] {
  if (x5c.length === 0 || x5c.length > maxCertificates) {
    throw malformed('x5c is not one to four certificates')
  }
  const ders = x5c.map((text) => {
    const der = text.length <= maxCertificateLength ? fromBase64(text) : undefined
    if (der === undefined || der.length === 0) throw malformed('x5c is not base64')
    return der
  })
  if (new Set(x5c).size !== x5c.length) throw malformed('a certificate is there twice')
  if (ders.some((der) => roots.some((root) => equal(der, root)))) {
    throw malformed('the root belongs to who verifies, not into x5c')
  }
  return ders.map(readLink)
}

/** Both readers must take the octets, and all of them. */
function readLink(der: Uint8Array): Link {
  let certificate: X509Certificate
  let facts: CertificateFacts
  try {
    certificate = new X509Certificate(der)
    facts = readCertificateFacts(der)
  } catch {
    throw malformed('x5c holds something that is no certificate')
  }
  if (!equal(new Uint8Array(certificate.raw), der)) throw malformed('octets behind a certificate')
  return { der, certificate, facts }
}

/** By their octets, which must not be changed: every path comes to one of the same few. */
const readRoots = new WeakMap<Uint8Array, Link>()

function readRoot(der: Uint8Array): Link {
  const root = readRoots.get(der) ?? readLink(der)
  readRoots.set(der, root)
  return root
}

/** The pinned root that the last certificate names, whose key signed it. */
function rootOf(path: readonly Link[], roots: readonly Uint8Array[]): Link {
  const last = path.at(-1)
  for (const der of roots) {
    const root = readRoot(der)
    if (!last?.certificate.checkIssued(root.certificate)) continue
    if (last.certificate.verify(root.certificate.publicKey)) return root
  }
  throw new TrustError('ROOT_UNTRUSTED', 'certificates do not lead to a pinned root')
}

function checkIssued({ certificate }: Link, issuer: Link): void {
  const named = certificate.checkIssued(issuer.certificate)
  if (!named || !certificate.verify(issuer.certificate.publicKey)) {
    throw invalid('certificate was not issued by the next one')
  }
  if (certificate.signatureAlgorithm !== 'ecdsa-with-SHA256' || !isP256(issuer)) {
    throw invalid('certificate is not signed with P-256 and SHA-256')
  }
}

/** `below` certificates of authorities stand between this one and the leaf. */
function checkIssuer({ facts }: Link, below: number): void {
  if (facts.version !== 3 || !facts.authority || !facts.keyUsage.includes('keyCertSign')) {
    throw invalid('issuer of a certificate is no authority')
  }
  if (facts.pathLength !== undefined && below > facts.pathLength) {
    throw invalid('path is longer than its authority allows')
  }
  if (facts.unknownCritical) throw invalid('certificate has a critical extension we do not know')
}

function checkLeaf(leaf: Link): void {
  const { facts } = leaf
  if (facts.version !== 3 || facts.authority) throw invalid('leaf is an authority')
  if (!facts.keyUsage.includes('digitalSignature')) throw invalid('leaf is not for signatures')
  if (facts.unknownCritical) throw invalid('certificate has a critical extension we do not know')
  if (!isP256(leaf)) throw invalid('key of the leaf is not of the curve P-256')
}

/**
 * Where the leaf has URIs among its names, one must be `uri` exactly: nodes may share a host. A
 * leaf that names only hosts speaks for the `https` addresses that are nothing but one of them.
 */
function checkName({ uris, hosts }: CheckedPath['names'], uri: string): void {
  const parsed = URL.parse(uri)
  const bare = parsed?.protocol === 'https:' && /^\/?$/.test(parsed.pathname) && !parsed.port
  const named = uris.length > 0 ? uris.includes(uri) : bare && hosts.includes(parsed.hostname)
  if (!named) throw new TrustError('SAN_MISMATCH', 'certificate does not name the address')
}

function isP256({ certificate }: Link): boolean {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

function spkiOf({ certificate }: Pick<Link, 'certificate'>): Uint8Array {
  return new Uint8Array(certificate.publicKey.export({ type: 'spki', format: 'der' }))
}

function malformed(message: string): TrustError {
  return new TrustError('X5C_MALFORMED', message)
}

function invalid(message: string): TrustError {
  return new TrustError('CHAIN_INVALID', message)
}
