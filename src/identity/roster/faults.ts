import type { Field } from './headers.ts'

interface Words {
  readonly zh: string
  readonly en: string
}

/** What errors.csv says about one fault, and what to do about it. */
export interface FaultWords {
  readonly message: Words
  readonly suggestion: Words
}

const words = (zh: string, en: string, suggestionZh: string, suggestionEn: string): FaultWords => ({
  message: { zh, en },
  suggestion: { zh: suggestionZh, en: suggestionEn },
})

/** Every reason to refuse one row of a roster, with its words. Closed. */
export const rowFaults = {
  too_many_cells: words(
    '本行的单元格多于表头',
    'the row has more cells than the header',
    '检查本行是否多了分隔符，含分隔符的内容请加双引号',
    'look for an extra delimiter; quote values that contain one',
  ),
  cell_too_long: words(
    '内容过长',
    'the value is too long',
    '检查是否缺少引号或填错了列',
    'look for a missing quote or a value in the wrong column',
  ),
  bad_member_no: words(
    '会员编号不能识别',
    'the member number cannot be read',
    '会员编号最多 32 个可见字符；新会员请留空',
    'use at most 32 printable characters; leave it empty for a new member',
  ),
  excel_rounded_member_no: words(
    '会员编号被 Excel 改成了科学计数',
    'Excel turned the member number into a rounded number',
    '将该列设为文本格式后重新填写',
    'format the column as text and enter the number again',
  ),
  missing_name: words('缺少姓名', 'the name is missing', '填写姓名', 'enter the name'),
  bad_name: words(
    '姓名不能识别',
    'the name cannot be read',
    '姓名最多 64 个字符，不得含控制字符',
    'use at most 64 characters and no control characters',
  ),
  unknown_id_type: words(
    '证件类型不在列表中',
    'the identity document type is not in the list',
    '填写：居民身份证、护照或其他',
    'enter resident_id, passport or other',
  ),
  missing_id_number: words(
    '缺少证件号码',
    'the identity number is missing',
    '填写证件号码',
    'enter the identity number',
  ),
  excel_rounded_id: words(
    '证件号码被 Excel 四舍五入，后几位已丢失',
    'Excel rounded the identity number and its last digits are lost',
    '将该列设为文本格式后从原始资料重新填写',
    'format the column as text and enter the number again from the original record',
  ),
  id_number_characters: words(
    '居民身份证号码含有数字和 X 以外的字符',
    'the resident identity number has characters other than digits and X',
    '核对号码；如非居民身份证，请填写证件类型',
    'check the number; if it is another document, enter its type',
  ),
  id_number_length: words(
    '居民身份证号码不是 18 位',
    'the resident identity number does not have 18 characters',
    '核对号码；15 位旧号码请改填 18 位号码',
    'check the number; replace an old one of 15 digits by that of 18',
  ),
  impossible_birth_date: words(
    '居民身份证号码中的出生日期不存在',
    'the birth date in the resident identity number is impossible',
    '核对号码的第 7 至 14 位',
    'check characters 7 to 14 of the number',
  ),
  bad_check_digit: words(
    '居民身份证号码的校验码不符',
    'the check digit of the resident identity number is wrong',
    '核对号码；若以 000 结尾，可能已被 Excel 四舍五入',
    'check the number; if it ends in 000, Excel has probably rounded it',
  ),
  bad_document_number: words(
    '证件号码不能识别',
    'the number of the identity document cannot be read',
    '证件号码为 5 至 32 个字母、数字或连字符',
    'use 5 to 32 letters, digits or hyphens',
  ),
  short_mobile: words(
    '手机号不足 11 位',
    'the mobile number has fewer than 11 digits',
    '填写 11 位手机号，没有可留空',
    'enter all 11 digits, or leave it empty',
  ),
  bad_mobile: words(
    '手机号不能识别',
    'the mobile number cannot be read',
    '填写以 1 开头的 11 位手机号，没有可留空',
    'enter 11 digits beginning with 1, or leave it empty',
  ),
  excel_rounded_mobile: words(
    '手机号被 Excel 改成了科学计数',
    'Excel turned the mobile number into a rounded number',
    '将该列设为文本格式后重新填写',
    'format the column as text and enter the number again',
  ),
  missing_org: words(
    '缺少工会组织代码',
    'the organisation code is missing',
    '填写工会组织代码',
    'enter the organisation code',
  ),
  unknown_org: words(
    '没有该工会组织代码',
    'there is no organisation with this code',
    '核对代码，或先登记该工会组织',
    'check the code, or register the organisation first',
  ),
  org_out_of_scope: words(
    '该工会组织不在您的管理范围内',
    'the organisation is outside your scope',
    '请由其上级工会导入',
    'have a union above it import this row',
  ),
  unknown_occupation: words(
    '职业群体不在列表中',
    'the occupation is not in the list',
    '从列表中选择，不确定可留空或填“其他”',
    'choose one from the list, enter other, or leave it empty',
  ),
  missing_joined_on: words(
    '缺少入会日期',
    'the date of joining is missing',
    '填写入会日期，如 2024-03-05',
    'enter the date of joining, such as 2024-03-05',
  ),
  unreadable_date: words(
    '日期不能识别',
    'the date cannot be read',
    '按 2024-03-05 的格式填写',
    'write it as 2024-03-05',
  ),
  impossible_date: words(
    '日期不存在',
    'there is no such day',
    '核对年、月、日',
    'check year, month and day',
  ),
  future_date: words(
    '日期晚于今天',
    'the date lies in the future',
    '核对年、月、日',
    'check year, month and day',
  ),
  not_yes_or_no: words(
    '只能填是或否',
    'the value is neither yes nor no',
    '填写是或否，留空视为否',
    'enter yes or no; empty means no',
  ),
  duplicate_of_previous: words(
    '证件号码与本文件前面的行相同',
    'an earlier row of this file has the same identity number',
    '每人保留一行',
    'keep one row for each person',
  ),
  duplicate_member_no: words(
    '会员编号与本文件前面的行相同',
    'an earlier row of this file has the same member number',
    '核对两行的会员编号',
    'check the member number of both rows',
  ),
  member_no_taken: words(
    '该会员编号属于另一人',
    'the member number belongs to somebody else',
    '核对会员编号；新会员请留空',
    'check the member number; leave it empty for a new member',
  ),
  identity_taken: words(
    '该证件号码已登记在另一会员编号下',
    'the identity belongs to another member number',
    '核对会员编号，或留空由系统匹配',
    'check the member number, or leave it empty to have it matched',
  ),
  names_nobody: words(
    '本行没有会员编号、证件号码，也没有手机号加姓名',
    'the row has no member number, no identity number, and no mobile number with a name',
    '填写其中一项',
    'enter one of them',
  ),
  unknown_member: words(
    '您的管理范围内没有这名会员',
    'there is no such member within your scope',
    '核对号码；如尚未入会，请邀请其入会',
    'check the numbers; if the person has not joined yet, invite them to',
  ),
  ambiguous_member: words(
    '本行对应多名会员，或各栏指向不同的人',
    'the row fits several members, or its columns name different people',
    '填写正确的会员编号',
    'enter the right member number',
  ),
  not_a_member: words(
    '此人已退会',
    'the person has left the union',
    '如已重新入会，请先更新会员名册；否则可邀请其入会',
    'if they have joined again, import the roster first; otherwise invite them to',
  ),
} as const satisfies Readonly<Record<string, FaultWords>>

export type RowFaultCode = keyof typeof rowFaults

/** What a normaliser answers instead of a value. One instance a code: a million rows make none. */
export class Fault {
  readonly code: RowFaultCode
  constructor(code: RowFaultCode) {
    this.code = code
  }
}

/** The one instance for each code. */
export const fault = Object.fromEntries(
  Object.keys(rowFaults).map((code) => [code, new Fault(code as RowFaultCode)]),
) as Readonly<Record<RowFaultCode, Fault>>

const compoundSurname =
  /^(欧阳|上官|司马|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|司徒|司空|端木|独孤|南宫)/

/**
 * A value as errors.csv may show it: an identity number by its first 3 and last 2 characters, a
 * mobile number likewise, a name by its family name, anything else by its first 40 characters. In
 * those too, what looks like an identity or a mobile number (a row shifted by a column) is masked.
 * Control characters go, and what a spreadsheet would run as a formula gets an apostrophe.
 */
export function maskValue(field: Field | undefined, value: string): string {
  return defuse(maskFor(field, value.replace(/[\p{C}\u2028\u2029]/gu, '').trim()))
}

function maskFor(field: Field | undefined, value: string): string {
  if (value === '') return ''
  if (field === 'id_number' || field === 'mobile') return maskMiddle(value)
  if (field === 'name') {
    const first = String.fromCodePoint(value.codePointAt(0) ?? 0)
    return `${compoundSurname.exec(value)?.[1] ?? first}**`
  }
  const narrow = value.normalize('NFKC')
  const shown = narrow.replace(/\d[\d -]{13,}[\dXx]|(?<!\d)1[3-9]\d{9}(?!\d)/g, maskMiddle)
  return [...shown].slice(0, 40).join('')
}

function maskMiddle(value: string): string {
  const characters = [...value]
  if (characters.length <= 6) return '*'.repeat(characters.length)
  const hidden = '*'.repeat(Math.min(characters.length, 20) - 5)
  return characters.slice(0, 3).join('') + hidden + characters.slice(-2).join('')
}

function defuse(text: string): string {
  return /^[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text
}
