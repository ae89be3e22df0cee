import './reflect-metadata.ts'

import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  type webcrypto,
} from 'node:crypto'
import { isIP } from 'node:net'

import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

import { toHex } from '../base/bytes.ts'
import { day, type Instant, minute } from '../base/clock.ts'
import { type Role, roles, type WrittenRoleKey } from './role-keys.ts'
import { rolesExtension } from './roles-extension.ts'

/** A root that can sign: its certificate in DER, and its private key. */
export interface Authority {
  readonly certificate: Uint8Array
  readonly key: KeyObject
}

/** What a certificate says of whom it is for. */
export interface Subject {
  /** Common name. */
  readonly name: string
  /** The node's public address: an URI among its names, and its host is another. */
  readonly url: string
  readonly roles: readonly Role[]
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const rootDays = 3653
/** Longer than a credential lives (12 months), so that a key can sign until it is replaced. */
const nodeDays = 825
/** Clocks differ: a certificate counts from a little before it was made. */
const early = 10 * minute

/** Makes a root: a new P-256 key, and a certificate that it signs itself, good for ten years. */
export async function makeRoot(name: string, now: Instant): Promise<Authority> {
  const key = newKey()
  const certificate = await X509CertificateGenerator.create({
    ...validity(now, rootDays),
    subject: distinguished(name),
    issuer: distinguished(name),
    publicKey: await publicKeyOf(key),
    signingKey: await signingKeyOf(key),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      await SubjectKeyIdentifierExtension.create(await publicKeyOf(key)),
    ],
  })
  return { certificate: new Uint8Array(certificate.rawData), key }
}

/** A key for each role, certified by `authority` at once: what a node is founded with. */
export async function makeRoleKeys(
  authority: Authority,
  given: { readonly name: string; readonly url: string; readonly now: Instant },
): Promise<WrittenRoleKey[]> {
  return Promise.all(roles.map((role) => makeRoleKey(authority, { ...given, role })))
}

/** One new key for a role, certified by `authority`. */
export async function makeRoleKey(
  authority: Authority,
  given: {
    readonly name: string
    readonly url: string
    readonly now: Instant
    readonly role: Role
  },
): Promise<WrittenRoleKey> {
  const { role, name, url, now } = given
  const key = newKey()
  const subject = { name: `${name} ${role}`, url, roles: [role] }
  const certificate = await certify(authority, subject, await publicKeyOf(key), { now })
  return { role, pkcs8: pkcs8Of(key), certificates: [certificate] }
}

/** A new P-256 key, PKCS #8 in DER. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

/** PKCS #8 in DER. */
export function pkcs8Of(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))
}

/**
 * Certifies a public key for `days` (825 by default), but no longer than the root itself. Answers
 * DER. TypeError for no role or an address that is no `http` one.
 */
export async function certify(
  authority: Authority,
  subject: Subject,
  publicKey: webcrypto.CryptoKey,
  { now, days = nodeDays }: { readonly now: Instant; readonly days?: number },
): Promise<Uint8Array> {
  const root = new X509Certificate(Buffer.from(authority.certificate))
  const { notBefore, notAfter } = validity(now, days)
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial(),
    notBefore: new Date(Math.max(Number(notBefore), Number(root.notBefore))),
    notAfter: new Date(Math.min(Number(notAfter), Number(root.notAfter))),
    subject: distinguished(subject.name),
    issuer: root.subjectName,
    publicKey,
    signingKey: await signingKeyOf(authority.key),
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ...namesAndRoles(subject),
      await SubjectKeyIdentifierExtension.create(publicKey),
      await AuthorityKeyIdentifierExtension.create(root.publicKey),
    ],
  })
  return new Uint8Array(certificate.rawData)
}

/** Asks for a certificate (PKCS #10, DER): the key's own signature, its names and its roles. */
export async function requestCertificate(key: KeyObject, subject: Subject): Promise<Uint8Array> {
  const keys = { privateKey: await signingKeyOf(key), publicKey: await publicKeyOf(key) }
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: distinguished(subject.name),
    keys,
    signingAlgorithm: algorithm,
    extensions: [...namesAndRoles(subject)],
  })
  return new Uint8Array(request.rawData)
}

/** The names that a certificate of that address has: itself, and its host. */
export function namesOf(url: string): readonly { type: 'url' | 'dns' | 'ip'; value: string }[] {
  const { protocol, hostname } = new URL(url)
  if (!/^https?:$/.test(protocol)) throw new TypeError('the address is not an http one')
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return [
    { type: 'url', value: url },
    { type: isIP(host) ? 'ip' : 'dns', value: host },
  ]
}

function namesAndRoles({ url, roles: asked }: Subject): Extension[] {
  if (asked.length === 0) throw new TypeError('a certificate has a role')
  return [new SubjectAlternativeNameExtension([...namesOf(url)]), rolesExtension(asked)]
}

/** A name without the letters that separate parts of names. */
function distinguished(name: string) {
  return [{ CN: [name] }]
}

/** Whole seconds, as certificates write them. */
function validity(now: Instant, days: number): { notBefore: Date; notAfter: Date } {
  const from = Math.floor((now - early) / 1000) * 1000
  return { notBefore: new Date(from), notAfter: new Date(from + early + days * day) }
}

/** A positive random number of 16 octets. */
function serial(): string {
  const octets = randomBytes(16)
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40
  return toHex(octets)
}

function signingKeyOf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  return crypto.subtle.importKey('pkcs8', Buffer.from(pkcs8Of(key)), algorithm, true, ['sign'])
}

/** The public half, as the library takes it. */
export async function publicKeyOf(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const {
    kty = '',
    crv = '',
    x = '',
    y = '',
  } = createPrivateKey({
    key: Buffer.from(pkcs8Of(key)),
    format: 'der',
    type: 'pkcs8',
  }).export({ format: 'jwk' })
  return crypto.subtle.importKey('jwk', { kty, crv, x, y }, algorithm, true, ['verify'])
}
