import { word } from '../admin/words.ts'
import type { Words } from '../parts/language.tsx'

/** What the auditor's pages say. Chinese is the source. */
export const words = {
  title: word('审计工作台', 'Audit desk'),
  home: word('首页', 'Home'),
  events: word('事件流水', 'Events'),
  integrity: word('账本完整性', 'Integrity'),
  board: word('对账看板', 'Reconciliation'),
  decisions: word('资格判定', 'Decisions'),
  draws: word('抽签核验', 'Draws'),
  duties: word('职责分离', 'Separation of duties'),
  unmasking: word('解除匿名', 'Unmasking'),

  begin: word('这里能查什么', 'What can be checked here'),
  pseudonyms: word(
    '会员只以假名出现。要知道是谁，须说明理由，由另一人同意；会员本人看得到。',
    'Members appear under pseudonyms. To learn who one is takes a reason and another person; the member sees it.',
  ),

  index: word('序号', 'Index'),
  kind: word('类型', 'Kind'),
  every_kind: word('全部类型', 'Every kind'),
  day: word('日期（UTC）', 'Day (UTC)'),
  subject: word('会员（假名）', 'Member (pseudonym)'),
  leaf: word('叶（逐字节）', 'Leaf, byte for byte'),
  leaf_hash: word('叶哈希', 'Leaf hash'),
  postings: word('分录', 'Postings'),
  account: word('科目', 'Account'),
  hidden: word('已承诺而未公开', 'Committed to, not shown'),
  ask_who: word('申请解除匿名', 'Ask who this is'),

  rule: word('规则', 'Rule'),
  rule_hash: word('规则哈希', 'Hash of the rule'),
  facts: word('所用事实（仅哈希）', 'Facts used, as hashes'),
  asked_on: word('判定日', 'Day of the decision'),
  hash: word('哈希', 'Hash'),
  evaluator: word('求值器版本', 'Evaluator version'),
  benefit: word('权益', 'Benefit'),
  outcome: word('结果', 'Outcome'),
  answered: word('答复', 'Answer'),
  issued: word('已发券', 'Voucher given'),
  replay: word('重放', 'Replay'),
  replay_good: word('重放结果相同：{outcome}。', 'It comes out the same: {outcome}.'),
  replay_bad: word('重放结果不同：{outcome}。', 'It comes out differently: {outcome}.'),
  replay_gone: word(
    '事实已删除或未保存，无法重放。规则与哈希仍在。',
    'The facts were erased or never kept, so it cannot be replayed. Rule and hashes remain.',
  ),
  same_rule: word('规则未变', 'The rule is unchanged'),
  same_facts: word('事实未变', 'The facts are unchanged'),
  same_evaluator: word('求值器版本相同', 'Same version of the evaluator'),
  yes: word('是', 'Yes'),
  no: word('否', 'No'),

  all_good: word('全部等式成立', 'Every equation holds'),
  not_good: word('有等式不成立', 'An equation does not hold'),
  reconciled_at: word('对账时间', 'Reconciled'),
  no_reconciliation: word('这一天没有对账。', 'Nothing was reconciled on that day.'),
  equation: word('等式', 'Equation'),
  of: word('范围', 'Of'),
  whole_node: word('全部', 'All'),
  left: word('左边', 'Left'),
  right: word('右边', 'Right'),
  difference: word('差额', 'Difference'),
  holds: word('成立', 'Holds'),
  fails: word('不成立', 'Fails'),
  numbers: word('{count} 个等式', '{count} equations'),

  findings: word('发现', 'Findings'),
  none: word('没有', 'None'),
  persons: word('人员编号', 'Persons'),
  behind: word('依据', 'Behind it'),
  principal: word('账号', 'Account'),
}

export const outcomeNames: Readonly<Record<string, Words>> = {
  entitled: word('符合', 'Entitled'),
  not_entitled: word('不符合', 'Not entitled'),
  unknown: word('资料不全', 'Not known'),
}

export const ruleNames: Readonly<Record<string, Words>> = {
  made_and_approved: word('同一人制单并审批', 'Made and approved by one person'),
  registered_and_approved: word('由制单人登记的人审批', 'Approved by whom the maker registered'),
  asked_and_unmasked: word('同一人申请并同意解除匿名', 'Asked and agreed to by one person'),
  both_roles: word('同时持有制单与审批角色', 'Holds both making and approving roles'),
  registered_alone: word('仅由一人登记、无人确认', 'Registered by one person, confirmed by none'),
  client_owner: word('拥有程序账号的职员', 'Staff who own a program'),
}

export const kindNames: Readonly<Record<string, Words>> = {
  'budget.allocate': word('预算划拨', 'Budget allocated'),
  'batch.issue': word('批次发放', 'Batch issued'),
  'batch.recall': word('批次收回', 'Batch recalled'),
  'stock.open': word('库存开放', 'Stock opened'),
  'stock.close': word('库存关闭', 'Stock closed'),
  'draw.open': word('抽签开放', 'Draw opened'),
  'draw.enter': word('报名抽签', 'Draw entered'),
  'draw.leave': word('退出抽签', 'Draw left'),
  'draw.close': word('抽签截止', 'Draw closed'),
  'draw.run': word('抽签', 'Draw run'),
  'draw.issue': word('中签发放', 'Draw issued'),
  'voucher.claim': word('领取', 'Claimed'),
  'voucher.redeem': word('核销', 'Redeemed'),
  'voucher.reverse': word('撤销核销', 'Reversed'),
  'voucher.return': word('退回', 'Returned'),
  'voucher.reissue': word('补发', 'Issued anew'),
  'voucher.extend': word('延期', 'Extended'),
  'voucher.suspend': word('暂停', 'Suspended'),
  'voucher.resume': word('恢复', 'Resumed'),
  'voucher.void': word('作废', 'Voided'),
  'voucher.expire': word('过期', 'Expired'),
  'offer.lapse': word('逾期未领', 'Offer lapsed'),
  'settle.batch': word('结算', 'Settled'),
  'settle.confirm': word('付款确认', 'Payment confirmed'),
  'settle.fail': word('付款失败', 'Payment failed'),
  'device.enrol': word('设备登记', 'Device enrolled'),
  'device.revoke': word('设备注销', 'Device revoked'),
  'ledger.close': word('日结', 'Day closed'),
  'key.rotate': word('密钥轮换', 'Key rotated'),
  'log.open': word('新账开账', 'Log opened'),
  'log.close': word('年度结账', 'Log closed'),
}

export const equationNames: Readonly<Record<string, Words>> = {
  journal_log: word('每条分录都在日志中', 'Every entry is in the log'),
  log_size: word('日志长度等于叶数', 'The log is as long as its leaves'),
  debits_credits: word('借贷相等', 'Debits equal credits'),
  budget: word('预算等于划拨', 'Budgets equal what was allocated'),
  available: word('可用预算', 'Budget available'),
  liability: word('待兑付等于未用券', 'Liability equals open vouchers'),
  merchant: word('应付商户等于净核销', 'Payable equals net redemptions'),
  statement_lines: word('对账单行数', 'Lines of statements'),
  statement_total: word('对账单总额', 'Totals of statements'),
  stated: word('已入账单', 'Stated'),
  paid: word('已付款', 'Paid'),
  issued: word('发放数', 'Issued'),
  voucher_steps: word('券的每一步', 'Steps of vouchers'),
  reissues: word('补发的券', 'Vouchers issued anew'),
  stock: word('库存', 'Stock'),
  sub_quotas: word('子配额', 'Sub-quotas'),
}

/** The two sides of each equation in Chinese; the API says them in English. */
export const sideNames: Readonly<Record<string, readonly [left: string, right: string]>> = {
  journal_log: ['日记账分录数', '日志中或待入日志、哈希一致的叶数'],
  log_size: ['签名的日志长度', '日志叶数'],
  debits_credits: ['全部科目借方', '全部科目贷方'],
  budget: ['划拨给项目', '可用、占用、应付、结算中与已付，减应收'],
  available: ['据以决定的预算', '日记账中的可用预算'],
  liability: ['未用券的剩余次数金额', '日记账中的已发未用'],
  merchant: ['有效核销', '核销与撤销为商户所记之数'],
  statement_lines: ['账单行', '其叶为商户所记之数'],
  statement_total: ['账单总额', '各行之和'],
  stated: ['商户账单总额', '为商户所记之数'],
  paid: ['已付账单', '付款所记之数'],
  issued: ['批次发放的券', '批次叶所列的券'],
  voucher_steps: ['全部券的版本', '关于券的叶'],
  reissues: ['有继任的券', '补发的叶'],
  stock: ['已计领取的库存', '未失效未退回的券'],
  sub_quotas: ['已计使用的子配额', '券所占份额'],
}

/** What a leaf commits to without saying it. */
export const hiddenNames: Readonly<Record<string, Words>> = {
  member: word('会员', 'Member'),
  merchant: word('商户', 'Merchant'),
  terminal: word('终端', 'Terminal'),
  operator: word('操作人', 'Operator'),
  evidence: word('凭证', 'Evidence'),
  reason: word('原因', 'Reason'),
}

/** Facts that a rule may have looked at. */
export const factNames: Readonly<Record<string, Words>> = {
  'fact:occupation': word('职业', 'Occupation'),
  'fact:gender': word('性别', 'Gender'),
  'fact:birth_date': word('出生日期', 'Date of birth'),
  'fact:joined_on': word('入会日期', 'Date of joining'),
  'fact:hardship': word('困难职工', 'Registered hardship'),
  'fact:model_worker': word('劳模', 'Model worker'),
  'fact:standing': word('会籍状态', 'Standing'),
  'fact:has_mobile': word('已登记手机号', 'Mobile number on record'),
  org_path: word('所属工会', 'Organisation'),
  region: word('地区', 'Region'),
  events: word('以往用券', 'Vouchers before'),
}

/** What the rows behind a finding say, where they say no role. */
export const rowNames: Readonly<Record<string, Words>> = {
  'edited and decided': word('批次：制单并审批', 'Batch: edited and decided'),
  'decided by whom its maker registered': word(
    '批次：审批人由制单人登记',
    'Batch: decided by whom its maker registered',
  ),
  'proposed and decided': word('提案：提出并审批', 'Proposal: proposed and decided'),
  'decided by whom its proposer registered': word(
    '提案：审批人由提出人登记',
    'Proposal: decided by whom its proposer registered',
  ),
  'asked and decided': word('解除匿名：申请并决定', 'Unmasking: asked and decided'),
  registered: word('登记了此账号', 'Registered this account'),
}
