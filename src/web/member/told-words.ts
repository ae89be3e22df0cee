import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** Texts of messages and of moving to another union, which most visits never show. */
export const toldWords = {
  messages: word('消息', 'Messages'),
  messages_unread: word('消息（{count} 条未读）', 'Messages ({count} unread)'),
  no_messages: word('还没有消息。', 'No messages yet.'),
  unread: word('未读', 'New'),
  more: word('更多', 'More'),
  how: word('怎样通知我', 'How I am told'),
  how_lead: word(
    '消息都会留在这里。下面只决定哪些也发到手机短信。',
    'Every message stays here. This only decides what is also sent to your phone.',
  ),
  message_language: word('短信语言', 'Language of text messages'),
  chinese: word('中文', 'Chinese'),
  english: word('英文', 'English'),
  quiet: word('免打扰时段', 'Quiet hours'),
  quiet_from: word('从', 'From'),
  quiet_to: word('到', 'Until'),
  quiet_lead: word(
    '22:00 至次日 08:00（北京时间）从不发短信。',
    'Nothing is ever sent between 22:00 and 08:00 (Beijing time).',
  ),
  by_phone: word('发短信告诉我', 'Text me about'),
  always_lead: word(
    '撤销、设备和代领的消息总会发出。',
    'Undone uses, devices and collectors are always told.',
  ),
  save: word('保存', 'Save'),
  saved: word('已保存', 'Saved'),

  portrait: word('照片', 'Portrait'),
  transfer: word('转会', 'Transfer'),
  my_union: word('我的工会', 'My union'),
  transfer_lead: word(
    '换了工作或住处，可以转到另一个工会。双方工会都同意后生效，券都会保留。',
    'Moved or changed jobs? Ask to move to another union. Both must consent; your vouchers are kept.',
  ),
  transfer_to: word('新工会的入会码或组织代码', 'The new union’s join code or organisation code'),
  transfer_hint: word(
    '组织代码是 6 到 12 位数字；入会码印在新工会的海报上。',
    'An organisation code has 6 to 12 digits; join codes are printed on the union’s posters.',
  ),
  transfer_ask: word('申请转会', 'Ask to move'),
  transfer_withdraw: word('撤回申请', 'Take it back'),
  transfer_history: word('转会记录', 'Transfers'),
  transfer_route: word('{from} → {to}', '{from} → {to}'),
  transfer_asked: word('{time} 申请', 'Asked {time}'),
  transfer_asked_union: word('{time} 由工会提出', 'Asked by a union {time}'),
  transfer_released: word('{time} 原工会同意', 'Your union consented {time}'),
  transfer_received: word('{time} 新工会同意', 'The new union consented {time}'),
  transfer_ended: word('{time} 结束', 'Ended {time}'),
  transfer_done_at: word('{time} 转会完成', 'Moved {time}'),
  transfer_reason: word('{union}没有同意：{reason}', '{union} refused: {reason}'),
} as const

/** States of a transfer. */
export const transferStateNames: Readonly<Record<string, Words>> = {
  waiting: word('等待双方工会同意', 'Waiting for both unions'),
  done: word('已完成', 'Done'),
  refused: word('未同意', 'Refused'),
  withdrawn: word('已撤回', 'Taken back'),
}

/** Kinds of message that may stay in the inbox alone. */
export const mutableKinds: readonly (readonly [kinds: readonly string[], name: Words])[] = [
  [['offered', 'welcome', 'draw_won'], word('新的权益和中签', 'New benefits and draws')],
  [['voucher_expiring'], word('券快到期', 'Vouchers that end soon')],
  [
    [
      ...['application_decided', 'transfer_asked', 'transfer_consented'],
      ...['transfer_refused', 'transfer_done'],
    ],
    word('入会和转会', 'Joining and transfers'),
  ],
  [['portrait_accepted', 'portrait_refused'], word('照片', 'Portrait')],
]
