import { and, type Column, eq, getTableColumns, getTableName } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { leftOutReasons } from '../../src/store/schema/batches.ts'
import type { Tx } from '../../src/store/store.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, counties } from '../support/union.ts'
import { type Ground, openGround, submittedBatch } from './ground.ts'

type Rows = Record<string, Record<string, unknown>[]>

/** Where the export tells what a table with a member or a person has. */
const exported: Readonly<Record<string, string>> = {
  members: 'member',
  memberships: 'memberships',
  devices: 'devices',
  activations: 'activations',
  passkeys: 'passkeys',
  portraits: 'portraits',
  credentials: 'credentials',
  credential_offers: 'credential_offers',
  wallet_grants: 'wallet_grants',
  applications: 'applications',
  joinings: 'joinings',
  phone_moves: 'phone_moves',
  principals: 'accounts',
  looks: 'looks',
  list_members: 'lists',
  dry_run_members: 'batch_previews',
  batch_left_out: 'left_out',
  decision_receipts: 'decisions',
  draw_entries: 'draws',
  vouchers: 'vouchers',
  claims: 'claims',
  redemptions: 'redemptions',
  delegations: 'collectors',
  redemption_reports: 'reports',
  messages: 'messages',
  message_preferences: 'preferences',
  transfers: 'transfers',
}

const office = 'what staff did in their office, kept of them and not of a member'
/** What is not exported, and why. */
const exceptions: Readonly<Record<string, string>> = {
  member_keys: 'a wrapped key: it says nothing of anybody, and deleting it is erasure',
  member_events: 'a queue: gone in a moment, and what follows is among the credentials',
  erasures: 'whoever was erased has no phone to ask with, and nothing is left to tell',
  unmask_requests: 'every step of one is among the looks; who asked is not the member’s to know',
  batch_editors: office,
  approvals: office,
  freezes: office,
  statement_approvals: office,
  statement_adjustments: office,
  proposals: office,
  proposal_decisions: office,
}

describe.each(engines)('everything that is held about a member, on %s', (engine) => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround(engine)
  })
  afterAll(() => ground.server.close())

  /** Every table of the schema that says whose a row is, with the columns that do. */
  function personal(): [string, PgTable, readonly [string, Column][]][] {
    return Object.values(ground.server.store.read.tables).flatMap((table) => {
      const columns = Object.entries(getTableColumns(table))
      const whose = columns.filter(([name]) => /^(member|person)Id$|ByPerson$/.test(name))
      const name = getTableName(table)
      const all = name === 'members' ? columns.filter(([key]) => key === 'id') : whose
      return all.length === 0 ? [] : [[name, table, all] as [string, PgTable, typeof all]]
    })
  }

  it('is exported, or says why it is not: no table is forgotten', () => {
    const known = new Set([...Object.keys(exported), ...Object.keys(exceptions)])
    expect(personal().flatMap(([name]) => (known.has(name) ? [] : [name]))).toEqual([])
  })

  it('is in the file to the last row, with nothing of keys, staff or other members', async () => {
    const { member, maker, people, server, till } = ground
    const own = await dealings(ground)
    await server.store.transaction((tx) => rest(tx, own, server.now))
    const code = member.code(own.voucherId)
    const made = await must(till.ask('POST', '/redemptions', { code }), 201)
    const report = { reason: 'not_received' }
    await must(member.ask('POST', `/me/redemptions/${made.redemption_id}/report`, report), 201)

    const { data } = await must(member.ask('GET', '/me/export'))
    const held = data as unknown as Rows
    const counted: Record<string, number> = {}
    const told: Record<string, number> = {}
    for (const [name, table, columns] of personal()) {
      const section = exported[name]
      if (section === undefined) continue
      const [column, id] = ownColumn(columns, own)
      counted[name] = await server.store.read.$count(table, eq(column, id))
      told[name] = held[section]?.length ?? -1
    }
    expect(told).toEqual(counted)
    expect(Object.entries(counted).filter(([, count]) => count === 0)).toEqual([])

    expect(held.lists).toEqual([{ name: '高温岗位', org_code: counties[0] }])
    expect(held.draws).toMatchObject([{ mode: 'lottery', state: 'open', won: false }])
    expect(held.preferences).toMatchObject([{ language: 'en', muted: 'offered, draw_won' }])
    expect(held.decisions?.[0]?.facts).toContain('"fact:occupation":"courier"')
    expect(held.collectors).toMatchObject([{ name: '马小花', mobile_last4: '6789' }])
    expect(held.messages?.[0]?.text).toMatch(/\p{Script=Han}/u)
    const text = JSON.stringify(data)
    expect(text).not.toMatch(/hash|spki|sealed|wrapped|principal|secret|public_key/)
    for (const { memberNo, name } of people.slice(1)) {
      expect(text).not.toContain(memberNo)
      expect(text).not.toContain(name)
    }
    expect(text).not.toContain(maker.ownerId)
  })
})

interface Own {
  readonly memberId: string
  readonly personId: string
  readonly bucket: number
  readonly voucherId: string
}

/** The column that says whose a row is, and what it says of this member. */
function ownColumn(columns: readonly [string, Column][], own: Own): [Column, string] {
  const by = new Map(columns)
  const person = by.get('personId')
  const member = by.get('memberId') ?? by.get('id')
  if (member) return [member, own.memberId]
  if (person) return [person, own.personId]
  throw new TypeError('whose row it is, no column says')
}

const parcelDetails = {
  ...{ kind: 'package', contents: ['水'], pick_up_point: '驿站' },
  collector_allowed: true,
}

/** What a member comes to have dealings with, done as it is done. */
async function dealings(ground: Ground): Promise<Own> {
  const { member, maker, programmeId, benefitId, server } = ground
  const { ask } = maker
  const { id: listId } = await must(
    ask('POST', '/admin/lists', { name: '高温岗位', org_code: counties[0] }),
    201,
  )
  const listed = { member_nos: [member.memberNo] }
  await must(ask('POST', `/admin/lists/${listId}/members`, listed))
  const found = await must(ask('POST', '/admin/members/search', { member_no: member.memberNo }))
  await must(ask('GET', `/admin/members/${found.id}`))
  const batch = await benefit(ask, programmeId, {
    ...{ supply: 'batch', stock: undefined, validity: { days_after_claim: 30 } },
    details: parcelDetails,
  })
  await submittedBatch(ground, batch)
  const opens = new Date(server.now - 1000).toISOString()
  const closes = new Date(server.now + day).toISOString()
  const allocation = { mode: 'lottery', opens, closes }
  const drawn = await benefit(ask, programmeId, { stock: 5, allocation, offer_days: 2 })
  const enter = () => member.ask('POST', `/benefits/${drawn}/entries`, {})
  // The job that opens draws runs by itself.
  await expect.poll(async () => (await enter()).status, { timeout: 10_000 }).toBe(201)
  const wishes = { language: 'en', muted: ['offered', 'draw_won'], quiet_from: 22, quiet_to: 7 }
  await must(member.ask('PUT', '/me/preferences', wishes))
  await must(member.ask('POST', '/me/phone-moves', {}), 201)
  const collected = await benefit(ask, programmeId, { details: parcelDetails, stock: 3 })
  const parcel = await claim(member, collected)
  const named = { name: '马小花', mobile_last4: '6789' }
  await must(member.ask('POST', `/me/vouchers/${parcel}/delegations`, named), 201)
  const voucherId = await claim(member, benefitId)
  await must(member.ask('POST', '/me/transfers', { org_code: counties[1] }), 201)
  const { members: m } = server.store.read.tables
  const rows = await server.store.read
    .select()
    .from(m)
    .where(and(eq(m.memberNo, member.memberNo)))
  const { id: memberId, personId, bucket } = rows[0]!
  return { memberId, personId, bucket, voucherId }
}

/** Rows of what takes a wallet, a passkey or another way in: one of each, as it is stored. */
async function rest(tx: Tx, { memberId, personId }: Own, now: number): Promise<void> {
  const t = tx.tables
  const none = new Uint8Array(0)
  const times = { createdAt: now, expiresAt: now + day }
  await tx.insert(t.passkeys).values({
    ...{ id: 'one', memberId, publicKey: none, counter: 0, transports: ['internal'] },
    ...{ backedUp: true, name: 'phone', createdAt: now, enrolled: 0 },
  })
  await tx.insert(t.portraits).values({ id: 'p', memberId, state: 'refused', givenAt: now })
  await tx.insert(t.applications).values({
    ...{ id: 'a', orgCode: counties[0], state: 'approved', version: 1, idHash: none },
    ...{ sealed: none, createdAt: now, memberId },
  })
  const joined = { id: 'j', memberId, decidedByPerson: 'somebody', at: now, welcomedAt: now }
  await tx.insert(t.joinings).values(joined)
  await tx.insert(t.credentialOffers).values({
    ...{ id: 'o', memberId, triesLeft: 1, createdBy: 'somebody', waits: false, ...times },
  })
  await tx.insert(t.walletGrants).values({
    ...{ id: 'g', offerId: 'o', memberId, thumbprint: 't', accessHash: none, refreshHash: none },
    ...{ accessUntil: now, refreshUntil: now, createdAt: now },
  })
  await tx.insert(t.issuances).values({ id: 'i', grantId: 'g', at: now })
  const list = { number: 7, quarter: '2026q2', taken: 1, openedAt: now, changes: 0, changedAt: now }
  await tx.insert(t.statusLists).values(list)
  await tx.insert(t.credentials).values({
    ...{ id: 'c', memberId, issuanceId: 'i', holder: 'h', statusList: 7, statusIndex: 1 },
    ...{ issuedAt: now, expiresAt: now + day, status: 0, held: false, heldForMember: false },
    version: 1,
  })
  await tx.insert(t.batchLeftOut).values({ batchId: 'b', memberId, reason: leftOutReasons[0] })
  const account = { id: 'desk', kind: 'staff' as const, personId, name: '本人', createdAt: now }
  await tx.insert(t.principals).values(account)
}
