import { type Bytes, fromBase64, toBase64, toBase64url } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { FormatError } from './error.ts'
import { isArray, isObject, type Json, type JsonObject, member } from './json.ts'
import { type PublicJwk, readPublicJwk, type Sha256 } from './jwk.ts'

/** What a node is recognised for (section 5 of the credentials' design). */
export const trustRoles = ['issuer', 'status', 'verifier', 'log', 'witness', 'redeemer'] as const

export type TrustRole = (typeof trustRoles)[number]

/** One role of a node, with the keys that count for it. */
export type TrustedService = Readonly<{
  role: TrustRole
  /** DER */
  certificates: readonly Bytes[]
  /** The keys of those certificates, so that a phone needs no X.509 to use them. */
  keys: readonly PublicJwk[]
  /** Verifier keys of a log or a witness (c2sp.org/signed-note). */
  vkeys: readonly string[]
  /** What an issuer may issue; empty for the other roles. */
  types: readonly string[]
  status: 'granted' | 'withdrawn'
  /** Since when the status is what it is, whole seconds. */
  since: Instant
}>

export type TrustedNode = Readonly<{
  /** The node's address: `iss` of what it issues. */
  url: string
  /** Its number in voucher codes and capsules: 0 to 65535. */
  number: number
  names: readonly Readonly<{ lang: string; value: string }>[]
  services: readonly TrustedService[]
}>

export type TrustList = Readonly<{
  /** From 1, one more each time. */
  sequence: number
  /** Whole seconds. */
  issued: Instant
  /** Not to be used after it. Whole seconds. */
  nextUpdate: Instant
  operator: TrustedNode['names']
  nodes: readonly TrustedNode[]
}>

/** `typ` of the token that the list is signed in. */
export const trustListType = 'trust-list+jwt'

/** The most letters that the token may have: more than a hundred nodes with all certificates. */
export const maxTrustListLength = 2 ** 21

const maxNodes = 1000
const maxEach = 32
const base = 'urn:symbolon:lote:'
const listType = `${base}union-nodes:1`

/**
 * The payload of a trust list: the JSON profile of ETSI TS 119 602 ("LoTE"), of which we use the
 * members below; a node's number and an issuer's types are extensions of ours. TypeError when a
 * role has no key at all, or a node or an instant is out of range.
 */
export function makeTrustListPayload(list: TrustList): JsonObject {
  const payload = {
    LoTE: {
      ListAndSchemeInformation: {
        LoTEVersionIdentifier: 1,
        LoTESequenceNumber: list.sequence,
        LoTEType: listType,
        SchemeOperatorName: list.operator,
        ListIssueDateTime: formatTime(list.issued),
        NextUpdate: formatTime(list.nextUpdate),
      },
      TrustedEntitiesList: list.nodes.map(formatNode),
    },
  }
  try {
    readTrustList(payload)
  } catch (error) {
    throw new TypeError('not a trust list', { cause: error })
  }
  return payload
}

/**
 * Reads the payload of a trust list whose signature holds. Unknown members are passed over, as the
 * profile asks; an unknown role, a node or number that is there twice are not. Throws FormatError
 * TRUST_LIST_MALFORMED or JWK_MALFORMED.
 */
export function readTrustList(payload: JsonObject): TrustList {
  const whole = object(payload, 'LoTE')
  const scheme = object(whole, 'ListAndSchemeInformation')
  const sequence = integer(scheme, 'LoTESequenceNumber', Number.MAX_SAFE_INTEGER)
  if (integer(scheme, 'LoTEVersionIdentifier', 1) !== 1 || sequence === 0) {
    throw malformed('list has no such version or sequence number')
  }
  if (member(scheme, 'LoTEType') !== listType) throw malformed('list is of another type')
  const nodes = array(whole, 'TrustedEntitiesList', maxNodes).map(readNode)
  for (const key of ['url', 'number'] as const) {
    if (new Set(nodes.map((node) => node[key])).size !== nodes.length) {
      throw malformed('node is listed twice')
    }
  }
  const issued = time(scheme, 'ListIssueDateTime')
  const nextUpdate = time(scheme, 'NextUpdate')
  if (nextUpdate <= issued) throw malformed('list ends before it begins')
  return { sequence, issued, nextUpdate, operator: names(scheme, 'SchemeOperatorName'), nodes }
}

/** What a client remembers of the list that it accepted last. */
export type KnownTrustList = Readonly<{
  sequence: number
  /** Of `trustListDigest`. */
  digest: string
}>

/** Names a list's content: base64url of SHA-256 of the octets of its payload. */
export function trustListDigest(sha256: Sha256, payloadBytes: Uint8Array): string {
  return toBase64url(sha256(payloadBytes))
}

/**
 * The rule by which a client takes a list whose signature holds (section 5 of the design): not
 * older than what it knows (rollback), not another of the same number (fork), not past its
 * `NextUpdate` (freeze), not issued more than `skewSeconds` from now. Throws FormatError
 * TRUST_LIST_ROLLBACK, TRUST_LIST_FORKED, TRUST_LIST_STALE or TRUST_LIST_FROM_FUTURE.
 */
export function acceptTrustList(
  next: Readonly<{ list: TrustList; digest: string }>,
  known: 'none' | KnownTrustList,
  { now, skewSeconds }: Readonly<{ now: Instant; skewSeconds: number }>,
): KnownTrustList {
  const { list, digest } = next
  if (known !== 'none' && list.sequence < known.sequence) {
    throw new FormatError('TRUST_LIST_ROLLBACK', 'list is older than the one that is known')
  }
  if (known !== 'none' && list.sequence === known.sequence && digest !== known.digest) {
    throw new FormatError('TRUST_LIST_FORKED', 'two lists have one sequence number')
  }
  if (list.issued > now + skewSeconds * 1000) {
    throw new FormatError('TRUST_LIST_FROM_FUTURE', 'list was issued in the future')
  }
  if (now > list.nextUpdate) {
    throw new FormatError('TRUST_LIST_STALE', 'list should have been replaced by now')
  }
  return { sequence: list.sequence, digest }
}

function formatNode({ url, number, names, services }: TrustedNode): JsonObject {
  return {
    TrustedEntityInformation: {
      TEName: names,
      TEInformationURI: [{ lang: 'en', uriValue: url }],
      TEInformationExtensions: [{ NodeNumber: number }],
    },
    TrustedEntityServices: services.map((service) => ({
      ServiceInformation: {
        ServiceName: [{ lang: 'en', value: service.role }],
        ServiceTypeIdentifier: `${base}role:${service.role}`,
        ServiceStatus: `${base}status:${service.status}`,
        StatusStartingTime: formatTime(service.since),
        ServiceDigitalIdentity: {
          ...some('X509Certificates', service.certificates, (der) => ({ val: toBase64(der) })),
          ...some('PublicKeyValues', service.keys, (key) => key),
          ...some('OtherIds', service.vkeys, (vkey) => vkey),
        },
        ...some('ServiceInformationExtensions', service.types, (vct) => ({ vct })),
      },
    })),
  }
}

/** The profile has no empty arrays: what is empty is not there. */
function some<T>(name: string, items: readonly T[], format: (item: T) => Json): JsonObject {
  return items.length === 0 ? {} : { [name]: items.map(format) }
}

function readNode(value: Json): TrustedNode {
  const information = object(value, 'TrustedEntityInformation')
  const [address] = array(information, 'TEInformationURI', 1)
  const [extension] = array(information, 'TEInformationExtensions', 1)
  const services = array(asObject(value), 'TrustedEntityServices', maxEach).map(readService)
  return {
    url: text(asObject(address), 'uriValue'),
    number: integer(asObject(extension), 'NodeNumber', 65_535),
    names: names(information, 'TEName'),
    services,
  }
}

function readService(value: Json): TrustedService {
  const information = object(value, 'ServiceInformation')
  const identity = object(information, 'ServiceDigitalIdentity')
  const type = text(information, 'ServiceTypeIdentifier')
  const state = text(information, 'ServiceStatus')
  const role = trustRoles.find((each) => type === `${base}role:${each}`)
  const status = (['granted', 'withdrawn'] as const).find((s) => state === `${base}status:${s}`)
  if (role === undefined || status === undefined) throw malformed('role or status is unknown')
  const certificates = list(identity, 'X509Certificates').map(readCertificate)
  const keys = list(identity, 'PublicKeyValues').map(readPublicJwk)
  const vkeys = list(identity, 'OtherIds').map(asText)
  if (certificates.length + keys.length + vkeys.length === 0) throw malformed('role has no key')
  const extensions = list(information, 'ServiceInformationExtensions')
  const types = extensions.map((each) => text(asObject(each), 'vct'))
  const since = time(information, 'StatusStartingTime')
  return { role, certificates, keys, vkeys, types, status, since }
}

function readCertificate(value: Json): Bytes {
  const encoded = text(asObject(value), 'val')
  const der = encoded.length <= 8192 ? fromBase64(encoded) : undefined
  if (der === undefined) throw malformed('certificate is not base64')
  return der
}

function names(value: JsonObject, name: string): TrustedNode['names'] {
  return array(value, name, maxEach).map((each) => ({
    lang: text(asObject(each), 'lang'),
    value: text(asObject(each), 'value'),
  }))
}

function object(value: Json, name: string): JsonObject {
  return asObject(member(asObject(value), name))
}

function array(value: JsonObject, name: string, most: number): readonly Json[] {
  const items = member(value, name)
  if (!isArray(items) || items.length === 0 || items.length > most) {
    throw malformed(`${name} is not an array of that size`)
  }
  return items
}

/** As `array`, but it may be missing. */
function list(value: JsonObject, name: string): readonly Json[] {
  return Object.hasOwn(value, name) ? array(value, name, maxEach) : []
}

function integer(value: JsonObject, name: string, most: number): number {
  const number = member(value, name)
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0 || number > most) {
    throw malformed(`${name} is not a number in range`)
  }
  return number
}

function text(value: JsonObject, name: string): string {
  return asText(member(value, name))
}

function asText(value: Json | undefined): string {
  if (typeof value !== 'string' || value === '' || value.length > 2048) {
    throw malformed('text is missing, empty or too long')
  }
  return value
}

function asObject(value: Json | undefined): JsonObject {
  if (!isObject(value)) throw malformed('object is missing')
  return value
}

/** ISO 8601 in UTC, whole seconds (TS 119 602 section 6.1.3); one spelling. */
function time(value: JsonObject, name: string): Instant {
  const spelled = text(value, name)
  const instant = Date.parse(spelled)
  if (!Number.isFinite(instant) || formatTime(instant) !== spelled) {
    throw malformed(`${name} is not a time in UTC`)
  }
  return instant
}

function formatTime(instant: Instant): string {
  if (!Number.isFinite(instant)) throw new TypeError('not an instant')
  return new Date(instant).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function malformed(message: string): FormatError {
  return new FormatError('TRUST_LIST_MALFORMED', message)
}
