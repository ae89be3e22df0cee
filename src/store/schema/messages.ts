import { sql } from 'drizzle-orm'

import type { Kit } from '../kit.postgres.ts'

/** What a member may be told of. Closed: each has its words in both languages. */
export const messageKinds = [
  'offered',
  'welcome',
  'application_decided',
  'voucher_expiring',
  'reversed',
  'device_enrolled',
  'device_revoked',
  'collector_named',
  'transfer_asked',
  'transfer_consented',
  'transfer_refused',
  'transfer_done',
  'draw_won',
  'portrait_accepted',
  'portrait_refused',
] as const
export type MessageKind = (typeof messageKinds)[number]

export const deliveryStates = ['waiting', 'sent', 'failed', 'kept'] as const
export const messageLanguages = ['zh', 'en'] as const

/** What fills the gaps of a message's words. Never a person's name or number. */
export type MessageValues = Readonly<Record<string, string | number>>

/** What members are told: each row is in their inbox, and goes to the gateway if there is one. */
export function messageTables(kit: Kit) {
  /** Written in the transaction of what it tells of. Distributed by `bucket`. */
  const messages = kit.table(
    'messages',
    {
      bucket: kit.count().notNull(),
      id: kit.text().notNull(),
      memberId: kit.text().notNull(),
      kind: kit.choice(messageKinds).notNull(),
      /** What it is about: a voucher, a redemption, a device. One message a kind and subject. */
      subject: kit.text().notNull(),
      values: kit.json<MessageValues>().notNull(),
      at: kit.instant().notNull(),
      readAt: kit.instant(),
      /** At the gateway: `kept` is for the inbox alone. */
      delivery: kit.choice(deliveryStates).notNull(),
      attempts: kit.count().notNull(),
      /** When the gateway is to be tried; none once that is over. */
      nextAt: kit.instant(),
      sentAt: kit.instant(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.bucket, t.id] }),
      kit.uniqueIndex('messages_subject').on(t.bucket, t.memberId, t.kind, t.subject),
      kit.index('messages_inbox').on(t.bucket, t.memberId, t.id),
      kit.index('messages_time').on(t.at, t.kind, t.delivery),
      kit.index('messages_due').on(t.nextAt).where(sql`next_at is not null`),
    ],
  )

  /** How a member wants to be told. Without a row: Chinese, everything, the union's quiet hours. */
  const messagePreferences = kit.table(
    'message_preferences',
    {
      memberId: kit.text().primaryKey(),
      language: kit.choice(messageLanguages).notNull(),
      /** Kinds that stay in the inbox. */
      muted: kit.json<MessageKind[]>().notNull(),
      /** Whole hours in the union's zone, from the first to before the second; equal: none. */
      quietFrom: kit.count().notNull(),
      quietTo: kit.count().notNull(),
      updatedAt: kit.instant().notNull(),
    },
    (t) => [
      kit.check('message_preferences_hours', sql`${t.quietFrom} between 0 and 23`),
      kit.check('message_preferences_until', sql`${t.quietTo} between 0 and 23`),
    ],
  )

  return { messages, messagePreferences }
}
