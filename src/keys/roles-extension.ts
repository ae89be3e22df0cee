import './reflect-metadata.ts'

import { Extension } from '@peculiar/x509'

import { concat, equal, utf8 } from '../base/bytes.ts'
import { type Role, roles } from './role-keys.ts'

/**
 * The extension that names what a certificate's holder is recognised for: a SEQUENCE OF UTF8String,
 * the roles in the order of `roles`. Nobody has given us an arc: this one is a number drawn below
 * 2.25 (X.667), short because the ASN.1 library drops arcs that do not fit in 32 bits.
 */
export const rolesOid = '2.25.1934701255.1'

/** The extension. Not critical: a foreign wallet, which knows no roles, may pass it over. */
export function rolesExtension(given: readonly Role[]): Extension {
  return new Extension(rolesOid, false, Buffer.from(encode(given)))
}

/** Reads it; what is not exactly what `rolesExtension` writes is `undefined`. */
export function readRoles(value: Uint8Array): readonly Role[] | undefined {
  const all = 2 ** roles.length
  for (let set = 1; set < all; set++) {
    const named = roles.filter((_, i) => set & (1 << i))
    if (equal(encode(named), value)) return named
  }
  return undefined
}

/** DER; six roles fit in one octet of length. */
function encode(given: readonly Role[]): Uint8Array {
  const items = roles.filter((role) => given.includes(role)).map((role) => utf8(role))
  const body = concat(...items.map((text) => concat(Uint8Array.of(0x0c, text.length), text)))
  return concat(Uint8Array.of(0x30, body.length), body)
}
