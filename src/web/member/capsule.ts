import { fromBase64url } from '../../base/bytes.ts'
import { hour, type Instant } from '../../base/clock.ts'
import { capsuleText, encodeCapsule, showingOctets } from '../../formats/capsule.ts'
import { keep, keepSealed, recall, recallSealed } from '../parts/kept.ts'
import { askMember, memberKey } from '../parts/member-api.ts'
import { now } from '../parts/server-clock.ts'
import { fetchCredential } from './credential.ts'

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

/** Asks for a fresh pass and keeps it. Throws Refused. */
export async function freshPass(): Promise<Pass> {
  const given = await askMember<Omit<Pass, 'checkedAt'>>('GET', '/me/pass')
  const pass = { pass: given.pass, valid_until: given.valid_until, checkedAt: now() }
  await keepSealed(passName, pass)
  return pass
}

/** Fetches the credential when there is none, and a pass when it is old. Throws as they do. */
export async function prepareCard(): Promise<void> {
  await fetchCredential()
  const kept = await keptPass()
  if (!kept || now() - kept.checkedAt > hour) await freshPass()
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
