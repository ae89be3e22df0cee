import type { Words } from '../../parts/language.tsx'
import { word } from '../words.ts'

/** Texts of the outbox. */
export const words = {
  lead: word(
    '{time} 以来发给会员的消息。每条都在会员的收件箱里；这里是短信网关的投递情况。',
    'What members were told since {time}. Every message is in its inbox; this is how the gateway did.',
  ),
  kind: word('种类', 'Kind'),
  waiting: word('等待', 'Waiting'),
  sent: word('已发', 'Sent'),
  failed: word('未发出', 'Failed'),
  kept: word('仅收件箱', 'Inbox only'),
}

/** Kinds of message. */
export const messageKindNames: Readonly<Record<string, Words>> = {
  offered: word('发放权益', 'Benefit issued'),
  welcome: word('欢迎入会', 'Welcome'),
  application_decided: word('入会申请结果', 'Application decided'),
  voucher_expiring: word('券快到期', 'Voucher ends soon'),
  redeemed: word('券已使用', 'Voucher used'),
  reversed: word('核销已撤销', 'Use undone'),
  device_enrolled: word('启用新设备', 'Device set up'),
  device_revoked: word('停用设备', 'Device revoked'),
  collector_named: word('指定代领人', 'Collector named'),
  transfer_asked: word('申请转会', 'Transfer asked for'),
  transfer_consented: word('转会一方同意', 'One union consented'),
  transfer_refused: word('转会未同意', 'Transfer refused'),
  transfer_done: word('转会完成', 'Transfer done'),
  draw_won: word('中签', 'Draw won'),
  portrait_accepted: word('照片通过', 'Portrait accepted'),
  portrait_refused: word('照片未通过', 'Portrait refused'),
}
