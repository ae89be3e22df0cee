import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signEcdsa,
  X509Certificate,
} from 'node:crypto'

import { fromBase64, toBase64 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { thumbprintText } from '../formats/jwk.ts'
import { jwkOf, type PublicJwk } from './es256.ts'
import type { KeyFolder } from './key-folder.ts'

/** What a node has keys for. The names stand in certificates and in trust lists. */
export const roles = ['issuer', 'status', 'verifier', 'log', 'witness', 'redeemer'] as const

export type Role = (typeof roles)[number]

/** A certified key of this node, P-256. */
export interface RoleKey {
  /** Thumbprint (RFC 7638). */
  readonly kid: string
  readonly jwk: PublicJwk
  /** base64 DER (RFC 7515 section 4.1.6), leaf first; the root is left out. */
  readonly x5c: readonly string[]
  /** When its certificate ends. */
  readonly notAfter: Instant
  /** ES256: r || s, 64 octets. */
  sign(octets: Uint8Array): Uint8Array
}

/** The certified keys of this node, by role. */
export interface RoleKeys {
  /** The key to sign with: the newest that has a certificate. An Error when there is none. */
  current(role: Role): RoleKey
  /** Every key that others may still meet, newest first. */
  all(role: Role): readonly RoleKey[]
}

/** A key as it is written: PKCS #8 in DER, and its certificates, leaf first. */
export interface WrittenRoleKey {
  readonly role: Role
  readonly pkcs8: Uint8Array
  /** Empty while it waits for its certificate. */
  readonly certificates: readonly Uint8Array[]
}

/** Where a key lies in its folder: `role-<role>-<generation>`, with `.key` and `.crt`. */
export interface RoleKeyFile {
  readonly role: Role
  /** From 1; a greater one is newer. */
  readonly generation: number
  readonly name: string
  readonly certified: boolean
}

/** The role keys in a folder, those without certificates too; newest first. */
export function roleKeyFiles(folder: KeyFolder): readonly RoleKeyFile[] {
  const names = folder.list()
  const found = names.flatMap((file): RoleKeyFile[] => {
    const [, role, generation] = /^role-([a-z]+)-([1-9][0-9]{0,5})\.key$/.exec(file) ?? []
    const known = roles.find((each) => each === role)
    if (known === undefined) return []
    const name = file.slice(0, -'.key'.length)
    const certified = names.includes(`${name}.crt`)
    return [{ role: known, generation: Number(generation), name, certified }]
  })
  return found.toSorted((a, b) => b.generation - a.generation)
}

/** Writes a key as the newest of its role, certified or not yet. Answers its name. */
export function writeRoleKey(folder: KeyFolder, key: WrittenRoleKey): string {
  const last = roleKeyFiles(folder).find(({ role }) => role === key.role)?.generation ?? 0
  const name = `role-${key.role}-${last + 1}`
  folder.writeSecret(`${name}.key`, toBase64(key.pkcs8))
  if (key.certificates.length > 0) writeCertificates(folder, name, key.certificates)
  return name
}

/** Gives a key its certificates, leaf first. */
export function writeCertificates(
  folder: KeyFolder,
  name: string,
  certificates: readonly Uint8Array[],
): void {
  folder.writePublic(`${name}.crt`, certificates.map(toPem).join('\n'))
}

/** Reads the certified keys of a folder. A key that is not its certificate's is an Error. */
export function readRoleKeys(folder: KeyFolder): RoleKeys {
  const byRole = new Map<Role, readonly RoleKey[]>()
  for (const { role, name, certified } of roleKeyFiles(folder)) {
    if (!certified) continue
    const key = readPrivateKey(folder, name)
    const made = roleKeyOf(key, fromPem(folder.readPublic(`${name}.crt`)), name)
    byRole.set(role, [...(byRole.get(role) ?? []), made])
  }
  const all = (role: Role) => byRole.get(role) ?? []
  return {
    all,
    current(role) {
      const [newest] = all(role)
      if (!newest) throw new Error(`there is no certified key for the role ${role}`)
      return newest
    },
  }
}

/** The private key of that name. */
export function readPrivateKey(folder: KeyFolder, name: string): KeyObject {
  const der = fromBase64(folder.readSecret(`${name}.key`))
  if (!der) throw new Error(`${name}.key does not hold a key`)
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
}

/** PEM (RFC 7468) of a certificate in DER. */
export function toPem(der: Uint8Array): string {
  return new X509Certificate(der).toString().trim()
}

/** Every certificate of a PEM text, in DER. What is no certificate is an Error. */
export function fromPem(text: string): readonly Uint8Array[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new Error('there is no certificate in the file')
  return blocks.map((block) => new Uint8Array(new X509Certificate(block).raw))
}

function roleKeyOf(key: KeyObject, certificates: readonly Uint8Array[], name: string): RoleKey {
  const [leaf] = certificates
  const certificate = leaf && new X509Certificate(leaf)
  if (!certificate?.checkPrivateKey(key)) throw new Error(`${name}.crt is not of its key`)
  const jwk = jwkOf(createPublicKey(key).export({ type: 'spki', format: 'der' }))
  return {
    kid: thumbprintText(sha256, jwk),
    jwk,
    x5c: certificates.map(toBase64),
    notAfter: certificate.validToDate.getTime(),
    sign: (octets) =>
      new Uint8Array(signEcdsa('sha256', octets, { key, dsaEncoding: 'ieee-p1363' })),
  }
}
