import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of what members report. */
export const words = {
  open: word('待处理', 'Open'),
  all: word('全部', 'All'),
  reported: word('申诉时间', 'Reported'),
  says: word('会员说', 'The member says'),
  store: word('门店', 'Store'),
  elsewhere: word('其他节点的门店（节点 {node}）', 'A shop of another node ({node})'),
  undone_there: word('只有那里的门店能撤销', 'Only the shop there can undo it'),
  redeemed: word('核销时间', 'Redeemed'),
  voucher: word('券', 'Voucher'),
  settled: word('已结算，不能撤销', 'Settled: it cannot be undone'),
  answer: word('答复会员', 'Answer to the member'),
  reverse: word('撤销这笔核销', 'Undo the redemption'),
  no_fault: word('核销无误', 'Find no fault'),
  decide: word('处理', 'Decide'),
}

/** What members say. */
export const caseReasonNames: Readonly<Record<string, Words>> = {
  not_me: word('不是我', 'It was not me'),
  not_received: word('没有收到', 'Nothing received'),
  wrong_amount: word('金额不对', 'A wrong amount'),
  wrong_goods: word('货不对', 'The wrong goods'),
}

/** What became of it. */
export const caseStateNames: Readonly<Record<string, Words>> = {
  open: words.open,
  reversed: word('已撤销', 'Undone'),
  no_fault: word('核销无误', 'No fault found'),
}
