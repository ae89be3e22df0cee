import { word } from '../words.ts'

/** Texts about the union's own people. */
export const words = {
  invite: word('邀请一位同事', 'Invite a colleague'),
  invite_lead: word(
    '邀请地址只显示一次，72 小时内有效，只交给本人。',
    'The address is shown once, is good for 72 hours, and is for that person alone.',
  ),
  person: word('姓名', 'Name'),
  role: word('角色', 'Role'),
  invite_do: word('生成邀请', 'Invite'),
  address: word('邀请地址（{time} 前有效）', 'Invitation address (good until {time})'),
  passkeys: word('通行密钥', 'Passkeys'),
  last_seen: word('最近使用', 'Last seen'),
  revoke: word('停用', 'Revoke'),
  revoked: word('已停用', 'Revoked'),
  invited: word('已邀请', 'Invited'),
  confirmed: word('身份确认', 'Confirmed'),
  who: word(
    '由{name}登记：您能确认是本人吗？',
    'Registered by {name}: do you know that it is them?',
  ),
  by_another: word(
    '由{name}登记，待另一位同事确认；此前不能互相审批',
    'Registered by {name}; until another colleague confirms, neither approves for the other',
  ),
  confirm: word('确认是本人', 'It is them'),
  in_use: word('在用', 'In use'),
}
