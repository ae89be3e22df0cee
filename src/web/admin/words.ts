import type { Words } from '../parts/language.tsx'

/** A text in both languages. Chinese is the source. */
export const word = (zh: string, en: string): Words => ({ zh, en })

/** What every screen of the desk says. */
export const words = {
  title: word('工会工作台', 'Union desk'),
  loading: word('正在读取…', 'Loading…'),
  nothing: word('还没有内容', 'Nothing here yet'),
  more: word('显示更多', 'Show more'),
  menu: word('菜单', 'Menu'),
  skip: word('跳到正文', 'Skip to the content'),
  dark: word('深色', 'Dark'),
  light: word('浅色', 'Light'),
  sign_out: word('退出', 'Sign out'),
  save: word('保存', 'Save'),
  cancel: word('取消', 'Cancel'),
  close: word('关闭', 'Close'),
  back: word('返回', 'Back'),
  next: word('下一步', 'Next'),
  reason: word('原因', 'Reason'),
  done: word('已完成', 'Done'),
  state: word('状态', 'State'),
  organisation: word('工会组织', 'Organisation'),
  organisation_code: word('工会组织代码', 'Organisation code'),
  name: word('名称', 'Name'),
  when: word('时间', 'When'),
  amount: word('金额', 'Amount'),
  not_found: word('没有这一页', 'There is no such page'),

  home: word('首页', 'Home'),
  organisations: word('组织', 'Organisations'),
  members: word('会员', 'Members'),
  imports: word('名册导入', 'Imports'),
  applications: word('入会申请', 'Applications'),
  transfers: word('转会', 'Transfers'),
  portraits: word('会员照片', 'Portraits'),
  outbox: word('消息', 'Messages'),
  segments: word('人群', 'Segments'),
  programmes: word('项目与预算', 'Programmes'),
  benefits: word('权益', 'Benefits'),
  batches: word('发放批次', 'Batches'),
  approvals: word('待我审批', 'Approvals'),
  merchants: word('商户', 'Merchants'),
  vouchers: word('券', 'Vouchers'),
  cases: word('会员申诉', 'Cases'),
  draws: word('抽签', 'Draws'),
  statements: word('对账结算', 'Statements'),
  staff: word('人员与权限', 'Staff'),

  standing_active: word('正常', 'Active'),
  standing_suspended: word('暂停', 'Suspended'),
  standing_retired: word('退休', 'Retired'),
  standing_left: word('已退会', 'Left'),
}

/** Standings of a membership. */
export const standingNames: Readonly<Record<string, Words>> = {
  active: words.standing_active,
  suspended: words.standing_suspended,
  retired: words.standing_retired,
  left: words.standing_left,
}

/** Kinds of benefit. */
export const kindNames: Readonly<Record<string, Words>> = {
  checkup: word('健康体检', 'Health checkup'),
  insurance: word('互助保险', 'Mutual insurance'),
  package: word('慰问品', 'Care package'),
  coupon: word('优惠券', 'Coupon'),
}

/** Levels of the tree. */
export const levelNames: Readonly<Record<string, Words>> = {
  national: word('全国', 'National'),
  provincial: word('省级', 'Provincial'),
  municipal: word('市级', 'Municipal'),
  county: word('县级', 'County'),
  grassroots: word('基层', 'Grassroots'),
}

/** Occupational groups of `6-vouchers.md` section 16. */
export const occupationNames: Readonly<Record<string, Words>> = {
  courier: word('快递员', 'Courier'),
  food_delivery: word('外卖配送员', 'Food delivery'),
  ride_hailing: word('网约车司机', 'Ride-hailing driver'),
  truck_driver: word('货车司机', 'Truck driver'),
  sanitation: word('环卫工人', 'Sanitation'),
  construction: word('建筑工人', 'Construction'),
  manufacturing: word('制造业工人', 'Manufacturing'),
  domestic_service: word('家政服务员', 'Domestic service'),
  security_guard: word('保安员', 'Security guard'),
  other: word('其他', 'Other'),
}
