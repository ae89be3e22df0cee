import './reflect-metadata.ts'

import {
  type Extension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'

import { toBase64 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { type Authority, certify, namesOf } from './certificates.ts'
import type { Role } from './role-keys.ts'
import { readRoles, rolesOid } from './roles-extension.ts'

/** What a request (PKCS #10) asks for, once its own signature holds. */
export interface RequestedCertificate {
  /** Common name. */
  readonly name: string
  readonly url: string
  readonly roles: readonly Role[]
  readonly request: Pkcs10CertificateRequest
}

const namesOid = '2.5.29.17'

/** What a root's keeper allows. */
export interface Allowance {
  readonly roles: readonly Role[]
  /** The only address that may be asked for; `undefined` for any. */
  readonly url: string | undefined
  readonly days: number
  readonly now: Instant
}

/** PEM (RFC 7468) of a request in DER. */
export function requestPem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----`
}

/**
 * Certifies every request of a PEM text, for what it asks for itself: a role that it does not ask
 * for is not added, and one that is not allowed is an Error, as is another address. All or nothing;
 * answers the certificates in DER, in the order of the requests.
 */
export async function certifyRequests(
  authority: Authority,
  pem: string,
  allowed: Allowance,
): Promise<{ requested: RequestedCertificate; certificate: Uint8Array }[]> {
  const requests = await Promise.all(blocksOf(pem).map(readRequest))
  const asked = requests.flatMap(({ roles }) => roles)
  const extra = allowed.roles.filter((role) => !asked.includes(role))
  if (extra.length > 0) throw new Error(`nobody asks for the role ${extra.join()}`)
  for (const { roles, url } of requests) {
    const more = roles.filter((role) => !allowed.roles.includes(role))
    if (more.length > 0) throw new Error(`the request asks for the role ${more.join()}`)
    if (url !== (allowed.url ?? url)) throw new Error(`the request asks for the address ${url}`)
  }
  return Promise.all(
    requests.map(async (requested) => {
      const publicKey = await requested.request.publicKey.export()
      return { requested, certificate: await certify(authority, requested, publicKey, allowed) }
    }),
  )
}

/**
 * Reads a request, strictly: signed by its own P-256 key, exactly the names of one address, and
 * roles, and nothing else. An Error otherwise.
 */
async function readRequest(pem: string): Promise<RequestedCertificate> {
  const request = new Pkcs10CertificateRequest(pem)
  const { algorithm } = request.publicKey
  if (!('namedCurve' in algorithm) || algorithm.namedCurve !== 'P-256') {
    throw new Error('the key of the request is not of the curve P-256')
  }
  if (!(await request.verify())) throw new Error('the request is not signed by its key')
  const [names, roles] = [namesOid, rolesOid].map((oid) => only(request.extensions, oid))
  if (request.extensions.length !== 2) throw new Error('the request asks for something unknown')
  const url = urlOf(names)
  const read = readRoles(new Uint8Array(roles?.value ?? new ArrayBuffer(0)))
  if (!read) throw new Error('the request asks for roles that there are not')
  return { name: request.subjectName.getField('CN')[0] ?? '', url, roles: read, request }
}

function urlOf(extension: Extension | undefined): string {
  if (!(extension instanceof SubjectAlternativeNameExtension)) {
    throw new Error('the request has no names')
  }
  const items = extension.names.items.map(({ type, value }) => `${type} ${value}`)
  const url = items.find((item) => item.startsWith('url '))?.slice(4) ?? ''
  const expected = URL.canParse(url)
    ? namesOf(url).map(({ type, value }) => `${type} ${value}`)
    : []
  if (items.join() !== expected.join()) {
    throw new Error('the request has other names than an address and its host')
  }
  return url
}

function only(extensions: readonly Extension[], oid: string): Extension | undefined {
  const found = extensions.filter(({ type }) => type === oid)
  return found.length === 1 ? found[0] : undefined
}

function blocksOf(pem: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE REQUEST-----[^-]+-----END [^-]+-----/g) ?? []
  if (blocks.length === 0) throw new Error('there is no request in the file')
  return blocks
}
