import '../../src/keys/reflect-metadata.ts'

import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'

import {
  BasicConstraintsExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

import { toBase64 } from '../../src/base/bytes.ts'
import { day, type Instant } from '../../src/base/clock.ts'
import { type Authority, pkcs8Of } from '../../src/keys/certificates.ts'
import type { Role } from '../../src/keys/role-keys.ts'
import { rolesExtension } from '../../src/keys/roles-extension.ts'

export const now: Instant = Date.UTC(2026, 5, 1)
export const url = 'https://union.example/nodes/nx'

/** What a test wants otherwise than in a good certificate. */
export interface Wishes {
  readonly curve?: 'P-256' | 'P-384'
  readonly hash?: string
  readonly from?: Instant
  readonly until?: Instant
  readonly ca?: boolean
  readonly pathLength?: number
  readonly usage?: KeyUsageFlags
  readonly names?: readonly { type: 'url' | 'dns'; value: string }[]
  readonly roles?: readonly Role[]
  readonly more?: readonly Extension[]
}

export const usage = KeyUsageFlags
export const unknownCritical = new Extension('1.2.3.4', true, Buffer.from('0500', 'hex'))

/** A certificate of any sort, good or bad, for a new key; `issuer` none: signed by itself. */
export async function issue(
  issuer: Authority | undefined,
  wishes: Wishes = {},
): Promise<Authority> {
  const { curve = 'P-256', ca = false, hash = 'SHA-256', from = now - day } = wishes
  const key = generateKeyPairSync('ec', { namedCurve: curve }).privateKey
  const signer = issuer?.key ?? key
  const name = `CN=${ca ? 'authority' : 'node'} ${Math.random()}`
  const flag = ca ? usage.keyCertSign : usage.digitalSignature
  const leafOnly = [
    new SubjectAlternativeNameExtension([...(wishes.names ?? [{ type: 'url', value: url }])]),
    rolesExtension(wishes.roles ?? ['issuer']),
  ]
  const certificate = await X509CertificateGenerator.create({
    subject: name,
    issuer: issuer ? new X509Certificate(Buffer.from(issuer.certificate)).subjectName : name,
    notBefore: new Date(from),
    notAfter: new Date(wishes.until ?? now + 30 * day),
    publicKey: await crypto.subtle.importKey(
      'spki',
      Buffer.from(createPublicKey(pem(key)).export({ type: 'spki', format: 'der' })),
      { name: 'ECDSA', namedCurve: curve },
      true,
      ['verify'],
    ),
    signingKey: await signingKey(signer),
    signingAlgorithm: { name: 'ECDSA', hash },
    extensions: [
      new BasicConstraintsExtension(ca, wishes.pathLength, true),
      new KeyUsagesExtension(wishes.usage ?? flag, true),
      ...(ca ? [] : leafOnly),
      ...(wishes.more ?? []),
    ],
  })
  return { certificate: new Uint8Array(certificate.rawData), key }
}

/** `x5c` of those certificates. */
export function x5cOf(...path: readonly Authority[]): string[] {
  return path.map(({ certificate }) => toBase64(certificate))
}

function signingKey(key: KeyObject) {
  const namedCurve = key.asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'P-384' : 'P-256'
  return crypto.subtle.importKey(
    'pkcs8',
    Buffer.from(pkcs8Of(key)),
    { name: 'ECDSA', namedCurve },
    true,
    ['sign'],
  )
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
