import { type CredentialQuery, type DcqlQuery, selectClaims } from './dcql.ts'
import { FormatError } from './error.ts'
import type { JsonObject } from './json.ts'
import type { ClaimsPathPointer } from './sd-jwt/present.ts'

/** A credential as far as a query looks at it. */
export type Matchable = Readonly<{
  format: string
  type: string
  claims: JsonObject
  /** Key identifiers of the authorities in its `x5c`, base64url (OpenID4VP 1.0 section 6.1.1.1). */
  authorityKeys: readonly string[]
}>

/** What is shown for one credential query: which credential, and the claims asked for. */
export type Choice<Held extends Matchable> = Readonly<{
  query: CredentialQuery
  held: Held
  paths: readonly ClaimsPathPointer[]
}>

/**
 * The claims of a credential that answer a credential query: the first of its `claim_sets` that can
 * be answered (OpenID4VP 1.0 section 6.4.1). `undefined` when the credential does not answer it.
 */
export function claimsFor(
  query: CredentialQuery,
  held: Matchable,
): readonly ClaimsPathPointer[] | undefined {
  return answersFor(query, held)[0]
}

/**
 * Every way in which a credential answers a credential query, the verifier's favourite first. A
 * later one that asks for less lets the member leave claims out.
 */
export function answersFor(
  query: CredentialQuery,
  held: Matchable,
): readonly (readonly ClaimsPathPointer[])[] {
  if (held.format !== query.format || !query.types.includes(held.type)) return []
  if (!comesFrom(query, held)) return []
  const claims = query.claims ?? []
  const sets = query.claimSets?.map((ids) =>
    claims.filter(({ id }) => id !== undefined && ids.includes(id)),
  ) ?? [claims]
  const answered = sets.filter((set) =>
    set.every(({ path, values }) => {
      const found = selectClaims(held.claims, path)
      if (values === undefined) return found.length > 0
      return found.some((value) => values.some((each) => each === value))
    }),
  )
  return answered.map((set) => set.map(({ path }) => path))
}

/**
 * What a wallet would show (section 6.4.2): for each query that must be answered the first of the
 * held credentials that answers it; of a set the first option that can be, and nothing for a set
 * that is not required. Throws FormatError DCQL_UNSATISFIED.
 */
export function chooseCredentials<Held extends Matchable>(
  query: DcqlQuery,
  held: readonly Held[],
): readonly Choice<Held>[] {
  const found = new Map<string, Choice<Held>>()
  for (const each of query.credentials) {
    for (const one of held) {
      const paths = claimsFor(each, one)
      if (paths === undefined) continue
      found.set(each.id, { query: each, held: one, paths })
      break
    }
  }
  const wanted = wantedIds(query, new Set(found.keys()))
  if (wanted === undefined) {
    throw new FormatError('DCQL_UNSATISFIED', 'no credential answers the query')
  }
  return query.credentials.flatMap(({ id }) => {
    const choice = found.get(id)
    return choice && wanted.has(id) ? [choice] : []
  })
}

/**
 * Checks what a wallet has sent, by the ids of the credential queries (sections 8.6 and 6.4): each
 * answers its query, one each unless `multiple`, and all that is required is there. Throws
 * FormatError DCQL_UNSATISFIED.
 */
export function checkAnswer(
  query: DcqlQuery,
  answer: ReadonlyMap<string, readonly Matchable[]>,
): void {
  for (const [id, presented] of answer) {
    const asked = query.credentials.find((each) => each.id === id)
    if (asked === undefined) throw unsatisfied('presentation was not asked for')
    if (presented.length === 0 || (presented.length > 1 && !asked.multiple)) {
      throw unsatisfied('unexpected number of presentations')
    }
    if (presented.some((each) => claimsFor(asked, each) === undefined)) {
      throw unsatisfied('presentation lacks what was asked for')
    }
  }
  if (wantedIds(query, new Set(answer.keys())) === undefined) {
    throw unsatisfied('presentation is missing')
  }
}

/** The ids that an answer needs, out of those there are; `undefined` when that is not enough. */
function wantedIds(
  { credentials, credentialSets }: DcqlQuery,
  there: ReadonlySet<string>,
): ReadonlySet<string> | undefined {
  const all = (ids: readonly string[]) => ids.every((id) => there.has(id))
  if (credentialSets === undefined) {
    const ids = credentials.map(({ id }) => id)
    return all(ids) ? new Set(ids) : undefined
  }
  const required = credentialSets.filter((set) => set.required)
  const options = required.map((set) => set.options.find(all))
  if (options.includes(undefined)) return undefined
  return new Set(options.flatMap((option) => option ?? []))
}

/** Section 6.1.1: one of the authorities will do. Kinds that we do not know match nothing. */
function comesFrom({ trustedAuthorities }: CredentialQuery, { authorityKeys }: Matchable): boolean {
  if (trustedAuthorities === undefined) return true
  return trustedAuthorities.some(
    ({ type, values }) => type === 'aki' && values.some((value) => authorityKeys.includes(value)),
  )
}

function unsatisfied(message: string): FormatError {
  return new FormatError('DCQL_UNSATISFIED', message)
}
