import { fromBase64url, toBase64url } from '../../base/bytes.ts'
import { readCredential } from '../../formats/sd-jwt/present.ts'
import { sha256 } from '../parts/device-key.ts'
import { forget, keepSealed, recallSealed } from '../parts/kept.ts'
import { askMember } from '../parts/member-api.ts'
import { keptCredentials } from './credential.ts'

/** A picture of `GET /me/portrait`. */
export interface GivenPortrait {
  readonly digest: string
  /** base64url. */
  readonly jpeg: string
  readonly given_at: number
}

/** What `GET /me/portrait` answers. */
export interface Portraits {
  readonly accepted?: GivenPortrait
  readonly waiting?: GivenPortrait
  readonly refused?: { readonly reason: string }
}

const keptName = 'portrait'

/** Says so whenever what this phone keeps may be another: `change`. */
export const portraitChanges = new EventTarget()

/** The `photo_digest` in the credential that this phone holds. */
export async function statedDigest(): Promise<string | undefined> {
  const [copy] = await keptCredentials()
  const stated = copy && readCredential(sha256, copy.compact).claims.photo_digest
  return typeof stated === 'string' ? stated : undefined
}

/**
 * Keeps the accepted portrait, or none, as the server says that `digest` is it. Throws Refused.
 */
export async function followPortrait(digest: string | undefined): Promise<void> {
  const kept = await recallSealed<GivenPortrait>(keptName)
  if (kept?.digest !== digest) {
    if (digest === undefined) await forget(keptName)
    else {
      const { accepted } = await askMember<Portraits>('GET', '/me/portrait')
      if (accepted) await keepSealed(keptName, accepted)
    }
  }
  portraitChanges.dispatchEvent(new Event('change'))
}

/** The kept portrait, if it is the very picture that the credential on this phone vouches for. */
export async function vouchedPortrait(): Promise<Blob | undefined> {
  const kept = await recallSealed<GivenPortrait>(keptName)
  const octets = kept && fromBase64url(kept.jpeg)
  if (!octets || toBase64url(sha256(octets)) !== (await statedDigest())) return undefined
  return new Blob([octets], { type: 'image/jpeg' })
}
