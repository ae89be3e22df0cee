import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of the tree of unions. */
export const words = {
  search: word('按名称或代码查找', 'Find by name or code'),
  found: word('查找结果', 'Found'),
  none: word('没有找到', 'Nothing found'),
  tree: word('组织树', 'Tree of organisations'),
  open: word('展开 {name}', 'Open {name}'),
  shut: word('收起 {name}', 'Close {name}'),
  level: word('层级', 'Level'),
  region: word('行政区划', 'Region'),
  code: word('代码', 'Code'),
  choose: word('请选择一个组织', 'Choose an organisation'),
  members: word('查看会员', 'See its members'),
  add: word('在下面新增组织', 'Add below it'),
  add_do: word('新增', 'Add'),
  name: word('名称', 'Name'),
  move: word('移到另一个组织之下', 'Move below another'),
  move_to: word('新的上级代码', 'Code of the new parent'),
  move_do: word('移动', 'Move'),
  more: word('更多下级', 'More below'),
  closed: word('已并入', 'Merged into'),
  merge: word('并入另一个组织', 'Merge into another'),
  merge_lead: word(
    '会员、角色、入会码、项目、名单、人群、商户和下级组织都归另一个组织；原代码保留为已关闭的组织，并指向它。',
    'Members, roles, join codes, programmes, lists, segments, merchants and what is below go to the other; the old code stays, closed, and points there.',
  ),
  merge_into: word('并入哪个组织（代码）', 'Into which organisation (code)'),
  merge_try: word('先试算', 'Try it out'),
  merge_do: word('合并', 'Merge'),
}

/** What a merger moves. */
export const mergerNames: Readonly<Record<string, Words>> = {
  members: word('会员', 'Members'),
  organisations: word('下级组织', 'Organisations below'),
  grants: word('角色', 'Roles'),
  join_codes: word('入会码', 'Join codes'),
  applications: word('入会申请', 'Applications'),
  programmes: word('项目', 'Programmes'),
  lists: word('名单', 'Lists'),
  segments: word('人群', 'Segments'),
  merchants: word('商户', 'Merchants'),
}

/** Why an organisation cannot be merged now. */
export const mergeBlockNames: Readonly<Record<string, Words>> = {
  root: word('最上级组织不能并入别的组织', 'The top organisation cannot be merged'),
  same: word('不能并入自己', 'It cannot be merged into itself'),
  below_itself: word('不能并入自己的下级', 'It cannot be merged into what is below it'),
  level_order: word('不能并入层级更低的组织', 'It cannot be merged into one of a lower level'),
  closed: word('其中一个组织已经关闭', 'One of them is closed already'),
  freeze: word('该组织正停止发放，请先恢复', 'Issuing is stopped there: let it go on first'),
  batch: word(
    '还有未结束的批次，请先完成或取消',
    'Batches there have not ended: finish or cancel them first',
  ),
  rule: word(
    '有权益或人群的规则直接写了这个代码，请先改用新代码发布',
    'A rule names this code: publish it with the other code first',
  ),
}
