import { type Role, type RoleKeys, roles } from './role-keys.ts'

/** A key as a JWK Set tells it (RFC 7517), with its certificates. */
export interface PublishedKey {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'ES256'
  readonly x5c: readonly string[]
}

/**
 * The node's public keys (RFC 7517 section 5), the current one of each role before its older ones,
 * which verify for as long as their files are there.
 */
export function jwksOf(
  keys: RoleKeys,
  given: readonly Role[] = roles,
): { keys: readonly PublishedKey[] } {
  const published = given
    .flatMap((role) => keys.all(role))
    .map(({ jwk, kid, x5c }) => {
      return { ...jwk, kid, use: 'sig', alg: 'ES256', x5c } as const
    })
  return { keys: published }
}
