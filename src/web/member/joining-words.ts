import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** Texts of joining a union and of changing phones, which most visits never show. */
export const joiningWords = {
  apply_title: word('申请加入工会', 'Apply to join'),
  apply_to: word('您将申请加入：', 'You are applying to:'),
  code_unknown: word(
    '这个入会码无效或已停用，请向工会要新的入会码。',
    'This code is not valid or has ended. Ask the union for a new one.',
  ),
  to_start: word('已有激活码？启用会员卡', 'Have an activation code? Set up your card'),
  name: word('姓名', 'Name'),
  id_type: word('证件类型', 'Document'),
  id_number: word('证件号码', 'Document number'),
  mobile: word('手机号', 'Mobile number'),
  occupation: word('职业', 'Occupation'),
  choose: word('请选择', 'Please choose'),
  consent: word(
    '我同意工会为审核入会保存并核对以上信息',
    'I agree that the union keeps and checks these details to decide on my application',
  ),
  apply: word('提交申请', 'Send application'),
  apply_again: word('重新申请', 'Apply again'),
  sending: word('正在提交…', 'Sending…'),
  check_fields: word('请检查：{fields}', 'Please check: {fields}'),

  waiting_title: word('申请已提交', 'Application sent'),
  waiting: word('等待工会审核', 'Waiting for the union'),
  waiting_lead: word(
    '{union}会审核您的申请。通过后，本机会自动启用会员卡，无需激活码。可以关闭本页，稍后再打开。',
    '{union} will look at it. Once approved, your card is set up on this phone by itself; no code is needed. You may close this page and come back.',
  ),
  sent_at: word('提交于 {time}', 'Sent {time}'),
  more_title: word('请补充信息', 'More is needed'),
  rejected_title: word('申请未通过', 'Not approved'),
  union_says: word('工会说明', 'The union says'),

  move: word('换新手机', 'Move to a new phone'),
  move_lead: word(
    '用新手机扫描此码。本机确认后，会员卡转到新手机，本机停用；券不会丢失。',
    'Scan this with the new phone. After you confirm here, the card moves there and this phone is revoked; your vouchers are kept.',
  ),
  move_code: word('换机码', 'Code for the new phone'),
  move_until: word('{time} 前有效', 'Good until {time}'),
  move_expired: word('换机码已过期。', 'The code has expired.'),
  move_new: word('重新生成', 'Make a new one'),
  move_check: word(
    '新手机已扫码。两部手机上的数字一致吗？',
    'The new phone has scanned it. Do both phones show these digits?',
  ),
  move_confirm: word('一致，换到新手机', 'They match: move'),
  move_decline: word('不是我的手机', 'Not my phone'),
  moved: word('已换到新手机，本机已停用。', 'Moved. This phone is revoked.'),
  done: word('好', 'OK'),

  take_title: word('启用新手机', 'Set up this phone'),
  take_lead: word(
    '会员卡和券将从旧手机转到本机。',
    'Your card and vouchers will move here from your old phone.',
  ),
  take: word('转到本机', 'Move here'),
  take_wait: word(
    '请在旧手机上核对数字并确认',
    'Compare the digits on your old phone and confirm there',
  ),
  take_digits: word('核对数字', 'Digits to compare'),
} as const

/** Kinds of identity document. */
export const documents = [
  ['resident_id', word('居民身份证', 'Resident identity card')],
  ['passport', word('护照', 'Passport')],
  ['other', word('其他证件', 'Other')],
] as const

/** Occupations, as rosters name them. */
export const occupations = [
  ['courier', word('快递员', 'Courier')],
  ['food_delivery', word('外卖配送员', 'Food delivery')],
  ['ride_hailing', word('网约车司机', 'Ride-hailing driver')],
  ['truck_driver', word('货车司机', 'Truck driver')],
  ['sanitation', word('环卫工人', 'Sanitation')],
  ['construction', word('建筑工人', 'Construction')],
  ['manufacturing', word('制造业工人', 'Manufacturing')],
  ['domestic_service', word('家政服务员', 'Domestic service')],
  ['security_guard', word('保安员', 'Security guard')],
  ['other', word('其他', 'Other')],
] as const
