import type { Words } from '../parts/language.tsx'

/** What the leaves about a voucher say happened, by their kind. */
export const leafWords: Readonly<Record<string, Words>> = {
  'batch.issue': { zh: '发放', en: 'Issued' },
  'voucher.claim': { zh: '领取', en: 'Claimed' },
  'voucher.redeem': { zh: '核销', en: 'Redeemed' },
  'voucher.reverse': { zh: '撤销', en: 'Undone' },
  'voucher.extend': { zh: '延长有效期', en: 'Valid for longer' },
  'voucher.reissue': { zh: '补发', en: 'Issued anew, for one that was over' },
  'voucher.suspend': { zh: '冻结', en: 'Suspended' },
  'voucher.resume': { zh: '解冻', en: 'Resumed' },
  'voucher.return': { zh: '退回', en: 'Given back' },
  'voucher.void': { zh: '作废', en: 'Made void' },
  'voucher.expire': { zh: '过期', en: 'Expired' },
  'batch.recall': { zh: '收回', en: 'Taken back' },
}
