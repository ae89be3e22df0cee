import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of moves between unions. */
export const words = {
  which: word('显示哪些', 'Which ones'),
  member: word('会员', 'Member'),
  from: word('原工会', 'Old union'),
  to: word('新工会', 'New union'),
  steps: word('经过', 'What happened'),
  asked_member: word('{time} 会员申请', 'Asked by the member {time}'),
  asked_union: word('{time} 工会提出', 'Asked by a union {time}'),
  released: word('{time} 原工会同意', 'Old union consented {time}'),
  received: word('{time} 新工会同意', 'New union consented {time}'),
  ended: word('{time} 结束', 'Ended {time}'),
  refused: word('{union}没有同意：{reason}', '{union} refused: {reason}'),
  decide: word('办理', 'Decide'),
  consent_release: word('原工会：同意转出', 'Old union: let go'),
  refuse_release: word('原工会：不同意', 'Old union: refuse'),
  consent_receive: word('新工会：同意接收', 'New union: take in'),
  refuse_receive: word('新工会：不同意', 'New union: refuse'),
  reason: word('理由（会告诉会员）', 'Reason (told to the member)'),
  lead: word(
    '双方工会各由一人同意后，会籍立即转移，会员证随之更换，券保留。同一人不能代表双方。',
    'Once one person of each union has consented, the membership moves, the credential follows and vouchers are kept. Nobody may speak for both.',
  ),
  ask_title: word('把本会会员转出', 'Let a member go'),
  member_no: word('会员编号', 'Member number'),
  to_code: word('新工会组织代码', 'Code of the new union'),
  ask: word('提出转会', 'Ask for the transfer'),
  ask_release: word('请原工会同意转会', 'Ask the old union to let them go'),
  asked_release: word('已请原工会同意，转会完成后再批准', 'Asked. Approve once they have moved'),
}

/** States of a transfer. */
export const transferStateNames: Readonly<Record<string, Words>> = {
  waiting: word('待同意', 'Waiting'),
  done: word('已完成', 'Done'),
  refused: word('未同意', 'Refused'),
  withdrawn: word('会员已撤回', 'Taken back'),
}
