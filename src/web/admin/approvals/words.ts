import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts about what takes another person's signature. */
export const words = {
  waiting: word('等待签署的提议', 'Proposals that wait for a signature'),
  what: word('提议', 'Proposal'),
  reason: word('原因', 'Reason'),
  proposed: word('提出时间', 'Proposed'),
  outcome: word('结果', 'Outcome'),
  withdraw: word('撤回提议', 'Take the proposal back'),
  sign: word('用通行密钥批准', 'Approve with the passkey'),
  reject: word('用通行密钥驳回', 'Reject with the passkey'),
  decide: word('查看并签署', 'Look and sign'),
  signed: word('签署的内容', 'What is signed'),
  digest: word('摘要', 'Digest'),
  lead: word(
    '您签署的正是下面的内容；签署后立即执行。',
    'You sign exactly what stands below; it is done at once.',
  ),
}

/** Kinds of proposals. */
export const proposalKindNames: Readonly<Record<string, Words>> = {
  budget: word('预算变更', 'Change of a budget'),
  recall: word('收回一部分批次', 'Recall of a part of a batch'),
  extend: word('券延期', 'Extension of a voucher'),
  reissue: word('券补发', 'A voucher issued anew'),
}

/** What became of a proposal. */
export const proposalStateNames: Readonly<Record<string, Words>> = {
  proposed: word('待他人签署', 'Waits for another’s signature'),
  carried_out: word('已执行', 'Done'),
  rejected: word('已驳回', 'Rejected'),
  withdrawn: word('已撤回', 'Taken back'),
}
