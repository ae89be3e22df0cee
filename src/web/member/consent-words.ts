import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** Texts of being asked for the card, which most visits never show. */
export const consentWords = {
  request: word('有人请您出示', 'Somebody asks to see'),
  request_wait: word('正在核对请求…', 'Checking the request…'),
  request_bad: word(
    '这个请求不可信或已失效，没有出示任何信息。',
    'This request cannot be trusted or is over. Nothing was shown.',
  ),
  request_none: word('您的会员证不能满足这个请求。', 'Your card has not what is asked for.'),
  standing_active: word('正常', 'Active'),
  standing_suspended: word('已暂停', 'Suspended'),
  standing_retired: word('退休', 'Retired'),
  who_asks: word('{who} 请您出示', '{who} asks to see'),
  confirm_use: word('在 {store} 使用', 'Use at {store}'),
  goes_out: word(
    '将出示以下信息，其他信息不会离开本机：',
    'This is shown, and nothing else leaves this phone:',
  ),
  optional: word('可以不出示', 'You may leave out'),
  agree: word('同意出示', 'Show it'),
  confirm: word('确认使用', 'Confirm'),
  decline: word('不是我 / 拒绝', 'Not me / decline'),
  shown: word('已出示', 'Shown'),
  to_home: word('回到首页', 'Back to the start'),
  declined: word('已拒绝，没有出示任何信息', 'Declined. Nothing was shown'),
} as const
