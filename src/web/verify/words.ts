import type { Words } from '../parts/language.tsx'

const word = (zh: string, en: string): Words => ({ zh, en })

/** Texts of the public check; its answers are `offlineWords` of the formats. */
export const words = {
  title: word('核验会员', 'Verify a member'),
  lead: word(
    '请对准对方的会员证。无需登录，联网一次后离线可用。',
    'Point at their card. No sign-in; works offline after the first visit.',
  ),
  loading: word('正在读取…', 'Loading…'),
  ready: word('可离线核验。名单更新于 {time}', 'Ready offline. Lists of {time}'),
  not_ready: word('还没有信任名单，请先联网。', 'No trust list yet. Go online first.'),
  stale: word('没有网络，沿用 {time} 的名单', 'Offline: using the lists of {time}'),
  name: word('姓名', 'Name'),
  from: word('来自', 'From'),
  photo: word(
    '工会登记有此会员的照片。对方屏幕上的照片，本页无法核对。',
    'The union has a portrait of this member on record. This page cannot check the one on their screen against it.',
  ),
  no_photo: word('此会员证没有登记照片。', 'This card is issued without a portrait.'),
  next: word('继续核验', 'Check the next'),
  paste: word('或粘贴会员码文字', 'Or paste the text of a code'),
  check: word('核验', 'Check'),
  nodes: word('受信任的工会节点', 'Trusted nodes'),
} as const
