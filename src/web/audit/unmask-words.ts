import { word } from '../admin/words.ts'
import type { Words } from '../parts/language.tsx'

/** What the way behind a pseudonym says. */
export const words = {
  lead: word(
    '说明理由，由另一人用通行密钥同意，您可在 24 小时内查看姓名和会员编号。每一步都会告知会员本人。',
    'Give a reason; another person agrees with a passkey; you may read name and number for 24 hours. The member is told of every step.',
  ),
  ask: word('提出申请', 'Ask'),
  asked: word('已提出，等待另一人决定。', 'Asked. Another person decides.'),
  requests: word('申请', 'Requests'),
  mine: word('本人', 'Mine'),
  others: word('他人', 'Of another'),
  asked_by: word('申请人', 'Asked by'),
  approve: word('用通行密钥同意', 'Agree with a passkey'),
  reject: word('拒绝', 'Reject'),
  show: word('查看是谁', 'Show who'),
  member_no: word('会员编号', 'Member number'),
  until: word('可查看至', 'Until'),
  full_name: word('姓名', 'Name'),
}

export const reasonNames: Readonly<Record<string, Words>> = {
  complaint: word('会员投诉', 'A complaint'),
  suspicion: word('涉嫌违规', 'A suspicion'),
  difference: word('对账差异', 'A difference in the books'),
  sample: word('抽样核查', 'A sample'),
  legal: word('依法要求', 'A legal request'),
}

export const stateNames: Readonly<Record<string, Words>> = {
  waiting: word('等待决定', 'Waiting'),
  approved: word('已同意', 'Approved'),
  rejected: word('已拒绝', 'Rejected'),
  over: word('已到期', 'Over'),
}
