import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of settlement. */
export const words = {
  merchant: word('商户', 'Merchant'),
  month: word('月份', 'Month'),
  lines: word('笔数', 'Lines'),
  redeemed: word('核销', 'Redeemed'),
  reversed: word('撤销', 'Reversed'),
  adjusted: word('调整', 'Adjusted'),
  total: word('应付', 'To be paid'),
  digest: word('对账单摘要', 'Digest of the statement'),
  approvals: word('已审批', 'Approvals'),
  approve: word('批准付款', 'Approve the payment'),
  answer: word('答复异议', 'Answer the dispute'),
  answer_do: word('答复', 'Answer'),
  dispute: word('商户异议', 'The merchant disputes'),
  bank_reference: word('银行流水号', 'Bank reference'),
  paid: word('登记已付款', 'Mark paid'),
  csv: word('下载 CSV', 'Download CSV'),
  csv_gb: word('下载 CSV（GB18030）', 'Download CSV (GB18030)'),
  kind: word('类型', 'Kind'),
  benefit: word('权益', 'Benefit'),
  store: word('门店', 'Store'),
}

/** States of a statement. */
export const statementStateNames: Readonly<Record<string, Words>> = {
  issued: word('待商户确认', 'With the merchant'),
  confirmed: word('已确认', 'Confirmed'),
  disputed: word('有异议', 'Disputed'),
  approved: word('已批准', 'Approved'),
  paid: word('已付款', 'Paid'),
}

/** Kinds of line. */
export const lineKindNames: Readonly<Record<string, Words>> = {
  redemption: word('核销', 'Redemption'),
  reversal: word('撤销', 'Reversal'),
  adjustment: word('调整', 'Adjustment'),
}

/** Why a merchant disputes. */
export const disputeNames: Readonly<Record<string, Words>> = {
  missing_redemption: word('少了核销', 'A redemption is missing'),
  wrong_amount: word('金额不对', 'A wrong amount'),
  not_ours: word('不是我们的', 'Not ours'),
  reversal_not_made: word('没有做过撤销', 'A reversal we did not make'),
  other: word('其他', 'Other'),
}
