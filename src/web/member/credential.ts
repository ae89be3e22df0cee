import { exchangeCode, notify, obtain } from '../../wallet/obtain.ts'
import { readIssuer, resolveOffer } from '../../wallet/offer.ts'
import type { Platform } from '../../wallet/platform.ts'
import { deviceKey, sha256, verifyEs256 } from '../parts/device-key.ts'
import { forget, keepSealed, recallSealed } from '../parts/kept.ts'
import { askMember, memberKey } from '../parts/member-api.ts'
import { now } from '../parts/server-clock.ts'

/** A copy of the membership credential, and the name of the key that it is bound to. */
export interface KeptCredential {
  readonly compact: string
  readonly keyName: string
}

const keptName = 'credentials'
const copies = 3

/** What the wallet library is handed in a page. */
export const platform: Platform = {
  fetch: (url, request) => fetch(url, { ...request, credentials: 'omit', cache: 'no-store' }),
  subtle: crypto.subtle,
  sha256,
  verifyEs256,
  random: (octets) => crypto.getRandomValues(new Uint8Array(octets)),
  now,
}

/** The copies that this phone holds. */
export async function keptCredentials(): Promise<readonly KeptCredential[]> {
  return (await recallSealed<KeptCredential[]>(keptName)) ?? []
}

/**
 * Fetches the membership credential as any wallet does: an offer, a token bound to this device's
 * key, a copy for each of a few holder keys, so that two verifiers cannot tell that they have met
 * one member. Does nothing when there are copies, unless `anew`: then new ones, for new keys, take
 * their place. Throws Refused, WalletError or FormatError.
 */
export async function fetchCredential({ anew = false } = {}): Promise<void> {
  const before = await keptCredentials()
  if (before.length > 0 && !anew) return
  const { credential_offer: link } = await askMember<{ credential_offer: string }>(
    'POST',
    '/member/credential-offers',
    {},
  )
  const offer = await resolveOffer(platform, link)
  const endpoints = await readIssuer(platform, offer.issuer)
  const session = await exchangeCode(platform, { offer, endpoints, key: await memberKey() })
  const names = Array.from(
    { length: Math.min(copies, endpoints.batchSize) },
    (_, i) => `holder ${now()} ${i}`,
  )
  const keys = await Promise.all(names.map(deviceKey))
  const [configurationId = ''] = offer.configurationIds
  const obtained = await obtain(platform, session, { configurationId, keys })
  if (!('credentials' in obtained)) return // it waits for the union's approval
  const kept = obtained.credentials.map(({ compact }, i) => ({ compact, keyName: names[i] ?? '' }))
  await keepSealed(keptName, kept)
  for (const { keyName } of before) await forget(keyName)
  const { notificationId } = obtained
  if (notificationId === undefined) return
  await notify(platform, session, { notificationId, event: 'credential_accepted' }).catch(() => {})
}
