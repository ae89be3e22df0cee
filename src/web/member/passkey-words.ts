import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** The texts of passkeys. */
export const passkeyWords = {
  title: word('通行密钥', 'Passkeys'),
  lead: word(
    '换手机或换浏览器时，用指纹、面容或锁屏密码即可登录，无需激活码。',
    'On a new phone or browser, sign in with your finger, face or screen lock. No code needed.',
  ),
  none: word('还没有通行密钥', 'No passkey yet'),
  add: word('添加通行密钥', 'Add a passkey'),
  waiting: word('请按屏幕提示确认…', 'Follow what your phone asks…'),
  added: word('已添加', 'Added'),
  last_used: word('最近使用 {time}', 'Last used {time}'),
  remove: word('删除', 'Remove'),
  remove_sure: word(
    '删除后，不能再用它登录。已登录的设备不受影响。',
    'It will sign in nobody any more. Devices that are signed in stay so.',
  ),
  enter: word('用通行密钥登录', 'Sign in with a passkey'),
  not_shown: word('没有使用通行密钥。可以再试一次。', 'No passkey was used. You can try again.'),
} as const
