import { Refusal } from '../base/refusal.ts'
import type { RoleKey } from '../keys/role-keys.ts'
import type { Context } from './context.ts'
import { namesSecurely } from './secure-address.ts'

/**
 * The key by which wallets know this node. Refusal VERIFIER_UNAVAILABLE for a node that nobody has
 * certified as a verifier, or at an address that no wallet may be sent to.
 */
export function verifierKey(context: Context): RoleKey {
  const [key] = context.roles.all('verifier')
  if (!key || !namesSecurely(context)) throw new Refusal('VERIFIER_UNAVAILABLE')
  return key
}
