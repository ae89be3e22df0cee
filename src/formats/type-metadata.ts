import { toBase64 } from '../base/bytes.ts'
import { FormatError } from './error.ts'
import { isArray, isObject, type Json, type JsonObject, member, parseJsonObject } from './json.ts'
import type { Sha256 } from './jwk.ts'

/** Words in our two languages. */
type Words = Readonly<{ zh: string; en: string }>

/** What a wallet shows of a claim, and whether its holder may keep it back. */
export type ClaimMetadata = Readonly<{
  path: readonly (string | number | null)[]
  sd: 'always' | 'allowed' | 'never'
  /** By locale. */
  labels: ReadonlyMap<string, string>
}>

/** A type of credential, as far as we read its metadata (SD-JWT VC draft-19 section 6.2). */
export type TypeMetadata = Readonly<{
  vct: string
  /** Name of the type, by locale. */
  names: ReadonlyMap<string, string>
  claims: readonly ClaimMetadata[]
}>

const maxLength = 65_536
const maxItems = 128

/** The claims of a membership (section 2 of the credentials' design), in the order of display. */
const membershipClaims: readonly (readonly [path: readonly string[], words: Words])[] = [
  [['membership_number'], { zh: '会员编号', en: 'Membership number' }],
  [['name'], { zh: '姓名', en: 'Name' }],
  [['name_masked'], { zh: '姓名（脱敏）', en: 'Name, masked' }],
  [['organisation'], { zh: '所属工会', en: 'Union organisation' }],
  [['organisation', 'code'], { zh: '工会代码', en: 'Organisation code' }],
  [['organisation', 'name'], { zh: '工会名称', en: 'Organisation name' }],
  [['organisation', 'level'], { zh: '工会层级', en: 'Organisation level' }],
  [['node'], { zh: '发证节点', en: 'Issuing node' }],
  [['region'], { zh: '行政区划', en: 'Region' }],
  [['joined_on'], { zh: '入会日期', en: 'Member since' }],
  [['standing'], { zh: '会籍状态', en: 'Standing' }],
  [['occupation_group'], { zh: '职业类别', en: 'Occupation group' }],
  [['new_employment_form'], { zh: '新就业形态劳动者', en: 'New form of employment' }],
  [['hardship'], { zh: '困难职工', en: 'Member in hardship' }],
  [['model_worker'], { zh: '劳动模范', en: 'Model worker' }],
  [['age_over_18'], { zh: '年满18周岁', en: 'Over 18' }],
  [['age_over_45'], { zh: '年满45周岁', en: 'Over 45' }],
  [['gender'], { zh: '性别', en: 'Gender' }],
  [['birth_year'], { zh: '出生年份', en: 'Year of birth' }],
  [['photo_digest'], { zh: '照片摘要', en: 'Digest of the portrait' }],
]

/** Claims that are always plain, and told nobody's name. */
const plainClaims: readonly (readonly [path: readonly string[], words: Words])[] = [
  [['iss'], { zh: '签发者', en: 'Issuer' }],
  [['exp'], { zh: '有效期至', en: 'Valid until' }],
]

/**
 * The metadata of the membership credential (SD-JWT VC draft-19 section 6.2), to be served at `vct`
 * octet for octet: its integrity is over them.
 */
export function membershipTypeMetadata(vct: string): JsonObject {
  return {
    vct,
    name: 'Union membership',
    description: 'Membership of a trade union, with what its holder may show of it',
    display: [
      { locale: 'zh-CN', name: '工会会员证', description: '工会会员身份凭证，可选择性出示' },
      { locale: 'en', name: 'Union membership', description: 'Show only what is asked for' },
    ],
    claims: [
      ...plainClaims.map((claim) => claimMetadata(claim, 'never')),
      ...membershipClaims.map((claim) => claimMetadata(claim, 'always')),
    ],
  }
}

/**
 * Reads type metadata whose integrity holds, at most 64 kB (draft-19 sections 6.2 and 9). Members
 * that we do not show are passed over. Throws FormatError TOO_LARGE, JSON_* or
 * TYPE_METADATA_MALFORMED, the latter also when it is of another type.
 */
export function readTypeMetadata(bytes: Uint8Array, vct: string): TypeMetadata {
  if (bytes.length > maxLength) throw new FormatError('TOO_LARGE', 'type metadata is too long')
  const document = parseJsonObject(bytes)
  if (member(document, 'vct') !== vct) throw malformed('metadata is of another type')
  const claims = list(document, 'claims').map((claim) => {
    const path = member(claim, 'path')
    const sd = member(claim, 'sd') ?? 'allowed'
    if (!isArray(path) || path.length === 0 || !path.every(isStep)) throw malformed('no such path')
    if (sd !== 'always' && sd !== 'allowed' && sd !== 'never') throw malformed('no such sd')
    return { path, sd, labels: byLocale(claim, 'label') } as const
  })
  return { vct, names: byLocale(document, 'name'), claims }
}

/** Subresource integrity of these octets: `sha256-` and base64 (draft-19 section 7; W3C SRI). */
export function integrityOf(sha256: Sha256, bytes: Uint8Array): string {
  return `sha256-${toBase64(sha256(bytes))}`
}

/** Checks a `…#integrity` claim: one sha256. Throws FormatError INTEGRITY_MISMATCH. */
export function checkIntegrity(sha256: Sha256, bytes: Uint8Array, claimed: string): void {
  if (claimed !== integrityOf(sha256, bytes)) {
    throw new FormatError('INTEGRITY_MISMATCH', 'document is not the one that was meant')
  }
}

function claimMetadata(
  [path, { zh, en }]: (typeof membershipClaims)[number],
  sd: ClaimMetadata['sd'],
): JsonObject {
  const display = [
    { locale: 'zh-CN', label: zh },
    { locale: 'en', label: en },
  ]
  return { path, display, sd }
}

function byLocale(value: JsonObject, name: string): ReadonlyMap<string, string> {
  return new Map(
    list(value, 'display').map((each) => [text(each, 'locale'), text(each, name)] as const),
  )
}

function list(value: JsonObject, name: string): readonly JsonObject[] {
  const items = member(value, name) ?? []
  if (!isArray(items) || items.length > maxItems || !items.every(isObject)) {
    throw malformed(`${name} is not an array of objects`)
  }
  return items
}

function text(value: JsonObject, name: string): string {
  const found = member(value, name)
  if (typeof found !== 'string' || found === '') throw malformed(`${name} is not a text`)
  return found
}

function isStep(step: Json): step is string | number | null {
  return typeof step === 'string' || step === null || (Number.isInteger(step) && Number(step) >= 0)
}

function malformed(message: string): FormatError {
  return new FormatError('TYPE_METADATA_MALFORMED', message)
}
