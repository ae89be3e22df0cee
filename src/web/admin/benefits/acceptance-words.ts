import { word } from '../words.ts'

/** Texts of where a benefit is taken. */
export const words = {
  title: word('在哪里可用', 'Where it is taken'),
  lead: word(
    '更改立即生效，已发出的券也按新规则。一条规则都没有时，哪里都不能用。',
    'A change holds at once, for vouchers already given too. Without any rule it is taken nowhere.',
  ),
  here: word('本节点的门店', 'Stores of this node'),
  all: word('所有签约商户', 'Every merchant under agreement'),
  some: word('只在下面这些', 'Only these'),
  region: word('行政区划（前缀，逗号分隔）', 'Regions (prefixes, comma-separated)'),
  category: word('商户类别（逗号分隔）', 'Merchant categories (comma-separated)'),
  merchant: word('商户编号（逗号分隔）', 'Merchants by id (comma-separated)'),
  store: word('门店编号（逗号分隔）', 'Stores by id (comma-separated)'),
  elsewhere: word('其他节点的门店', 'Stores of other nodes'),
  elsewhere_lead: word(
    '放行的节点，其门店按上面的区划和类别判断；商户和门店编号只指本节点的。',
    'A node that is let in: its stores are judged by the regions and categories above; merchants and stores by id are ours alone.',
  ),
  none: word('都不可用', 'Not taken there'),
  every: word('信任列表上的每个节点', 'Every node of the trust list'),
  chosen: word('选定的节点', 'Chosen nodes'),
  no_nodes: word('信任列表上没有别的节点。', 'The trust list names no other node.'),
  unlisted: word('{number}（不在信任列表上）', '{number} (not on the trust list)'),
  save: word('保存', 'Save'),
  saved: word('已保存，立即生效。', 'Saved; it holds from now.'),
  nowhere: word('没有任何规则：哪里都不能用。', 'No rule at all: it is taken nowhere.'),
}
