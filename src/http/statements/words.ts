/** The texts of a statement's files. Chinese is the source. */
export const statementWords = {
  title: { zh: '商户对账单', en: 'Merchant statement' },
  merchant: { zh: '商户', en: 'Merchant' },
  month: { zh: '月份', en: 'Month' },
  number: { zh: '对账单编号', en: 'Statement' },
  closed: { zh: '出账时间', en: 'Closed' },
  line: { zh: '序号', en: 'No.' },
  kind: { zh: '类型', en: 'Type' },
  time: { zh: '时间', en: 'Time' },
  store: { zh: '门店', en: 'Store' },
  benefit: { zh: '权益', en: 'Benefit' },
  amount: { zh: '金额（元）', en: 'Amount (yuan)' },
  subject: { zh: '单号', en: 'Reference' },
  leaf: { zh: '账本凭证', en: 'Ledger leaf' },
  redemption: { zh: '核销', en: 'Redeemed' },
  reversal: { zh: '撤销', en: 'Undone' },
  adjustment: { zh: '调整', en: 'Adjustment' },
  total: { zh: '应付合计', en: 'Payable' },
  digest: { zh: '对账单摘要（SHA-256）', en: 'Digest (SHA-256)' },
  more: {
    zh: '此处列出前 {shown} 笔，共 {lines} 笔；全部明细见 CSV 文件。',
    en: 'The first {shown} of {lines} lines; the CSV file has them all.',
  },
} as const

export type StatementLanguage = 'zh' | 'en'

/** Fen as yuan with two decimals, as spreadsheets read it. */
export function yuanOf(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, '0')
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

const format = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** `2026-11-30 23:59:59`, in the union's time zone. */
export function wallTimeOf(at: number): string {
  return format.format(at)
}
