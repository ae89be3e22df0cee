import { fromBase64url } from '../../base/bytes.ts'
import { hour, type Instant } from '../../base/clock.ts'
import { capsuleText, encodeCapsule, showingOctets } from '../../formats/capsule.ts'
import { Refused } from '../parts/ask.ts'
import { keep, keepSealed, recall, recallSealed } from '../parts/kept.ts'
import { askMember, memberKey } from '../parts/member-api.ts'
import { now } from '../parts/server-clock.ts'
import { fetchCredential } from './credential.ts'
import { followPortrait, statedDigest } from './portrait.ts'
import type { Profile } from './wallet.tsx'

/** The issuer's half of the capsule, as `GET /me/pass` gives it. */
export interface Pass {
  readonly pass: string
  readonly valid_until: Instant
  /** When the server last said that the membership is good. */
  readonly checkedAt: Instant
}

const passName = 'pass'
const counterName = 'capsule counter'

/** The pass that this phone keeps, good or over. */
export function keptPass(): Promise<Pass | undefined> {
  return recallSealed<Pass>(passName)
}

/**
 * Asks for a fresh pass and keeps it; where the credential that it stands on is over, or says what
 * is no longer so (a transfer), a new one is fetched first. Throws Refused.
 */
export async function freshPass(): Promise<Pass> {
  const ask = () => askMember<Omit<Pass, 'checkedAt'>>('GET', '/me/pass')
  const given = await ask().catch(async (error: unknown) => {
    if (!(error instanceof Refused && error.problem.outdated === true)) throw error
    await fetchCredential({ anew: true })
    return ask()
  })
  const pass = { pass: given.pass, valid_until: given.valid_until, checkedAt: now() }
  await keepSealed(passName, pass)
  return pass
}

/**
 * Fetches the credential when there is none, or it states another portrait than the union has
 * accepted, a pass when it is old or the credential new, and the portrait. Throws as they do.
 */
export async function prepareCard({
  standing,
  portrait_digest: digest,
}: Pick<Profile, 'standing' | 'portrait_digest'>): Promise<void> {
  const anew = standing !== 'suspended' && (await statedDigest()) !== digest
  await fetchCredential({ anew })
  const kept = await keptPass()
  if (anew || !kept || now() - kept.checkedAt > hour) await freshPass()
  await followPortrait(digest)
}

/** The text of a capsule that shows who the member is, made now and without a network. */
export async function identityCapsule({ pass }: Pass): Promise<string> {
  const octets = fromBase64url(pass)
  if (!octets) throw new TypeError('the kept pass is not base64url')
  const counter = (((await recall<number>(counterName)) ?? 0) + 1) % 65_536
  await keep(counterName, counter)
  const showing = {
    purpose: 'identity',
    timeSeconds: Math.floor(now() / 1000),
    counter,
    challenge: undefined,
    voucher: undefined,
  } as const
  const key = await memberKey()
  const signature = await key.sign(showingOctets(octets, showing))
  return capsuleText(encodeCapsule(octets, showing, signature))
}
