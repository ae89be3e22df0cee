import type { Instant } from '../base/clock.ts'
import {
  type Capsule,
  type Challenge,
  type Pass,
  type Purpose,
  readCapsuleText,
} from './capsule.ts'
import { type PublicJwk, type Sha256, thumbprint } from './jwk.ts'
import type { VerifyEs256 } from './jws.ts'
import { readStatus, type StatusList, statusListSize, statusValue } from './status-list.ts'
import type { TrustedNode, TrustList } from './trust-list.ts'

/** A status list that was fetched and verified while there was a network. */
export type CachedStatusList = Readonly<{
  list: StatusList
  /** Nothing may be concluded from it afterwards: the `exp` of its token. */
  expires: Instant
}>

/** What a terminal, or anybody's browser, carries with it. */
export type OfflineCache = Readonly<{
  trustList: TrustList
  /** The list of that number of that node, if it was fetched. */
  statusList: (node: TrustedNode, number: number) => CachedStatusList | undefined
}>

/** What is asked of the one who shows. */
export type OfflineQuestion = Readonly<{
  /** An answer for a greater purpose is not one for a lesser: they must be equal. */
  purpose: Purpose
  /** What the terminal shows just now, or nothing; for value there must be one. */
  challenge: 'none' | Challenge
  /** The type that the capsule's credential has. */
  type: string
  now: Instant
}>

/** Every answer that there is, with its words: different words for different failures. */
export const offlineWords = {
  valid: { zh: '有效', en: 'Valid' },
  expired: { zh: '已过期，请会员联网刷新', en: 'Expired: refresh it online' },
  revoked: { zh: '会员证已注销', en: 'Revoked' },
  suspended: { zh: '会员资格已暂停', en: 'Suspended' },
  status_unknown: { zh: '状态未知，请联网核验', en: 'Status not known: check online' },
  unknown_node: { zh: '无法识别的工会节点', en: 'From a node that is not recognised' },
  trust_list_stale: {
    zh: '信任名单已过期，请联网更新',
    en: 'Trust list is out of date: go online',
  },
  wrong_merchant: { zh: '此码是出示给其他商户的', en: 'Shown for another merchant' },
  wrong_purpose: { zh: '此码不是用于此用途', en: 'Shown for another purpose' },
  wrong_challenge: {
    zh: '此码不是针对本次核验的，请重新扫描',
    en: 'Not for this check: scan again',
  },
  needs_challenge: {
    zh: '请会员先扫描本机的核验码',
    en: 'The member has to scan this screen first',
  },
  clock_wrong: { zh: '手机时间不正确，请校准', en: 'The clock of a phone is wrong' },
  bad_signature: { zh: '签名无效，不可接受', en: 'Signature is not valid: do not accept' },
  malformed: { zh: '不是会员码', en: 'Not a member’s code' },
  unsupported: { zh: '版本不支持，请更新应用', en: 'A newer code: update the app' },
} as const

export type OfflineCode = keyof typeof offlineWords

/** `capsule` is there as soon as both signatures hold; before that, nothing that it says counts. */
export type OfflineAnswer =
  | Readonly<{ code: 'valid'; capsule: Capsule; node: TrustedNode }>
  | Readonly<{ code: Exclude<OfflineCode, 'valid'>; capsule: Capsule | undefined }>

/** Up to this a clock is right (section 6 of the design). */
const toleratedSeconds = 90

/** Up to this it will do when a challenge proves that the showing is fresh. */
const challengedSeconds = 600

/** The longest life of a pass. */
const maxLifeSeconds = 72 * 3600

/**
 * Checks a scanned capsule without any network. Never throws for what was scanned. The order:
 * shape; trust list, node and key; both signatures; what it was shown for; the clock; the end of
 * the pass; the status. For value, that the voucher is leased to this store and not used here is
 * the caller's to check, with the `voucher` and `counter` of the answer.
 */
export async function checkOffline(
  given: Readonly<{ sha256: Sha256; verifyEs256: VerifyEs256 }>,
  scanned: string,
  cache: OfflineCache,
  question: OfflineQuestion,
): Promise<OfflineAnswer> {
  const capsule = readCapsuleText(scanned)
  if (typeof capsule === 'string') return { code: capsule, capsule: undefined }
  if (question.now > cache.trustList.nextUpdate) {
    return { code: 'trust_list_stale', capsule: undefined }
  }
  const node = cache.trustList.nodes.find(({ number }) => number === capsule.pass.node)
  const keys = node ? issuerKeys(given.sha256, node, capsule.pass, question.type) : []
  if (node === undefined || keys.length === 0) return { code: 'unknown_node', capsule: undefined }
  if (!(await signaturesHold(given.verifyEs256, capsule, keys))) {
    return { code: 'bad_signature', capsule: undefined }
  }
  const code =
    checkShowing(capsule, question) ??
    checkTime(capsule, question) ??
    checkStatus(capsule.pass, cache.statusList(node, capsule.pass.statusList), question.now)
  return code === 'valid' ? { code, capsule, node } : { code, capsule }
}

/** Keys of that tag with which the node may issue that type. */
function issuerKeys(
  sha256: Sha256,
  node: TrustedNode,
  { keyTag }: Pass,
  type: string,
): readonly PublicJwk[] {
  return node.services
    .filter(({ role, status, types }) => {
      return role === 'issuer' && status === 'granted' && types.includes(type)
    })
    .flatMap(({ keys }) => keys)
    .filter((key) => thumbprint(sha256, key)[0] === keyTag)
}

async function signaturesHold(
  verify: VerifyEs256,
  { pass, passSigned, passSignature, showingSigned, showingSignature }: Capsule,
  keys: readonly PublicJwk[],
): Promise<boolean> {
  const issued = await Promise.all(keys.map((key) => verify(key, passSigned, passSignature)))
  return issued.includes(true) && (await verify(pass.holderKey, showingSigned, showingSignature))
}

function checkShowing(
  { showing }: Capsule,
  { purpose, challenge }: OfflineQuestion,
): Exclude<OfflineCode, 'valid'> | undefined {
  if (purpose === 'value' && challenge === 'none') return 'needs_challenge'
  if (challenge !== 'none') {
    if (showing.challenge === undefined) return 'needs_challenge'
    if (showing.challenge.merchant !== challenge.merchant) return 'wrong_merchant'
    if (showing.challenge.nonce !== challenge.nonce) return 'wrong_challenge'
  }
  return showing.purpose === purpose ? undefined : 'wrong_purpose'
}

function checkTime(
  { pass, showing }: Capsule,
  { challenge, now }: OfflineQuestion,
): Exclude<OfflineCode, 'valid'> | undefined {
  const nowSeconds = now / 1000
  const off = Math.abs(nowSeconds - showing.timeSeconds)
  if (off > challengedSeconds) return 'clock_wrong'
  if (off > toleratedSeconds && challenge === 'none') return 'needs_challenge'
  if (nowSeconds >= pass.validUntilSeconds) return 'expired'
  // No issuer of ours gives a pass that long: the clock here is behind.
  return pass.validUntilSeconds - nowSeconds > maxLifeSeconds + challengedSeconds
    ? 'clock_wrong'
    : undefined
}

function checkStatus(
  { statusIndex }: Pass,
  cached: CachedStatusList | undefined,
  now: Instant,
): OfflineCode {
  if (cached === undefined || now >= cached.expires) return 'status_unknown'
  if (statusIndex >= statusListSize(cached.list)) return 'status_unknown'
  const value = readStatus(cached.list, statusIndex)
  if (value === statusValue.revoked) return 'revoked'
  if (value === statusValue.suspended) return 'suspended'
  return value === statusValue.valid ? 'valid' : 'status_unknown'
}
