import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of issuing. */
export const words = {
  new_batch: word('起草批次', 'Draft a batch'),
  benefit: word('权益', 'Benefit'),
  source: word('发给谁', 'To whom'),
  by_criteria: word('按条件', 'By criteria'),
  by_list: word('按名单文件', 'By a list'),
  narrow: word('在权益条件之外再收窄', 'Narrow the benefit’s own rule'),
  list_name: word('名单名称', 'Name of the list'),
  list_file: word('名单文件（CSV 或 XLSX）', 'List file (CSV or XLSX)'),
  delivery: word('怎样到账', 'Delivery'),
  offer: word('待会员领取', 'Offered, to be claimed'),
  active: word('直接可用', 'Usable at once'),
  note: word('备注', 'Note'),
  draft: word('起草', 'Draft'),
  reading: word('正在读取名单：{read} 行', 'Reading the list: {read} rows'),
  list_read: word(
    '名单：识别 {matched} 人，拒绝 {refused} 行',
    'List: {matched} matched, {refused} rows refused',
  ),
  list_errors: word('下载 errors.csv', 'Download errors.csv'),
  go_on: word('读取名单', 'Read the list'),
  created: word('起草时间', 'Drafted'),
  issued: word('已发放', 'Issued'),
  dropped: word('不再符合', 'Dropped'),
  recalled: word('已收回', 'Recalled'),
  approvals: word('需要 {count} 人审批', '{count} approvals needed'),
  dry_run: word('试算', 'Dry run'),
  dry_run_do: word('试算', 'Run it dry'),
  dry_run_again: word('重新试算', 'Run it dry again'),
  digest: word('试算摘要（审批签署的内容）', 'Digest of the dry run (what approvers sign)'),
  considered: word('范围内', 'Considered'),
  eligible: word('将发放', 'Would be issued to'),
  not_active: word('会籍不正常', 'Not active'),
  not_eligible: word('不符合条件', 'Not entitled'),
  fact_unknown: word('资料不全', 'Facts missing'),
  cap_reached: word('已达上限', 'Cap reached'),
  outcome: word('结果', 'Outcome'),
  people: word('人数', 'People'),
  budget_total: word('总额', 'Total'),
  budget_available: word('可用预算', 'Available'),
  sufficient: word('预算足够', 'The budget suffices'),
  insufficient: word('预算不足', 'The budget does not suffice'),
  by_organisation: word('按组织（前 20）', 'By organisation (top 20)'),
  by_occupation: word('按职业', 'By occupation'),
  sample: word('抽样（编号已遮盖）', 'Sample (numbers masked)'),
  difference: word('与上次试算相比', 'Against the dry run before'),
  more: word('新增 {count} 人', '{count} more people'),
  fewer: word('减少 {count} 人', '{count} fewer people'),
  same: word('同样的人', 'The same people'),
  submit: word('提交审批', 'Submit'),
  start: word('开始发放', 'Start issuing'),
  pause: word('暂停', 'Pause'),
  resume: word('继续', 'Resume'),
  cancel: word('取消批次', 'Cancel'),
  recalls: word('收回一部分', 'Take back a part'),
  recall_lead: word(
    '先试算：会收回多少、退回多少钱、哪些因已使用而收不回。填写的条件同时成立；都不填即全部未用的券。',
    'Try it first: how many, what money comes back, what was used and stays. All that is given must hold; nothing given: whatever nobody has used.',
  ),
  member_numbers: word(
    '会员编号（每行一个，最多 5000）',
    'Member numbers (one a line, at most 5000)',
  ),
  recall_reason: word('收回原因', 'Reason'),
  recall_try: word('试算收回', 'Try it'),
  recall_do: word('收回', 'Take back'),
  recall_submit: word('提交他人签署', 'Hand over for signing'),
  look: word('查看', 'Look'),
  recallable: word('可收回', 'Can be taken back'),
  comes_back: word('退回金额', 'Comes back'),
  cannot: word('收不回', 'Stays'),
  part_used: word('已用一部分', 'Partly used'),
  left_out: word('未发放的原因', 'Why some were left out'),
  retry: word('重试未发放的人', 'Try those left out again'),
  recall: word('收回全部未用的券', 'Recall every unused voucher'),
  progress: word('进度', 'Progress'),
  rate: word('每秒 {rate} 人', '{rate} a second'),
  left: word('约剩 {seconds} 秒', 'About {seconds} s left'),
  approve: word('用通行密钥批准', 'Approve with the passkey'),
  reject: word('用通行密钥驳回', 'Reject with the passkey'),
  approve_lead: word(
    '您签署的正是上面的试算摘要。内容一变，签名即失效。',
    'You sign exactly the digest above. Any change voids the signature.',
  ),
  waiting: word('等待审批的批次', 'Batches that wait for approval'),
  frozen: word('{org} 及以下已停止发放', 'Issuing is stopped at and below {org}'),
  freeze: word('紧急停止发放', 'Stop issuing'),
  freeze_lead: word(
    '立即暂停这个组织及以下的批次和领取。会员手里的券不受影响。解除要由另一位同事。',
    'Pauses batches and claims at and below the organisation at once. What members hold stays good. It takes another person to end it.',
  ),
  freeze_do: word('停止发放', 'Stop issuing'),
  thaw: word('恢复发放', 'Let issuing go on'),
}

/** Why issuing was stopped. */
export const freezeNames: Readonly<Record<string, Words>> = {
  incident: word('发生事故', 'An incident'),
  fraud_suspected: word('疑似套现', 'Fraud suspected'),
  audit: word('审计要求', 'An audit'),
  budget: word('预算问题', 'The budget'),
  drill: word('演练', 'A drill'),
}

/** Why a run left somebody out. */
export const leftOutNames: Readonly<Record<string, Words>> = {
  not_entitled: word('不再符合条件', 'No longer entitled'),
  cap_reached: word('已达上限', 'Cap reached'),
  quota_exhausted: word('名额已满', 'The quota was full'),
}

/** What became of a recall of a part of a batch. */
export const recallStateNames: Readonly<Record<string, Words>> = {
  ready: word('已试算', 'Tried out'),
  proposed: word('待他人签署', 'Waits for another’s signature'),
  running: word('收回中', 'Recalling'),
  completed: word('已收回', 'Taken back'),
  rejected: word('已驳回', 'Rejected'),
  withdrawn: word('已撤回', 'Taken back by its proposer'),
}

/** States of a batch. */
export const batchStateNames: Readonly<Record<string, Words>> = {
  draft: word('草稿', 'Draft'),
  ready: word('已试算', 'Dry run done'),
  submitted: word('待审批', 'Waiting for approval'),
  approved: word('已批准', 'Approved'),
  running: word('发放中', 'Issuing'),
  paused: word('已暂停', 'Paused'),
  completed: word('已完成', 'Completed'),
  cancelled: word('已取消', 'Cancelled'),
  rejected: word('已驳回', 'Rejected'),
  recalling: word('收回中', 'Recalling'),
  recalled: word('已收回', 'Recalled'),
}
