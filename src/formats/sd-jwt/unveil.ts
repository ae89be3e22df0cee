import { FormatError, type FormatErrorCode } from '../error.ts'
import { isArray, isObject, type Json, type JsonObject, maxDepth, member } from '../json.ts'
import type { Disclosure } from './disclosure.ts'

/** Where a claim is: names of members and places in arrays, as in the payload of the issuer. */
export type ClaimPath = readonly (string | number)[]

/** What an issuer's payload says together with the disclosures that came with it. */
export type Unveiled = Readonly<{
  /** Without `_sd`, `_sd_alg` and `...`. */
  claims: JsonObject
  /** Each disclosure and where its claim stands, the outer before the inner. */
  disclosed: readonly Readonly<{ disclosure: Disclosure; path: ClaimPath }>[]
}>

/** Claims that must not hide (SD-JWT VC draft-19 section 2.2.2.2; RFC 9901 section 9.7). */
export const neverSelective: readonly string[] = [
  ...['iss', 'iat', 'nbf', 'exp', 'cnf', 'vct', 'vct#integrity', 'status'],
]

/** Names that no claim may have (RFC 9901 sections 4.2.1 and 4.1.1). */
export const reservedNames: readonly string[] = ['_sd', '...', '_sd_alg']

/**
 * Puts disclosures where the payload has their digests (RFC 9901 section 7.1, steps 3 to 5). Every
 * disclosure must be referenced, every digest stand once, no name collide, and none of
 * `neverSelective` hide: at any depth, behind its own disclosure or inside the value of another;
 * `cnf` and `status` hide nothing of theirs. Stricter than the RFC in that the names of digests
 * are refused wherever they make no sense. Throws FormatError DISCLOSURE_*, DIGEST_*, CLAIM_* or
 * JSON_TOO_DEEP.
 */
export function unveil(payload: JsonObject, disclosures: readonly Disclosure[]): Unveiled {
  const algorithm = member(payload, '_sd_alg')
  if (algorithm !== undefined && algorithm !== 'sha-256') {
    throw refuse('DIGEST_ALG_REFUSED', 'unexpected _sd_alg, expected "sha-256"')
  }
  const walk = new Walk(disclosures)
  const claims = walk.object(payload, { path: [], depth: 0, hidden: false, open: false })
  return { claims, disclosed: walk.finish() }
}

/** Where the walk stands. Depth is of the claims as they will be, so that disclosures add to it. */
type Place = Readonly<{
  path: ClaimPath
  depth: number
  /** Inside the value of a disclosure. */
  hidden: boolean
  /** Inside `cnf` or `status`, where nothing may be selective. */
  open: boolean
}>

class Walk {
  readonly #unused: Map<string, Disclosure>
  readonly #seen = new Set<string>()
  readonly #disclosed: { disclosure: Disclosure; path: ClaimPath }[] = []

  constructor(disclosures: readonly Disclosure[]) {
    this.#unused = new Map(disclosures.map((each) => [each.digest, each]))
    if (this.#unused.size !== disclosures.length) {
      throw refuse('DISCLOSURE_DUPLICATE', 'disclosure is there twice')
    }
  }

  finish(): Unveiled['disclosed'] {
    if (this.#unused.size > 0) {
      throw refuse('DISCLOSURE_UNREFERENCED', 'disclosure belongs to no digest')
    }
    return this.#disclosed
  }

  object(object: JsonObject, place: Place): JsonObject {
    const claims: Record<string, Json> = {}
    for (const [name, value] of Object.entries(object)) {
      if (name === '_sd' && place.open) throw hides()
      if (name === '_sd' || (name === '_sd_alg' && place.depth === 0)) continue
      if (reservedNames.includes(name)) throw refuse('CLAIM_RESERVED', 'claim has a reserved name')
      if (place.hidden) refuseHidden(name)
      claims[name] = this.#value(value, below(place, name))
    }
    for (const digest of digestsOf(member(object, '_sd'))) {
      const disclosure = this.#take(digest, place)
      if (disclosure === undefined) continue
      const { name, value } = disclosure
      if (name === undefined) throw refuse('DISCLOSURE_MALFORMED', 'element stands for a member')
      if (reservedNames.includes(name) || name === '__proto__') {
        throw refuse('CLAIM_RESERVED', 'disclosure has a reserved name')
      }
      refuseHidden(name)
      if (Object.hasOwn(claims, name)) throw refuse('CLAIM_COLLISION', 'claim is there twice')
      const inner = { ...below(place, name), hidden: true }
      this.#disclosed.push({ disclosure, path: inner.path })
      claims[name] = this.#value(value, inner)
    }
    return claims
  }

  #array(array: readonly Json[], place: Place): readonly Json[] {
    return array.flatMap((element, at) => {
      const inner = below(place, at)
      if (!isObject(element) || !Object.hasOwn(element, '...')) return [this.#value(element, inner)]
      const digest = member(element, '...')
      if (Object.keys(element).length !== 1 || !isDigest(digest)) {
        throw refuse('DIGEST_MALFORMED', 'element of an array is no digest')
      }
      const disclosure = this.#take(digest, place)
      if (disclosure === undefined) return []
      if (disclosure.name !== undefined) {
        throw refuse('DISCLOSURE_MALFORMED', 'member stands for an element')
      }
      this.#disclosed.push({ disclosure, path: inner.path })
      return [this.#value(disclosure.value, { ...inner, hidden: true })]
    })
  }

  #value(value: Json, place: Place): Json {
    if (typeof value !== 'object' || value === null) return value
    if (place.depth >= maxDepth) throw refuse('JSON_TOO_DEEP', 'claims are nested too deeply')
    return isArray(value) ? this.#array(value, place) : this.object(value as JsonObject, place)
  }

  #take(digest: string, place: Place): Disclosure | undefined {
    if (place.open) throw hides()
    if (this.#seen.has(digest)) throw refuse('DIGEST_DUPLICATE', 'digest is there twice')
    this.#seen.add(digest)
    const disclosure = this.#unused.get(digest)
    this.#unused.delete(digest)
    return disclosure
  }
}

function below(place: Place, step: string | number): Place {
  const open = place.open || (place.depth === 0 && (step === 'cnf' || step === 'status'))
  return { ...place, path: [...place.path, step], depth: place.depth + 1, open }
}

function refuseHidden(name: string): void {
  if (neverSelective.includes(name)) {
    throw refuse('CLAIM_NEVER_SELECTIVE', `claim "${name}" must not be selective`)
  }
}

function hides(): FormatError {
  return refuse('CLAIM_NEVER_SELECTIVE', 'cnf or status hides something')
}

function digestsOf(value: Json | undefined): readonly string[] {
  if (value === undefined) return []
  if (!isArray(value) || !value.every(isDigest)) {
    throw refuse('DIGEST_MALFORMED', '_sd is not an array of digests')
  }
  return value
}

function isDigest(value: Json | undefined): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{43}$/.test(value)
}

function refuse(code: FormatErrorCode, message: string): FormatError {
  return new FormatError(code, message)
}
