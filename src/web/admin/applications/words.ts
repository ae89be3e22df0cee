import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of joining. */
export const words = {
  organisation: word('哪个组织（代码）', 'Which organisation (code)'),
  show: word('显示', 'Show'),
  waiting: word('等待决定的申请', 'Applications that wait'),
  applicant: word('申请人', 'Applicant'),
  identity: word('证件', 'Identity'),
  occupation: word('职业', 'Occupation'),
  known: word('本节点是否已有此人', 'Known here'),
  submitted: word('提交', 'Submitted'),
  approve: word('批准', 'Approve'),
  reject: word('驳回', 'Reject'),
  ask: word('请补充', 'Ask for more'),
  reason: word('理由（会告诉申请人）', 'Reason (told to the applicant)'),
  decide: word('决定', 'Decide'),
  codes: word('扫码入会', 'Scan-to-join codes'),
  new_code: word('生成入会码', 'Make a code'),
  note: word('用途', 'What for'),
  code_told: word('请打印或张贴这个二维码（只显示一次）', 'Print or post this code (shown once)'),
  revoke: word('停用', 'Revoke'),
  revoked: word('已停用', 'Revoked'),
  in_use: word('在用', 'In use'),
  made: word('生成时间', 'Made'),
  together: word('集体入会', 'Joining together'),
  together_lead: word(
    '一份名册里的人一起申请、一起审批。',
    'The people of one roster apply together and are decided together.',
  ),
  file: word('名册文件', 'Roster file'),
  send: word('提交名册', 'Send the roster'),
  received: word(
    '{count} 份申请，{refused} 行被拒绝',
    '{count} applications, {refused} rows refused',
  ),
  approve_all: word('全部批准', 'Approve all of them'),
  decided: word(
    '已批准 {count} 份，{refused} 份需要单独处理',
    '{count} approved, {refused} need a decision of their own',
  ),
}

/** What the node knows of an applicant's identity. */
export const knownNames: Readonly<Record<string, Words>> = {
  unknown: word('没有', 'Unknown'),
  left: word('曾是会员，已退会', 'Was a member, left'),
  member_here: word(
    '已是本组织会员：批准会把申请人的手机绑到该会员，请核对本人',
    'A member of this organisation already: approval binds the applicant’s phone to that member; check that it is them',
  ),
  member_elsewhere: word(
    '是另一个组织的会员，请走转会',
    'A member of another organisation: transfer',
  ),
}

/** States of an application. */
export const applicationStateNames: Readonly<Record<string, Words>> = {
  waiting: word('待审批', 'Waiting'),
  more_needed: word('待补充', 'More was asked for'),
  approved: word('已批准', 'Approved'),
  rejected: word('已驳回', 'Rejected'),
}
