import { day, type Instant } from '../base/clock.ts'
import { type RoleKeys, roles } from '../keys/role-keys.ts'
import { checkCertificatePath } from './certificate-path.ts'
import { TrustError } from './error.ts'

/** How long before its certificate ends a key should be replaced. */
const noticeDays = 60

/**
 * What others would find wrong with the keys that this node signs with, one text each: no
 * certificate, one of another address or root, one that ends soon. Nothing when all is well.
 */
export function faultsOfOwnKeys(
  keys: RoleKeys,
  given: { readonly roots: readonly Uint8Array[]; readonly url: string; readonly now: Instant },
): readonly string[] {
  const { roots, url, now } = given
  return roles.flatMap((role) => {
    const [key] = keys.all(role)
    if (!key) return [`no certified key for the role ${role}`]
    if (key.notAfter < now + noticeDays * day) {
      return [`the certificate for ${role} ends ${new Date(key.notAfter).toISOString()}`]
    }
    try {
      checkCertificatePath(key.x5c, { roots, role, now, uri: url })
      return []
    } catch (error) {
      if (error instanceof TrustError) return [`the key for ${role}: ${error.message}`]
      throw error
    }
  })
}
