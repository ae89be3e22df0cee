import { utf8 } from '../../base/bytes.ts'
import { readCertificate } from '../../formats/certificate.ts'
import { isObject, type Json, member } from '../../formats/json.ts'
import type { TrustedNode } from '../../formats/trust-list.ts'
import { membershipTypeMetadata, readTypeMetadata } from '../../formats/type-metadata.ts'
import { declineRequest, leaveOut, type Plan, planAnswer, sendAnswer } from '../../wallet/answer.ts'
import type { HeldCredential } from '../../wallet/platform.ts'
import { type PresentationRequest, resolveRequest } from '../../wallet/request.ts'
import { deviceKey } from '../parts/device-key.ts'
import type { Words } from '../parts/language.tsx'
import { freshTrustList, keptTrustList, nodeWithKey } from '../parts/trust.ts'
import { freshPass } from './capsule.ts'
import { consentWords as words } from './consent-words.ts'
import { fetchCredential, keptCredentials, platform } from './credential.ts'

/** One thing that is asked for. */
export interface AskedClaim {
  readonly key: string
  readonly name: Words
  readonly value: string | Words
  /** The verifier also takes an answer without it. */
  readonly optional: boolean
}

/** A request as the member decides on it. */
export interface Asked {
  readonly request: PresentationRequest
  readonly plan: Plan
  readonly who: TrustedNode
  /** What leaves the phone, in words and as it is. */
  readonly claims: readonly AskedClaim[]
  /** A redemption that is confirmed by it, if it is one. */
  readonly redemption: Redemption | undefined
}

/** What a terminal asks to be confirmed: `transaction_data` of our own type. */
export interface Redemption {
  readonly benefit: Words
  readonly store: string
  readonly merchant: string
  /** Fen. */
  readonly amount: number
}

const redemptionType = 'urn:symbolon:redemption:1'
const standings: Readonly<Record<string, Words>> = {
  active: words.standing_active,
  suspended: words.standing_suspended,
  retired: words.standing_retired,
}
const ourType = 'membership'
const metadata = readTypeMetadata(utf8(JSON.stringify(membershipTypeMetadata(ourType))), ourType)
const labels = new Map<string, Words>(
  metadata.claims.map(({ path, labels: by }) => {
    const name = path.join('.')
    return [name, { zh: by.get('zh-CN') ?? name, en: by.get('en') ?? name }]
  }),
)

/**
 * Resolves a link to what is asked, by whom, and what would be shown. Who asks must be a verifier
 * of the trust list. Throws WalletError, FormatError, or an Error when nobody we trust asks.
 */
export async function readRequest(link: string): Promise<Asked> {
  await fetchCredential()
  await freshPass().catch(() => {}) // which replaces copies that say what is no longer so
  const trustList = await freshTrustList().catch(keptTrustList)
  let who: TrustedNode | undefined
  const request = await resolveRequest(platform, link, {
    trust: ([leaf]) => {
      const { jwk } = readCertificate(leaf ?? new Uint8Array())
      who = jwk && trustList && nodeWithKey(trustList, jwk, ['verifier'])
      if (!jwk || !who) throw new Error('who asks is not on the trust list')
      return jwk
    },
    transactionTypes: [redemptionType],
    origin: 'not-asked',
  })
  const plan = planAnswer(platform, request, await held())
  if (!who) throw new Error('who asks is not on the trust list')
  const claims = plan.showings.flatMap((showing) =>
    showing.claims.map(({ path, values }) => ({
      key: keyOf(showing.id, path),
      optional: leaveOut(plan, showing.id, [path]) !== undefined,
      name: labels.get(path.join('.')) ?? { zh: path.join('.'), en: path.join('.') },
      value: standingOf(path, values) ?? values.map(told).join('、'),
    })),
  )
  return { request, plan, who, claims, redemption: redemptionOf(plan) }
}

/**
 * The same without some of its claims, by their keys; `undefined` where the verifier takes no
 * answer without them.
 */
function without({ plan }: Asked, keys: ReadonlySet<string>): Plan | undefined {
  let less: Plan | undefined = plan
  for (const { id, claims } of plan.showings) {
    const out = claims.map(({ path }) => path).filter((path) => keys.has(keyOf(id, path)))
    less = less && leaveOut(less, id, out)
  }
  return less
}

/** The keys of the claims that a plan shows. */
export function shownBy({ showings }: Plan): ReadonlySet<string> {
  return new Set(showings.flatMap(({ id, claims }) => claims.map(({ path }) => keyOf(id, path))))
}

/**
 * The plan after a claim was ticked or unticked: what the verifier takes only together comes and
 * goes together, and what it takes no answer without stays.
 */
export function ticked(asked: Asked, plan: Plan, key: string): Plan {
  const shown = shownBy(plan)
  const out = asked.claims.map((claim) => claim.key).filter((one) => !shown.has(one))
  if (shown.has(key)) return without(asked, new Set([...out, key])) ?? plan
  const more = without(asked, new Set(out.filter((one) => one !== key)))
  return more && shownBy(more).has(key) ? more : asked.plan
}

/** Shows what was planned. Answers where the browser goes on, if anywhere. */
export function agree(plan: Plan): Promise<{ redirectUri: string | undefined }> {
  return sendAnswer(platform, plan)
}

/** Tells who asked that the member has declined. */
export function decline({ request }: Asked): Promise<{ redirectUri: string | undefined }> {
  return declineRequest(platform, request)
}

async function held(): Promise<readonly HeldCredential[]> {
  const kept = await keptCredentials()
  return Promise.all(
    kept.map(async ({ compact, keyName }) => ({ compact, key: await deviceKey(keyName) })),
  )
}

function keyOf(id: string, path: readonly unknown[]): string {
  return JSON.stringify([id, path])
}

function redemptionOf({ transactionData }: Plan): Redemption | undefined {
  const members = transactionData.find(({ type }) => type === redemptionType)?.members
  if (!members) return undefined
  const [benefit, store, merchant] = ['benefit', 'store', 'merchant'].map((name) => {
    const value = member(members, name)
    return isObject(value) ? member(value, 'name') : value
  })
  const amount = member(members, 'amount')
  const words = isObject(benefit) ? benefit : {}
  return {
    benefit: { zh: told(member(words, 'zh') ?? ''), en: told(member(words, 'en') ?? '') },
    store: told(store ?? ''),
    merchant: told(merchant ?? ''),
    amount: typeof amount === 'number' ? amount : 0,
  }
}

/** The one claim whose value is a code; every other is shown as it goes out. */
function standingOf(path: readonly unknown[], [value]: readonly Json[]): Words | undefined {
  return path.join('.') === 'standing' && typeof value === 'string' ? standings[value] : undefined
}

function told(value: Json): string {
  if (value === true) return '✓'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
