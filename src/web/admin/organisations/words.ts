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
}
