import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { day, hour } from '../../src/base/clock.ts'
import { deviceAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { tell } from '../../src/identity/messages.ts'
import { noticeEnding } from '../../src/jobs/expiry-notices.ts'
import { type Gateway, sendMessages } from '../../src/jobs/outbox.ts'
import type { MessageKind } from '../../src/store/schema/messages.ts'
import { type Ground, openGround, submittedBatch } from '../http/ground.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, type Desk, desk, ended, type Phone, phone } from '../support/union.ts'

interface Arrived {
  readonly id: string
  readonly to: string
  readonly text: string
}
type Manner = (asked: IncomingMessage, answer: ServerResponse, message: Arrived) => void

const secret = Buffer.alloc(32, 7)
const accepts: Manner = (_, answer, { id }) => answer.end(JSON.stringify({ id }))

/** A gateway of the test's own: what it was sent, and how it answers. */
async function openGateway() {
  const arrived: Arrived[] = []
  const heads: IncomingMessage['headers'][] = []
  const bodies: string[] = []
  let manner: Manner = accepts
  const server = createServer(async (asked, answer) => {
    let body = ''
    for await (const part of asked) body += String(part)
    const message = JSON.parse(body) as Arrived
    arrived.push(message)
    heads.push(asked.headers)
    bodies.push(body)
    manner(asked, answer, message)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/messages`
  const gateway: Gateway = { url, secret, perSecond: 50, patienceMs: 10_000 }
  return {
    ...{ gateway, arrived, heads, bodies },
    behave(to: Manner) {
      manner = to
      arrived.length = heads.length = bodies.length = 0
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const nonsense: readonly [string, Manner][] = [
  ['hangs', () => {}],
  ['answers 500', (_, answer) => answer.writeHead(500).end('{}')],
  ['answers garbage', (_, answer) => answer.end('<html>您已登录</html>')],
  ['answers of another message', (_, answer) => answer.end('{"id":"other"}')],
  ['never stops answering', (_, answer) => void answer.write(' '.repeat(1 << 20))],
  ['closes the connection', (asked) => asked.socket.destroy()],
  ['redirects', (_, answer) => answer.writeHead(307, { location: '/messages' }).end()],
]

describe.each(engines)('messages on their way to the gateway, on %s', (engine) => {
  let ground: Ground
  let post: Awaited<ReturnType<typeof openGateway>>
  let maker: Desk
  let one: Phone
  let two: Phone

  beforeAll(async () => {
    ground = await openGround(engine)
    post = await openGateway()
    maker = ground.maker
    one = await phone(ground.server, maker.ask, ground.people[1]!.memberNo)
    two = await phone(ground.server, maker.ask, ground.people[2]!.memberNo)
  })
  beforeEach(async () => {
    const { store } = ground.server
    await store.transaction((tx) => tx.delete(tx.tables.messages))
    await store.transaction((tx) => tx.delete(tx.tables.messagePreferences))
    post.behave(accepts)
  })
  afterAll(async () => {
    await post.close()
    await ground.server.close()
  })

  const turn = (gateway = post.gateway) => {
    const { store, deployment, clock } = ground.server
    return sendMessages({ store, node: deployment.node, clock, gateway })
  }
  /** Moves the time of day, in the union's zone, to the next such hour. */
  const until = (hourOfDay: number) => {
    const now = Math.floor(((ground.server.now + 8 * hour) % day) / hour)
    return later(((hourOfDay - now + 24) % 24) * hour)
  }
  /** Another time, at which everybody signs in anew. */
  async function later(ms: number) {
    const { server } = ground
    server.now += ms
    maker = { ...maker, ...(await maker.signIn()) }
    one = { ...one, ...(await deviceAgent(server, one.device, one.key)) }
    two = { ...two, ...(await deviceAgent(server, two.device, two.key)) }
  }
  const rows = async (kind?: MessageKind) => {
    const { read } = ground.server.store
    const all = await read.select().from(read.tables.messages)
    return all.filter((row) => kind === undefined || row.kind === kind)
  }
  const say = (to: Phone, kind: MessageKind = 'welcome', subject = crypto.randomUUID()) =>
    ground.server.store.transaction(async (tx) => {
      const { members: m } = tx.tables
      const [row] = await tx.select().from(m).where(eq(m.id, to.memberId))
      const telling = { memberId: to.memberId, bucket: row!.bucket, kind, subject }
      await tell(tx, [telling], ground.server.now)
    })

  it('arrive once, signed, with the number and the text and nothing else', async () => {
    const { server, people } = ground
    await until(12)
    const { mobile } = people[1]!
    await say(one)
    expect(await turn()).toBe(1)
    expect(await turn()).toBe(0)
    expect(post.arrived).toEqual([
      { id: expect.any(String), to: mobile, text: expect.stringContaining('欢迎加入工会') },
    ])
    const [head] = post.heads
    const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': mac } = head!
    const mine = createHmac('sha256', secret).update(`${id}.${time}.${post.bodies[0]}`)
    expect({ id, mac }).toEqual({ id: post.arrived[0]!.id, mac: `v1,${mine.digest('base64')}` })
    expect(Number(time)).toBe(Math.floor(server.now / 1000))
    expect(await rows()).toMatchObject([{ delivery: 'sent', attempts: 1, sentAt: server.now }])
    expect(server.lines.join('')).not.toContain(mobile)
  })

  it.each(nonsense)('wait while the gateway %s, and arrive after it', async (_, manner) => {
    await until(12)
    await say(one)
    post.behave(manner)
    expect(await turn({ ...post.gateway, patienceMs: 300 })).toBe(0)
    expect(await rows()).toMatchObject([{ delivery: 'waiting', attempts: 1, sentAt: null }])
    expect(await turn()).toBe(0)
    expect(post.arrived.length).toBeLessThanOrEqual(1)
    const [first] = post.arrived
    post.behave(accepts)
    await later(hour)
    expect(await turn()).toBe(1)
    expect(post.arrived.map(({ id }) => id)).toEqual([first?.id])
    expect(await turn()).toBe(0)
  })

  it('fail and slow no business act while the gateway hangs', async () => {
    const { server, programmeId, till: counter } = ground
    await until(12)
    const hanging = Promise.withResolvers<ServerResponse>()
    post.behave((_, answer) => hanging.resolve(answer))
    const approver = await desk(server)
    const given = await benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
    const code = one.code(await claim(one, await benefit(maker.ask, programmeId)))
    await say(two)
    let over = false
    const turning = turn({ ...post.gateway, patienceMs: 60_000 }).finally(() => {
      over = true
    })
    const answer = await hanging.promise
    const { id, digest } = await submittedBatch({ maker }, given)
    const statement = approver.approval(id, digest)
    await must(approver.ask('POST', `/admin/batches/${id}/decisions`, { statement }))
    await must(maker.ask('POST', `/admin/batches/${id}/start`, {}))
    const run = await ended(maker.ask, `/admin/batches/${id}/progress`)
    expect(run).toMatchObject({ state: 'completed', issued: 12 })
    const made = await must(counter.ask('POST', '/redemptions', { code }), 201)
    const subject = String(made.redemption_id).split('.').at(-1)
    const undo = { reason: 'wrong_voucher' }
    await must(counter.ask('POST', `/redemptions/${made.redemption_id}/reverse`, undo))
    expect(over).toBe(false)
    answer.destroy()
    expect(await turning).toBe(0)
    expect((await rows('offered')).length).toBe(12)
    expect(await rows('reversed')).toMatchObject([{ subject }])
    post.behave(accepts)
    await later(hour)
    while ((await turn()) > 0);
    expect((await rows()).every(({ delivery }) => delivery === 'sent')).toBe(true)
    expect(new Set(post.arrived.map(({ id: one }) => one)).size).toBe(post.arrived.length)
  })

  it('are sent once by two instances at once', async () => {
    await until(12)
    for (let i = 0; i < 20; i++) await say(one)
    const sent = await Promise.all([turn(), turn()])
    expect(sent[0]! + sent[1]!).toBe(20)
    expect(post.arrived.length).toBe(20)
  })

  it('are few a second, and fewer when nothing gets through', async () => {
    await until(12)
    for (let i = 0; i < 20; i++) await say(one)
    expect(await turn({ ...post.gateway, perSecond: 7 })).toBe(7)
    post.behave((_, answer) => answer.writeHead(503).end())
    expect(await turn()).toBe(0)
    expect(post.arrived.length).toBe(5)
  })

  it('wait for the morning', async () => {
    await until(22)
    await say(one)
    expect(await turn()).toBe(0)
    await until(7)
    expect(await turn()).toBe(0)
    await until(8)
    expect(await turn()).toBe(1)
  })

  it('keep to what the member wants: language, kinds and hours', async () => {
    await until(12)
    const wanted = { language: 'en', muted: ['welcome'], quiet_from: 12, quiet_to: 14 }
    await must(one.ask('PUT', '/me/preferences', wanted))
    expect(await must(one.ask('GET', '/me/preferences'))).toEqual(wanted)
    await say(one, 'welcome')
    await say(one, 'device_revoked')
    expect(await turn()).toBe(0)
    expect(await rows('welcome')).toMatchObject([{ delivery: 'kept', nextAt: null }])
    await later(2 * hour)
    expect(await turn()).toBe(1)
    expect(post.arrived.map(({ text }) => text)).toEqual(['One of your devices was revoked.'])
    const { items } = await must(one.ask('GET', '/me/messages'))
    expect(items).toHaveLength(2)
    const silent = { ...wanted, muted: ['reversed'] }
    expect((await one.ask('PUT', '/me/preferences', silent)).status).toBe(400)
  })

  it('are not sent days later, and are in the inbox all the same', async () => {
    await until(12)
    await say(one)
    await later(3 * day)
    expect(await turn()).toBe(0)
    expect(await rows()).toMatchObject([{ delivery: 'failed', attempts: 0 }])
  })

  it('tell once of a voucher that ends within three days', async () => {
    const { server, programmeId } = ground
    const soon = await benefit(maker.ask, programmeId, { validity: { days_after_claim: 2 } })
    const later = await benefit(maker.ask, programmeId)
    const voucher = await claim(one, soon)
    await claim(one, later)
    await noticeEnding(server)
    await noticeEnding(server)
    expect(await rows('voucher_expiring')).toMatchObject([{ subject: voucher }])
    const { items } = await must(one.ask('GET', '/me/messages'))
    expect((items as unknown as { text: { zh: string } }[])[0]!.text.zh).toMatch(
      /“洗车券”将于 \d{4}-\d\d-\d\d 到期/,
    )
  })

  it('are read by their member alone, and counted', async () => {
    await say(one)
    await say(one)
    const { items, unread } = await must(one.ask('GET', '/me/messages?limit=1'))
    expect({ length: (items as unknown as object[]).length, unread }).toEqual({
      ...{ length: 1, unread: 2 },
    })
    const ids = (items as unknown as { id: string }[]).map(({ id }) => id)
    expect(await must(two.ask('POST', '/me/messages/read', { ids }))).toEqual({ unread: 0 })
    expect(await must(one.ask('GET', '/me'))).toMatchObject({ unread_messages: 2 })
    expect(await must(one.ask('POST', '/me/messages/read', { ids }))).toEqual({ unread: 1 })
  })

  it('are counted for the desk, within its subtree and without a name', async () => {
    const { server } = ground
    await say(one)
    const told = await must(maker.ask('GET', '/admin/outbox'))
    expect(told.items).toEqual([{ kind: 'welcome', delivery: 'waiting', count: 1 }])
    const stranger = await desk(server, { role: 'registrar', org: '640221' })
    expect((await must(stranger.ask('GET', '/admin/outbox'))).items).toEqual([])
  })

  it('tell the other devices of a device', async () => {
    const { server, people } = ground
    const { memberNo } = people[3]!
    await phone(server, maker.ask, memberNo)
    expect(await rows('device_enrolled')).toEqual([])
    const second = await phone(server, maker.ask, memberNo)
    const { items } = await must(second.ask('GET', '/me/messages'))
    expect(items).toMatchObject([{ kind: 'device_enrolled' }])
    await must(maker.ask('POST', `/admin/members/${second.memberId}/devices/revoke`, {}))
    expect(await rows('device_revoked')).toHaveLength(2)
  })
})
