import { word } from '../words.ts'

/** Texts of the desk's door. */
export const words = {
  title: word('工会工作台', 'Union desk'),
  lead: word(
    '用通行密钥登录。没有密码可被骗走。',
    'Sign in with your passkey. There is no password to lose.',
  ),
  sign_in: word('用通行密钥登录', 'Sign in with a passkey'),
  no_passkey: word(
    '还没有通行密钥？请管理员给您发邀请。',
    'No passkey yet? Ask an administrator for an invitation.',
  ),
  unsupported: word('这个浏览器不支持通行密钥', 'This browser has no passkeys'),
  dismissed: word('没有完成，请再试一次。', 'That was not finished. Try again.'),
  welcome: word('{name}，欢迎', 'Welcome, {name}'),
  make_lead: word(
    '为您的账号创建一把通行密钥。以后用它登录和签署审批。',
    'Make a passkey for your account. You will sign in and sign approvals with it.',
  ),
  make: word('创建通行密钥', 'Make a passkey'),
  opening: word('正在打开邀请…', 'Opening the invitation…'),
}
