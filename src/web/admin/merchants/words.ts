import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts about merchants, their stores and what stands in them. */
export const words = {
  merchant: word('商户', 'Merchant'),
  contract: word('协议期', 'Agreement'),
  new_merchant: word('新增商户', 'New merchant'),
  name: word('名称', 'Name'),
  from: word('协议开始', 'Agreement from'),
  to: word('协议结束（含）', 'Agreement until (inclusive)'),
  add: word('新增', 'Add'),
  suspend: word('暂停', 'Suspend'),
  resume: word('恢复', 'Resume'),
  end: word('终止协议', 'End the agreement'),
  stores: word('门店', 'Stores'),
  new_store: word('新增门店', 'New store'),
  category: word('类别（小写英文）', 'Category (lower-case word)'),
  region: word('行政区划（6 位）', 'Region (6 digits)'),
  close_store: word('停用门店', 'Close the store'),
  open_store: word('启用门店', 'Open the store'),
  terminals: word('终端', 'Terminals'),
  cashiers: word('收银员', 'Cashiers'),
  new_terminal: word('新增终端', 'New terminal'),
  provision: word('启用码', 'Set-up code'),
  provision_told: word(
    '用店里的手机扫这个码（{time} 前有效，只能用一次）',
    'Scan this with the shop’s phone (good until {time}, once)',
  ),
  revoke: word('停用', 'Revoke'),
  revoked: word('已停用', 'Revoked'),
  ready: word('已启用', 'Set up'),
  not_ready: word('待启用', 'To be set up'),
  new_cashier: word('新增收银员', 'New cashier'),
  pin: word('密码（4 到 12 位数字）', 'PIN (4 to 12 digits)'),
  manager: word('店长', 'Manager'),
  cashier: word('收银员', 'Cashier'),
  role: word('身份', 'Role'),
  locked: word('已锁定', 'Locked'),
  new_pin: word('新密码', 'New PIN'),
  printed_code: word('门店码用券', 'Vouchers by the printed code'),
  printed_code_is: {
    off: word(
      '未开通。由店长在终端的“店务”里申请。',
      'Off. The store’s manager asks for it at a terminal.',
    ),
    asked: word('店长已申请，等待工会同意。', 'The store’s manager has asked; the union decides.'),
    on: word(
      '已开通：会员扫门店码用券，店员在终端上确认。',
      'On: members scan the code, and the counter accepts each use.',
    ),
  },
  agree: word('同意开通', 'Agree'),
  end_printed_code: word('停止门店码用券', 'End it'),
  set_pin: word('重设密码', 'Set a new PIN'),
}

/** States of merchants and stores. */
export const merchantStateNames: Readonly<Record<string, Words>> = {
  active: word('正常', 'Active'),
  suspended: word('暂停', 'Suspended'),
  ended: word('已终止', 'Ended'),
  inactive: word('停用', 'Closed'),
}
