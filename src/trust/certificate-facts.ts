import '../keys/reflect-metadata.ts'

import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from '@peculiar/x509'

import { rolesOid } from '../keys/roles-extension.ts'

/** What a certificate says of itself that OpenSSL's reading does not tell. */
export interface CertificateFacts {
  readonly version: number
  /** Basic constraints: an authority, and how many may stand below it. */
  readonly authority: boolean
  readonly pathLength: number | undefined
  readonly keyUsage: readonly ('digitalSignature' | 'keyCertSign')[]
  readonly uris: readonly string[]
  readonly hosts: readonly string[]
  /** Value of our extension; empty without it. */
  readonly roles: Uint8Array
  readonly unknownCritical: boolean
}

const known = {
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  names: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
}

/** Reads a certificate in DER. An Error for what is none, or has an extension twice. */
export function readCertificateFacts(der: Uint8Array): CertificateFacts {
  const certificate = new X509Certificate(Buffer.from(der))
  const { extensions } = certificate
  if (new Set(extensions.map(({ type }) => type)).size !== extensions.length) {
    throw new Error('certificate has an extension twice')
  }
  const find = (oid: string) => extensions.find(({ type }) => type === oid)
  const constraints = find(known.basicConstraints)
  const basic = constraints instanceof BasicConstraintsExtension ? constraints : undefined
  const names = find(known.names)
  const items = names instanceof SubjectAlternativeNameExtension ? names.names.items : []
  const understood = [...Object.values(known), rolesOid]
  return {
    // Extensions came with version 3; there is none without them that we could use.
    version: extensions.length > 0 ? 3 : 1,
    authority: basic?.ca ?? false,
    pathLength: basic?.pathLength,
    keyUsage: usageOf(find(known.keyUsage)),
    uris: items.filter(({ type }) => type === 'url').map(({ value }) => value),
    hosts: items.filter(({ type }) => type === 'dns').map(({ value }) => value.toLowerCase()),
    roles: new Uint8Array(find(rolesOid)?.value ?? new ArrayBuffer(0)),
    unknownCritical: extensions.some(
      ({ critical, type }) => critical && !understood.includes(type),
    ),
  }
}

function usageOf(extension: Extension | undefined): CertificateFacts['keyUsage'] {
  if (!(extension instanceof KeyUsagesExtension)) return []
  const has = (flag: KeyUsageFlags) => (extension.usages & flag) !== 0
  return [
    ...(has(KeyUsageFlags.digitalSignature) ? (['digitalSignature'] as const) : []),
    ...(has(KeyUsageFlags.keyCertSign) ? (['keyCertSign'] as const) : []),
  ]
}
