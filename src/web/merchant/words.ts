import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** Every text of the merchant's pages. Chinese is the source. */
export const words = {
  title: word('工会商户', 'Union merchant'),
  loading: word('正在读取…', 'Loading…'),
  back: word('返回', 'Back'),
  yes: word('确定', 'Yes'),
  no: word('取消', 'Cancel'),

  setup_title: word('启用这台终端', 'Set up this terminal'),
  setup_lead: word(
    '请扫描或输入工会给您的启用码。',
    'Scan or type the set-up code from the union.',
  ),
  setup_code: word('启用码', 'Set-up code'),
  setup_do: word('启用', 'Set up'),

  shift_title: word('开始当班', 'Start a shift'),
  cashier: word('店员', 'Cashier'),
  pin: word('密码', 'PIN'),
  shift_open: word('开始', 'Start'),
  shift_close: word('结束当班', 'End the shift'),
  shift_totals: word(
    '本班 {count} 笔，撤销 {undone} 笔，共 {amount}',
    'This shift: {count} redeemed, {undone} undone, {amount}',
  ),

  scan: word('请对准会员的券码', 'Point at the member’s code'),
  digits: word('输入 12 位数字码', 'Type the 12 digits'),
  digits_send: word('查询', 'Look up'),
  erase: word('删除', 'Erase'),
  today: word('今日 {count} 笔 · {amount}', 'Today {count} · {amount}'),

  office: word('店务', 'Back office'),
  checking: word('正在查询…', 'Checking…'),
  asking: word('还在确认，请勿重扫', 'Still asking: do not scan again'),
  ready: word('可以核销', 'Ready to redeem'),
  redeem: word('核销', 'Redeem'),
  order_amount: word('消费金额（元）', 'Order amount (yuan)'),
  minimum: word('满 {amount} 可用', 'From {amount}'),
  policy_number: word('保单号', 'Policy number'),
  sent: word(
    '代领人 {name}，手机尾号 {digits}。请核对。',
    'Collector {name}, phone ending {digits}. Compare.',
  ),
  collector: word('代领人姓名（本人领取可不填）', 'Collected by (leave empty for the member)'),
  pick_up: word('领取点：{place}', 'Pick-up: {place}'),
  member: word('会员 {name}', 'Member {name}'),
  done: word('核销成功', 'Redeemed'),
  done_say: word('核销成功，{name}一次', 'Redeemed: one {name}'),
  uses_left: word('还剩 {left} 次', '{left} uses left'),
  undo: word('撤销（{time} 前可撤）', 'Undo (until {time})'),
  undone: word('已撤销', 'Undone'),
  undo_why: word('为什么撤销？', 'Why undo it?'),
  refused: word('不能核销', 'Not accepted'),
  first_time: word('首次核销：{time}', 'First redeemed {time}'),
  next: word('继续扫码', 'Scan the next'),
  unknown: word('结果未知，正在查询', 'Not known yet, asking'),
  ask_again: word('再次查询', 'Ask again'),

  reason_wrong_voucher: word('扫错了券', 'Wrong voucher'),
  reason_wrong_amount: word('金额不对', 'Wrong amount'),
  reason_goods_unavailable: word('没有货', 'Out of stock'),
  reason_member_changed_mind: word('会员改变主意', 'Member changed their mind'),
  reason_system_error: word('系统问题', 'System trouble'),
} as const
