import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts about one voucher. */
export const words = {
  find: word('券号（32 位）', 'Voucher id (32 digits)'),
  find_do: word('查找', 'Find'),
  find_lead: word(
    '券号在会员手机的券面上，也可以从会员页面进入。',
    'The id is on the voucher in the member’s phone; or come here from the member’s page.',
  ),
  uses_left: word('剩余次数', 'Uses left'),
  valid_to: word('有效期至', 'Valid until'),
  member: word('会员', 'Member'),
  timeline: word('经过', 'What happened'),
  event: word('事件', 'Event'),
  by: word('谁', 'By'),
  suspend: word('暂停', 'Suspend'),
  resume: word('恢复', 'Resume'),
  void: word('作废', 'Void'),
  extend: word('延期', 'Extend'),
  reissue: word('补发', 'Issue anew'),
  new_end: word('新的有效期至', 'Valid until, anew'),
  successor: word('补发的新券', 'Issued in its place'),
  predecessor: word('替代的旧券', 'Issued in place of'),
  handed_over: word('已提交他人签署', 'Handed over for signing'),
  reason: word('原因', 'Reason'),
}

/** Why the union acts on a voucher. */
export const reasonNames: Readonly<Record<string, Words>> = {
  fraud_suspected: word('疑似套现', 'Fraud suspected'),
  complaint: word('投诉', 'A complaint'),
  member_request: word('会员要求', 'The member asked'),
  issued_in_error: word('发错', 'Issued in error'),
  system_error: word('系统出错', 'A fault of the system'),
  cleared: word('已查清', 'Cleared up'),
  suspended_in_error: word('误暂停', 'Suspended in error'),
  duplicate: word('重复', 'A duplicate'),
  fraud: word('套现', 'Fraud'),
  store_closed: word('门店停业', 'The store was closed'),
  lost: word('遗失', 'Lost'),
  programme_ended: word('项目结束', 'The programme ended'),
}

/** Events of a voucher. */
export const eventNames: Readonly<Record<string, Words>> = {
  issue: word('发放', 'Issued'),
  claim: word('领取', 'Claimed'),
  redeem: word('核销', 'Redeemed'),
  reverse: word('撤销', 'Reversed'),
  return: word('退回', 'Given back'),
  suspend: word('暂停', 'Suspended'),
  resume: word('恢复', 'Resumed'),
  void: word('作废', 'Void'),
  recall: word('收回', 'Recalled'),
  expire: word('过期', 'Expired'),
  extend: word('延期', 'Extended'),
  reissue: word('补发', 'Issued anew'),
}
