import { z } from 'zod'

import { messageText } from '../../identity/message-words.ts'
import {
  inboxOf,
  type Message,
  markRead,
  type Preferences,
  preferencesOf,
  setPreferences,
  unreadOf,
} from '../../identity/messages.ts'
import { messageKinds, messageLanguages } from '../../store/schema/messages.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText, instantSchema, pageOf, pageQuery, toPage } from '../paging.ts'
import { write } from '../write.ts'
import { memberOf } from './authenticate.ts'

const message = z.object({
  id: z.string(),
  kind: z.enum(messageKinds),
  text: z.object({ zh: z.string(), en: z.string() }),
  at: instantSchema,
  read_at: instantSchema.optional(),
})
const unread = z.object({ unread: z.int() })
const hourOfDay = z.int().min(0).max(23)
const preferences = z.strictObject({
  language: z.enum(messageLanguages).describe('of what is sent to the phone'),
  muted: z
    .array(z.enum(messageKinds))
    .max(messageKinds.length)
    .describe('kinds that stay in the inbox'),
  quiet_from: hourOfDay.describe('the hour from which nothing is sent to the phone'),
  quiet_to: hourOfDay.describe('the hour from which it is again; equal: none but the union’s own'),
})

/** What the member is told of, and how they want to be told. */
export function messageRoutes(app: App, context: Context): void {
  getMessages(app, context)
  postMessagesRead(app, context)
  getPreferences(app, context)
  putPreferences(app, context)
}

function getMessages(app: App, { store }: Context): void {
  app.get(
    '/me/messages',
    {
      schema: {
        operationId: 'listMyMessages',
        summary: 'The member’s inbox, the latest first',
        querystring: pageQuery,
        response: { 200: pageOf(message).extend({ unread: z.int() }) },
      },
    },
    async (request) => {
      const { memberId, bucket } = memberOf(request)
      const rows = await inboxOf(store.read, { memberId, bucket }, request.query)
      const page = toPage(rows, request.query.limit, ({ id }) => id, render)
      return { ...page, unread: await unreadOf(store.read, { memberId, bucket }) }
    },
  )
}

function postMessagesRead(app: App, context: Context): void {
  const { clock } = context
  app.post(
    '/me/messages/read',
    {
      schema: {
        operationId: 'markMessagesRead',
        summary: 'Mark messages as read; ids of nobody’s and of others’ messages change nothing',
        body: z.strictObject({ ids: z.array(idText).min(1).max(200) }),
        response: { 200: unread },
      },
    },
    async (request, reply) => {
      const { memberId, bucket, nonce } = memberOf(request)
      const { ids } = request.body
      return write(context, request, reply, {
        ...{ principal: `member:${memberId}`, nonces: [nonce], answer: unread },
        work: async (tx) => {
          await markRead(tx, { memberId, bucket, ids, now: clock() })
          return { unread: await unreadOf(tx, { memberId, bucket }) }
        },
      })
    },
  )
}

function getPreferences(app: App, { store }: Context): void {
  app.get(
    '/me/preferences',
    {
      schema: {
        operationId: 'getMyPreferences',
        summary: 'How the member wants to be told',
        response: { 200: preferences },
      },
    },
    async (request) =>
      renderPreferences(await preferencesOf(store.read, memberOf(request).memberId)),
  )
}

function putPreferences(app: App, context: Context): void {
  const { clock } = context
  app.put(
    '/me/preferences',
    {
      schema: {
        operationId: 'setMyPreferences',
        summary: 'Say in which language, of what and when to be told by phone',
        body: preferences,
        response: { 200: preferences },
      },
    },
    async (request, reply) => {
      const { memberId, nonce } = memberOf(request)
      const { language, muted, quiet_from: quietFrom, quiet_to: quietTo } = request.body
      return write(context, request, reply, {
        ...{ principal: `member:${memberId}`, nonces: [nonce], answer: preferences },
        work: async (tx) => {
          const wanted = { language, muted: [...new Set(muted)], quietFrom, quietTo }
          await setPreferences(tx, memberId, wanted, clock())
          return renderPreferences(wanted)
        },
      })
    },
  )
}

function renderPreferences(wanted: Preferences): z.input<typeof preferences> {
  const { language, muted, quietFrom, quietTo } = wanted
  return { language, muted: [...muted], quiet_from: quietFrom, quiet_to: quietTo }
}

function render(row: Message): z.input<typeof message> {
  const { id, kind, at, readAt } = row
  const text = { zh: messageText(row, 'zh'), en: messageText(row, 'en') }
  return { id, kind, text, at, ...(readAt !== null && { read_at: readAt }) }
}
