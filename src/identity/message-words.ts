import { hour } from '../base/clock.ts'
import type { MessageKind, MessageValues, messageLanguages } from '../store/schema/messages.ts'

export type MessageLanguage = (typeof messageLanguages)[number]
type Words = Readonly<Record<MessageLanguage, string>>

const zoneMs = 8 * hour

/** What members are told, by kind. `{benefit}` is the name in the reader's language. */
const words: Readonly<Record<MessageKind, Words>> = {
  offered: {
    zh: '工会给您发了“{benefit}”，请到券包查看。',
    en: 'Your union has given you “{benefit}”. See it under Vouchers.',
  },
  welcome: {
    zh: '欢迎加入工会，您的会员卡已可使用。',
    en: 'Welcome to the union. Your card is ready.',
  },
  application_decided: {
    zh: '您的入会申请已通过。',
    en: 'Your application has been approved.',
  },
  voucher_expiring: {
    zh: '“{benefit}”将于 {until} 到期，请尽快使用。',
    en: '“{benefit}” ends on {until}. Use it soon.',
  },
  reversed: {
    zh: '“{benefit}”的一次使用已被撤销，券已退回。有疑问请告诉工会。',
    en: 'A use of “{benefit}” was undone and is back. If in doubt, tell the union.',
  },
  device_enrolled: {
    zh: '您的会员卡在一部新设备上启用了。不是您本人操作？请在“我的”里停用它，并告诉工会。',
    en: 'Your card was set up on another device. Not you? Revoke it under Me, and tell the union.',
  },
  device_revoked: {
    zh: '您的一部设备已停用。',
    en: 'One of your devices was revoked.',
  },
  collector_named: {
    zh: '您已为“{benefit}”指定代领人。不是您本人操作？请取消代领，并告诉工会。',
    en: 'Somebody was named to pick up “{benefit}” for you. Not your doing? Take it back.',
  },
  transfer_asked: {
    zh: '已为您申请从{from}转到{to}，等待双方工会同意。',
    en: 'Your transfer from {from} to {to} was asked for. Both unions must consent.',
  },
  transfer_consented: {
    zh: '{union}已同意您的转会。',
    en: '{union} has consented to your transfer.',
  },
  transfer_refused: {
    zh: '{union}没有同意您的转会，理由见“转会”。',
    en: '{union} has refused your transfer. See Transfer for the reason.',
  },
  transfer_done: {
    zh: '您已转到{to}，您的券都还在。',
    en: 'You have moved to {to}. Your vouchers are all kept.',
  },
  draw_won: {
    zh: '恭喜，您抽中了“{benefit}”，请到券包领取。',
    en: 'You won “{benefit}” in the draw. Claim it under Vouchers.',
  },
  portrait_accepted: {
    zh: '您的照片已通过，会员证上会显示。',
    en: 'Your portrait was accepted and is on your card.',
  },
  portrait_refused: {
    zh: '您的照片没有通过，原因见“我的”中的“照片”。',
    en: 'Your portrait was not accepted. See Portrait under Me for the reason.',
  },
}

/**
 * A message in words. A gap is filled with the value of its name, or of its name and the language
 * (`benefit_zh`); `until`, an instant, as the day in the union's zone.
 */
export function messageText(
  { kind, values }: { readonly kind: MessageKind; readonly values: MessageValues },
  language: MessageLanguage,
): string {
  return words[kind][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[`${name}_${language}`] ?? values[name] ?? ''
    return typeof value === 'number' ? dayText(value) : value
  })
}

function dayText(at: number): string {
  return new Date(at + zoneMs).toISOString().slice(0, 10)
}
