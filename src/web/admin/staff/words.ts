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
  in_use: word('在用', 'In use'),
}
