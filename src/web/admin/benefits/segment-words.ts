import { word } from '../words.ts'

/** Texts of the named rules. */
export const words = {
  lead: word(
    '保存常用条件，起个名字，在权益和批次中引用。每次保存都是新版本；已发布的权益保持发布时的版本。',
    'Conditions saved under a name, for benefits and batches. Each save is a new version; what is published keeps the version it was published with.',
  ),
  name: word('名称', 'Name'),
  organisation: word('所属组织（代码）', 'Organisation (code)'),
  create: word('新建人群', 'New segment'),
  edit: word('修改', 'Change'),
  retire: word('停用', 'Retire'),
  save: word('保存', 'Save'),
  version: word('版本', 'Version'),
  list: word('已有的人群', 'Segments'),
  by_hand: word(
    '这条规则含有此处不能显示的条件，请通过接口修改。',
    'The rule has conditions that are not shown here: change it through the API.',
  ),
}
