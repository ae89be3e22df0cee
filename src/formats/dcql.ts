import { FormatError } from './error.ts'
import { isArray, isObject, type Json, type JsonObject, member } from './json.ts'
import type { ClaimsPathPointer } from './sd-jwt/present.ts'

/** One claim that is asked for (OpenID4VP 1.0 section 6.3). */
export type ClaimsQuery = Readonly<{
  id: string | undefined
  path: ClaimsPathPointer
  /** The claim must be one of these, type and value; `undefined`: whatever it is. */
  values: readonly (string | number | boolean)[] | undefined
}>

/** One credential that is asked for (OpenID4VP 1.0 section 6.1). */
export type CredentialQuery = Readonly<{
  id: string
  format: string
  /** More than one presentation may answer it. */
  multiple: boolean
  /** `meta.vct_values` (section B.3.5). */
  types: readonly string[]
  trustedAuthorities: readonly Readonly<{ type: string; values: readonly string[] }>[] | undefined
  /** `require_cryptographic_holder_binding`. */
  holderBinding: boolean
  /** `undefined`: nothing that is selective. */
  claims: readonly ClaimsQuery[] | undefined
  /** Sets of ids of `claims`, the verifier's favourite first. `undefined`: all of them. */
  claimSets: readonly (readonly string[])[] | undefined
}>

/** Section 6.2: any one of the options will do. */
export type CredentialSetQuery = Readonly<{
  options: readonly (readonly string[])[]
  required: boolean
}>

export type DcqlQuery = Readonly<{
  credentials: readonly CredentialQuery[]
  credentialSets: readonly CredentialSetQuery[] | undefined
}>

/** The one format that we read and ask for. */
export const sdJwtVcFormat = 'dc+sd-jwt'

const maxItems = 32
const identifier = /^[A-Za-z0-9_-]{1,64}$/

/**
 * Reads a DCQL query (OpenID4VP 1.0 section 6) strictly: unknown members are passed over, as
 * section 6 asks, but ids are unique and refer to something, nothing is empty that must not be, and
 * no claim is pointed to twice. Throws FormatError DCQL_MALFORMED; the message names the member.
 */
export function readDcql(value: Json | undefined): DcqlQuery {
  if (!isObject(value)) throw malformed('dcql_query is not an object')
  const credentials = items(value, 'credentials').map(readCredential)
  const ids = credentials.map(({ id }) => id)
  if (new Set(ids).size !== ids.length) throw malformed('credential id is there twice')
  if (member(value, 'credential_sets') === undefined) {
    return { credentials, credentialSets: undefined }
  }
  const credentialSets = items(value, 'credential_sets').map((set) => readSet(set, ids))
  return { credentials, credentialSets }
}

/**
 * What a path points to (section 7.1), which may be several values or none: `null` is every element
 * of an array, a number one of them, a text a member.
 */
export function selectClaims(claims: Json, path: ClaimsPathPointer): readonly Json[] {
  let selected: readonly Json[] = [claims]
  for (const step of path) {
    selected = selected.flatMap((each) => {
      if (typeof step === 'string') {
        const found = isObject(each) ? member(each, step) : undefined
        return found === undefined ? [] : [found]
      }
      if (!isArray(each)) return []
      const found = step === null ? each : each.slice(step, step + 1)
      return [...found]
    })
  }
  return selected
}

function readCredential(value: Json): CredentialQuery {
  if (!isObject(value)) throw malformed('credential query is not an object')
  const format = text(value, 'format')
  const meta = member(value, 'meta')
  if (!isObject(meta)) throw malformed('credential query has no meta')
  const claims = optional(value, 'claims', readClaim)
  const claimSets = optional(value, 'claim_sets', (set) => list(set, 'claim_sets').map(asId))
  checkClaims(claims, claimSets)
  return {
    id: asId(member(value, 'id') ?? null),
    format,
    multiple: flag(value, 'multiple', false),
    types: format === sdJwtVcFormat ? items(meta, 'vct_values').map(asText) : [],
    trustedAuthorities: optional(value, 'trusted_authorities', (each) => {
      if (!isObject(each)) throw malformed('trusted authority is not an object')
      return { type: text(each, 'type'), values: items(each, 'values').map(asText) }
    }),
    holderBinding: flag(value, 'require_cryptographic_holder_binding', true),
    claims,
    claimSets,
  }
}

function readClaim(value: Json): ClaimsQuery {
  if (!isObject(value)) throw malformed('claims query is not an object')
  const id = member(value, 'id')
  const path = items(value, 'path').map((step) => {
    const index = typeof step === 'number' && Number.isSafeInteger(step) && step >= 0
    if (typeof step === 'string' || step === null || index) return step
    throw malformed('step of a path is no name, index or null')
  })
  const values = optional(value, 'values', (each) => {
    const whole = typeof each === 'number' && Number.isSafeInteger(each)
    if (typeof each === 'string' || typeof each === 'boolean' || whole) return each
    throw malformed('value of a claim is no text, integer or boolean')
  })
  return { id: id === undefined ? undefined : asId(id), path, values }
}

/** Section 6.3: ids where sets name them; section 7: no claim twice. */
function checkClaims(claims: CredentialQuery['claims'], sets: CredentialQuery['claimSets']): void {
  const ids = (claims ?? []).flatMap(({ id }) => (id === undefined ? [] : [id]))
  if (new Set(ids).size !== ids.length) throw malformed('claim id is there twice')
  const paths = (claims ?? []).map(({ path }) => JSON.stringify(path))
  if (new Set(paths).size !== paths.length) throw malformed('claim is pointed to twice')
  if (sets === undefined) return
  if (claims === undefined) throw malformed('claim_sets without claims')
  if (ids.length !== claims.length) throw malformed('claim without an id beside claim_sets')
  if (!sets.flat().every((id) => ids.includes(id))) throw malformed('claim_sets names no claim')
}

function readSet(value: Json, ids: readonly string[]): CredentialSetQuery {
  if (!isObject(value)) throw malformed('credential set is not an object')
  const options = items(value, 'options').map((option) => list(option, 'options').map(asId))
  if (!options.flat().every((id) => ids.includes(id))) {
    throw malformed('credential set names no credential')
  }
  return { options, required: flag(value, 'required', true) }
}

function optional<T>(
  value: JsonObject,
  name: string,
  read: (item: Json) => T,
): readonly T[] | undefined {
  return member(value, name) === undefined ? undefined : items(value, name).map(read)
}

function items(value: JsonObject, name: string): readonly Json[] {
  return list(member(value, name), name)
}

function list(value: Json | undefined, name: string): readonly Json[] {
  if (!isArray(value) || value.length === 0 || value.length > maxItems) {
    throw malformed(`${name} is not an array of 1 to ${maxItems}`)
  }
  return value
}

function flag(value: JsonObject, name: string, otherwise: boolean): boolean {
  const given = member(value, name) ?? otherwise
  if (typeof given !== 'boolean') throw malformed(`${name} is neither true nor false`)
  return given
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

function asId(value: Json): string {
  if (typeof value !== 'string' || !identifier.test(value)) throw malformed('id is not an id')
  return value
}

function malformed(message: string): FormatError {
  return new FormatError('DCQL_MALFORMED', message)
}
