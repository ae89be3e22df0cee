import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** The texts behind the counter: lists, statements and the printed code. */
export const words = {
  title: word('店务', 'Back office'),
  back: word('返回', 'Back'),
  to_counter: word('返回收银', 'Back to the counter'),
  loading: word('正在读取…', 'Loading…'),
  more: word('显示更多', 'Show more'),

  today: word('今日核销', 'Today'),
  today_totals: word(
    '{count} 笔，撤销 {undone} 笔，共 {amount}',
    '{count} redeemed, {undone} undone, {amount}',
  ),
  today_none: word('今天还没有核销。', 'Nothing redeemed today.'),
  committed: word('已核销', 'Redeemed'),
  reversed: word('已撤销', 'Undone'),

  statements: word('对账单', 'Statements'),
  statements_lead: word(
    '每月 2 日出上月的对账单。',
    'Last month’s comes on the 2nd of each month.',
  ),
  statements_none: word('还没有对账单。', 'There are no statements yet.'),
  managers: word('对账单请店长当班时查看。', 'Statements are for a manager on shift.'),
  month: word('{month} 对账单', 'Statement {month}'),
  state_issued: word('待确认', 'Waiting for you'),
  state_confirmed: word('已确认，等待审批', 'Confirmed, being approved'),
  state_disputed: word('有异议，工会处理中', 'Disputed, with the union'),
  state_approved: word('已审批，等待付款', 'Approved, being paid'),
  state_paid: word('已付款', 'Paid'),
  silent: word('十天内未答复，视为确认', 'Confirmed: ten days without a word'),
  total: word('应付合计', 'Payable'),
  redeemed: word('核销', 'Redeemed'),
  undone: word('撤销', 'Undone'),
  adjusted: word('调整', 'Adjusted'),
  lines: word('明细（{count} 笔）', 'Lines ({count})'),
  reference: word('银行流水号 {reference}', 'Bank reference {reference}'),
  silence_rule: word(
    '十天内没有异议即视为确认。',
    'After ten days without a word it counts as confirmed.',
  ),
  confirm: word('确认无误', 'Confirm'),
  dispute: word('有异议', 'Dispute'),
  dispute_why: word('哪里不对？', 'What is wrong?'),
  dispute_text: word('补充说明（可不填）', 'More about it (optional)'),
  dispute_hint: word('请勿填写会员的姓名或电话。', 'Please name no member and no phone number.'),
  dispute_send: word('提交异议', 'Send the dispute'),
  dispute_held: word('异议：{reason}', 'Dispute: {reason}'),
  dispute_answer: word('工会答复：{answer}', 'The union: {answer}'),
  why_missing_redemption: word('少了核销', 'A redemption is missing'),
  why_wrong_amount: word('金额不对', 'A wrong amount'),
  why_not_ours: word('不是本店的', 'Not ours'),
  why_reversal_not_made: word('我们没有撤销', 'We did not undo it'),
  why_other: word('其他', 'Something else'),
  download: word('下载', 'Download'),
  csv: word('CSV（UTF-8）', 'CSV (UTF-8)'),
  gb18030: word('CSV（GB18030，旧版 Excel）', 'CSV (GB18030, older Excel)'),
  pdf: word('PDF（打印）', 'PDF (for printing)'),

  code: word('门店码', 'Store code'),
  code_lead: word('打印后贴在收银台。', 'Print it and put it up at the counter.'),
  code_label: word('{store} 的门店码', 'Code of {store}'),
  print: word('打印', 'Print'),
  self: word('会员扫码核销', 'Members scan it'),
  self_off: word(
    '未开通。会员扫这个码时，会请店员扫会员的券码。',
    'Off. Whoever scans this code is told that you scan their voucher.',
  ),
  self_asked: word('已申请，等工会同意。', 'Asked for. The union has not agreed yet.'),
  self_on: word(
    '已开通。会员扫码后，当班终端上会出现请求，店员接受后才核销。',
    'On. Each use appears at the terminal on shift and is redeemed once it is accepted.',
  ),
  self_ask: word('申请开通', 'Ask for it'),
  self_end: word('关闭', 'End it'),
  waits: word('会员等您接受', 'A member waits for you'),
  accept: word('接受', 'Accept'),
  decline: word('不接受', 'Decline'),
} as const

/** What the printed sheet says, in both languages at once. */
export const sheet = {
  accepts: word('本店接受工会会员权益', 'Union members’ benefits are welcome here'),
  how: word('请用工会会员页面扫码', 'Scan with your union member page'),
} as const
