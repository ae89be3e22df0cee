import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of the members' screens. */
export const words = {
  find: word('查找会员', 'Find a member'),
  find_by: word('按什么查找', 'Look by'),
  by_member_no: word('会员编号', 'Member number'),
  by_id: word('身份证号', 'Resident identity number'),
  by_mobile: word('手机号', 'Mobile number'),
  find_do: word('查找', 'Find'),
  number_kept: word(
    '号码只用于查找，不会留在网址或日志里。',
    'The number is only looked up; it stays in no address and no log.',
  ),
  none: word('在您的范围内没有这位会员', 'There is no such member within your scope'),
  list: word('某组织的会员', 'Members of an organisation'),
  show: word('显示', 'Show'),
  member_no: word('会员编号', 'Member number'),
  name: word('姓名', 'Name'),
  occupation: word('职业', 'Occupation'),
  joined_on: word('入会日期', 'Joined on'),
  mobile: word('手机号', 'Mobile number'),
  has_mobile: word('已登记', 'On record'),
  no_mobile: word('未登记', 'Not on record'),
  open: word('打开', 'Open'),
  devices: word('设备', 'Devices'),
  enrolled_at: word('启用时间', 'Enrolled'),
  revoked_at: word('已停用：{time}', 'Revoked {time}'),
  in_use: word('使用中', 'In use'),
  revoke_devices: word('手机丢失：停用全部设备', 'Phone lost: revoke every device'),
  activation: word('发激活码', 'Issue an activation code'),
  activation_told: word(
    '激活码（只显示一次，{time} 前有效）',
    'Activation code (shown once, good until {time})',
  ),
  credentials: word('会员凭证', 'Credentials'),
  issued_at: word('签发', 'Issued'),
  expires_at: word('到期', 'Expires'),
  vouchers: word('券', 'Vouchers'),
  valid_to: word('有效期至', 'Valid until'),
  memberships: word('组织经历', 'Organisations over time'),
  from: word('自', 'From'),
  until: word('至', 'Until'),
  acts: word('办理', 'Act'),
  suspend: word('暂停会籍', 'Suspend'),
  resume: word('恢复会籍', 'Resume'),
  retire: word('登记退休', 'Retire'),
  leave: word('退会', 'End the membership'),
  transfer: word('转到另一个组织', 'Transfer to another organisation'),
  transfer_do: word('转会', 'Transfer'),
  sure: word('确定吗？', 'Are you sure?'),
  yes: word('确定', 'Yes'),
}

export const importWords = {
  lead: word(
    '上传名册（CSV 或 XLSX；UTF-8 或 GB18030）。有错的行逐行说明原因，其余照常导入。',
    'Send a roster (CSV or XLSX; UTF-8 or GB18030). Faulty rows are refused one by one with a reason; the rest is imported.',
  ),
  organisation: word('导入到哪个组织（代码）', 'For which organisation (code)'),
  file: word('名册文件', 'Roster file'),
  send: word('上传并查看', 'Send and look'),
  mapping: word('各列的含义', 'What each column is'),
  mapping_lead: word(
    '请核对每一列。前 20 行的个人信息已遮盖；开始之前不会写入任何内容。',
    'Check each column. Personal values of the first 20 rows are masked; nothing is written before you start.',
  ),
  encoding: word('编码', 'Encoding'),
  delimiter: word('分隔符', 'Delimiter'),
  comma: word('逗号', 'Comma'),
  semicolon: word('分号', 'Semicolon'),
  tab: word('制表符', 'Tab'),
  column_is: word('“{header}”列是', 'Column “{header}” is'),
  not_read: word('不读取', 'Not read'),
  missing: word('还缺少：', 'Still missing: '),
  policy: word('有错的行', 'Faulty rows'),
  accept_good: word('拒绝有错的行，其余照常导入', 'Refuse them and import the rest'),
  all_or_nothing: word('只要有一行有错，就全部不导入', 'If one is faulty, import none at all'),
  start: word('开始导入', 'Import'),
  row: word('行', 'Row'),
  refused_file: word(
    '下载被拒绝的行（原样的列，改正后可再次上传；保留 7 天）',
    'Download the refused rows (in their own columns, to be corrected and sent again; kept for 7 days)',
  ),
  held: word('等待核对的文件', 'Files that wait for a look'),
  held_lead: word(
    '已加密保存，一天之内未开始即删除。',
    'They are kept sealed, and gone if not started within a day.',
  ),
  file_name: word('文件名', 'File'),
  unnamed: word('（未命名）', '(no name)'),
  sent_by: word('上传人', 'Sent by'),
  sent_at: word('上传时间', 'Sent'),
  kind: word('内容', 'For'),
  roster: word('会员名册', 'Members'),
  list: word('名单', 'A list'),
  held_acts: word('办理', 'Act'),
  go_on: word('继续核对', 'Go on'),
  discard: word('丢弃', 'Throw away'),
  history: word('已有的导入', 'Imports so far'),
  started: word('开始', 'Started'),
  read: word('读取', 'Read'),
  added: word('新增', 'Added'),
  changed: word('变更', 'Changed'),
  unchanged: word('未变', 'Unchanged'),
  refused: word('拒绝', 'Refused'),
  rate: word('每秒 {rate} 行', '{rate} rows a second'),
  errors: word('下载 errors.csv', 'Download errors.csv'),
  reasons: word('拒绝原因', 'Reasons for refusal'),
  reason: word('代码', 'Code'),
  rows: word('行数', 'Rows'),
  look: word('详情', 'Details'),
}

/** States of an import. */
export const importStateNames: Readonly<Record<string, Words>> = {
  waiting: word('等待核对', 'Waits for a look'),
  running: word('正在读取', 'Reading'),
  completed: word('已完成', 'Completed'),
  failed: word('未能导入', 'Not imported'),
}

/** Why an import ended before its time. */
export const importFailures: Readonly<Record<string, Words>> = {
  ROWS_REFUSED: word(
    '有行被拒绝，按所选方式一行也没有写入',
    'Rows were refused, so that, as was asked, none was written',
  ),
  VERSION_CONFLICT: word(
    '核对之后数据有变化，写入中途停止；已写入的行数见下',
    'Something changed after the check and writing stopped; what was written is counted below',
  ),
  DISCARDED: word('已丢弃，一行也没有读取', 'Thrown away: nothing of it was read'),
  LAPSED: word('超过一天没有开始，文件已删除', 'Not started within a day: the file is gone'),
  HEADERS_UNKNOWN: word('缺少必需的列', 'A column that is needed is missing'),
  ENCODING_UNKNOWN: word('编码无法识别', 'The encoding is not known'),
  FILE_UNREADABLE: word('文件无法读取', 'The file cannot be read'),
  FILE_TOO_LARGE: word('文件过大', 'The file is too large'),
  INTERRUPTED: word('中断了', 'Interrupted'),
}

/** What a column of a file can be. */
export const fieldNames: Readonly<Record<string, Words>> = {
  member_no: word('会员编号', 'Member number'),
  name: word('姓名', 'Name'),
  id_type: word('证件类型', 'Document type'),
  id_number: word('证件号码', 'Identity number'),
  mobile: word('手机号', 'Mobile number'),
  org_code: word('工会组织代码', 'Organisation code'),
  occupation: word('职业群体', 'Occupation'),
  joined_on: word('入会日期', 'Joined on'),
  hardship: word('困难职工', 'Hardship'),
  model_worker: word('劳模', 'Model worker'),
}

/** States of a voucher. */
export const voucherStateNames: Readonly<Record<string, Words>> = {
  offered: word('待领取', 'Offered'),
  active: word('可用', 'Active'),
  used: word('已用完', 'Used'),
  suspended: word('暂停', 'Suspended'),
  returned: word('已退回', 'Returned'),
  void: word('已作废', 'Void'),
  expired: word('已过期', 'Expired'),
}

/** Statuses of a credential. */
export const credentialStateNames: Readonly<Record<string, Words>> = {
  valid: word('有效', 'Valid'),
  suspended: word('暂停', 'Suspended'),
  revoked: word('已撤销', 'Revoked'),
}
