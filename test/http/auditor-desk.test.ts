import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { day, hour } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { staffed } from '../support/browser-session.ts'
import { engines } from '../support/engines.ts'
import { benefit, counties, desk, phone } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

type Person = Awaited<ReturnType<typeof staffed>>
type Row = Record<string, unknown>

const [here, there] = counties

describe.each(engines)('the auditor’s desk on %s', (engine) => {
  let ground: Ground
  let auditor: Person
  let second: Person
  let far: Person
  let subject: string
  /** Decisions as they were recorded: an entitled claim, and one that was refused. */
  let entitled: Row
  let refused: Row

  const items = async (path: string, by = auditor) =>
    (await must(by.ask('GET', path))).items as Row[]

  beforeAll(async () => {
    ground = await openGround(engine)
    const { server, maker, member, benefitId, programmeId } = ground
    await must(member.ask('POST', `/benefits/${benefitId}/claims`, {}), 201)
    const criteria = { fact: 'occupation', op: 'eq', value: 'sanitation' }
    const other = await benefit(maker.ask, programmeId, { criteria })
    expect((await member.ask('POST', `/benefits/${other}/claims`, {})).status).toBe(422)
    auditor = await staffed(server, { role: 'auditor' })
    second = await staffed(server, { role: 'auditor' })
    far = await staffed(server, { role: 'auditor', org: there })
    const { read } = server.store
    const waiting = () => read.$count(read.tables.pendingLeaves)
    await vi.waitFor(async () => expect(await waiting()).toBe(0), 5000)
    const decisions = await items('/audit/decisions?limit=200')
    entitled = decisions.find(({ outcome }) => outcome === 'entitled') ?? {}
    refused = decisions.find(({ outcome }) => outcome === 'not_entitled') ?? {}
    subject = String(entitled.subject)
  })
  afterAll(() => ground.server.close())

  describe('events', () => {
    it('come in the order of the log, by kind and by day', async () => {
      const all = await items('/audit/events?limit=1000')
      expect(all.map(({ index }) => index)).toEqual(all.map((_, i) => i))
      const [claim] = await items('/audit/events?kind=voucher.claim')
      expect(all).toContainEqual(claim)
      const today = new Date(ground.server.now).toISOString().slice(0, 10)
      expect(await items(`/audit/events?limit=1000&day=${today}`)).toEqual(all)
      expect(await items('/audit/events?day=2001-01-01')).toEqual([])
      expect((await auditor.ask('GET', '/audit/events?day=tomorrow')).status).toBe(400)
    })

    it('name members by a pseudonym, the same everywhere, and open nothing', async () => {
      const [claim] = await items('/audit/events?kind=voucher.claim')
      expect(claim?.subject).toBe(subject)
      const one = await must(auditor.ask('GET', `/audit/events/${claim?.entry_id}`))
      expect(one).toMatchObject({ subject, hidden: ['member'] })
      const { memberId, memberNo } = ground.member
      expect(JSON.stringify([claim, one])).not.toMatch(new RegExp(`${memberId}|${memberNo}`))
      expect((await auditor.ask('GET', '/audit/events/nothing')).status).toBe(404)
    })
  })

  describe('a decision', () => {
    it('has a receipt, of a claim and of a refused one, with facts as hashes', async () => {
      expect(entitled).toMatchObject({ subject, outcome: 'entitled', evaluator: 1 })
      expect(refused).toMatchObject({ outcome: 'not_entitled', refused: 'NOT_ELIGIBLE', subject })
      const facts = entitled.facts as { name: string; hash: string }[]
      expect(facts.map(({ name }) => name)).toEqual(['fact:occupation', 'fact:standing'])
      expect(refused.facts).not.toContainEqual(facts[0])
      expect(JSON.stringify([entitled, refused])).not.toMatch(/courier|sanitation/)
    })

    it('comes out again, also after the member has become somebody else', async () => {
      const { server, member } = ground
      const { members } = server.store.read.tables
      await server.store.transaction((tx) => tx.update(members).set({ occupation: 'other' }))
      for (const { id, outcome } of [entitled, refused]) {
        const again = await must(auditor.ask('POST', `/audit/decisions/${id}/replay`, {}))
        expect(again).toEqual({
          ...{ outcome, same_rule: true, same_facts: true, same_evaluator: true, agrees: true },
        })
      }
      await server.store.transaction((tx) => tx.update(members).set({ occupation: 'courier' }))
      expect((await member.ask('GET', `/audit/decisions/${entitled.id}`)).status).toBe(401)
    })

    it('is there for auditors of that organisation alone', async () => {
      const path = `/audit/decisions/${entitled.id}`
      expect(await must(auditor.ask('GET', path))).toEqual(entitled)
      expect((await far.ask('GET', path)).status).toBe(404)
      expect((await far.ask('POST', `${path}/replay`, {})).status).toBe(404)
      expect(await items('/audit/decisions', far)).toEqual([])
    })
  })

  describe('duties', () => {
    it('that meet in one person are found, with the rows', async () => {
      const { server } = ground
      const both = await staffed(server, { role: 'admin', org: here })
      const { rules, findings } = await must(auditor.ask('GET', '/audit/sod'))
      const found = (findings as Row[]).filter(({ rule }) => rule === 'both_roles')
      const rows = found.flatMap((one) => one.rows as Row[])
      expect(rows).toContainEqual(
        expect.objectContaining({ what: 'grant', principal_id: both.principalId }),
      )
      const broken = (rules as { rule: string; findings: number }[]).slice(0, 3)
      expect(broken.map(({ findings: count }) => count)).toEqual([0, 0, 0])
    })

    it('are looked for in proposals, too: proposed and signed by one, or by whom they registered', async () => {
      const { server, maker, programmeId } = ground
      const { proposalDecisions, principals } = server.store.read.tables
      const { personId, principalId } = { ...maker, principalId: maker.clientId }
      const at = `/admin/programmes/${programmeId}/budget`
      const propose = async () => {
        const { version: expected_version } = await must(maker.ask('GET', at))
        const body = { amount: 100, expected_version, reason: 'plan' }
        return must(maker.ask('POST', `${at}-changes`, body), 201)
      }
      const broken = async () => {
        const { findings } = await must(auditor.ask('GET', '/audit/sod'))
        return (findings as Row[]).filter(({ weight }) => weight === 'broken')
      }
      const signer = await desk(server, { role: 'approver' })
      const { id, digest } = await propose()
      const statement = signer.approval(String(id), String(digest))
      await must(signer.ask('POST', `/admin/proposals/${id}/decisions`, { statement }))
      expect(await broken()).toEqual([])

      const forged = { decision: 'approve' as const, statement: '', at: server.now }
      const other = await propose()
      await server.store.transaction(async (tx) => {
        const row = { ...forged, proposalId: String(other.id), personId, principalId }
        await tx.insert(proposalDecisions).values(row)
        const registered = { registeredBy: principalId }
        await tx.update(principals).set(registered).where(eq(principals.id, signer.clientId))
      })
      const says = (row: object) => ({ rows: [expect.objectContaining(row)] })
      expect(await broken()).toEqual([
        expect.objectContaining({
          ...{ rule: 'made_and_approved', persons: [personId] },
          ...says({ what: 'proposal', id: other.id, says: 'proposed and decided' }),
        }),
        expect.objectContaining({
          ...{ rule: 'registered_and_approved', persons: [personId, signer.personId] },
          ...says({ what: 'proposal', id, principal_id: signer.clientId }),
        }),
      ])
      expect((await must(far.ask('GET', '/audit/sod'))).findings).not.toContainEqual(
        expect.objectContaining({ weight: 'broken' }),
      )
    })
  })

  describe('a member who was erased', () => {
    it('has decisions that nobody can ask again, and no pseudonym in any event', async () => {
      const { maker, server, people } = ground
      const gone = await phone(server, maker.ask, people[1]?.memberNo ?? '')
      await must(gone.ask('POST', `/benefits/${ground.benefitId}/claims`, {}), 201)
      const before = await items('/audit/decisions?limit=200')
      const reason = { reason: 'member_request' }
      await must(maker.ask('POST', `/admin/members/${gone.memberId}/erase`, reason))
      const { id } = before.at(-1) ?? {}
      const again = await must(auditor.ask('POST', `/audit/decisions/${id}/replay`, {}))
      expect(again).toMatchObject({ agrees: false, same_facts: false })
      expect(again).not.toHaveProperty('outcome')
    })
  })

  describe('behind a pseudonym', () => {
    const ask = (by: Person, given: object = {}) =>
      by.ask('POST', '/audit/unmask-requests', { subject, reason: 'complaint', ...given })
    const decide = async (id: unknown, by: Person, decision = 'approve') => {
      const at = `/audit/unmask-requests/${id}/decisions`
      const options = await by.ask('POST', `${at}/options`, { decision })
      if (options.status !== 200) return options
      const { statement, options: asked } = options.body as { statement: string; options: never }
      const passkey = by.authenticator.get(asked)
      return by.ask('POST', at, { statement, passkey })
    }

    it('nobody comes alone, nor the one whom they asked for from elsewhere', async () => {
      const { id, ...asked } = await must(ask(auditor), 201)
      expect(asked).toMatchObject({ subject, reason: 'complaint', state: 'waiting', mine: true })
      const name = `/audit/unmask-requests/${id}/subject`
      expect((await auditor.ask('GET', name)).status).toBe(403)
      expect((await decide(id, auditor)).body.code).toBe('SELF_APPROVAL')
      expect((await decide(id, far)).status).toBe(404)
      expect((await ask(far)).status).toBe(404)
      expect((await ask(auditor, { subject: `s-${'0'.repeat(32)}` })).status).toBe(404)
      expect((await ask(auditor, { subject: 'somebody' })).status).toBe(404)
      expect((await ask(auditor, { reason: '因为张三' })).status).toBe(400)
      expect((await decide(id, second, 'reject')).body.state).toBe('rejected')
      expect((await auditor.ask('GET', name)).status).toBe(403)
      expect((await decide(id, second)).status).toBe(409)
    })

    it('stands a name for a day, for the one who asked, once another person agreed', async () => {
      const { server, people, member } = ground
      const { id } = await must(ask(auditor), 201)
      const name = `/audit/unmask-requests/${id}/subject`
      expect((await decide(id, second)).body).toMatchObject({ state: 'approved', mine: false })
      expect(await must(auditor.ask('GET', name))).toEqual({
        ...{ name: people[0]?.name, member_no: member.memberNo, until: server.now + day },
      })
      expect((await second.ask('GET', name)).status).toBe(404)
      const looks = (await must(member.ask('GET', '/me/looks'))).items as Row[]
      expect(looks.slice(0, 3).map(({ step }) => step)).toEqual([
        ...['unmasked', 'unmask_approved', 'unmask_asked'],
      ])
      expect(looks[0]).toMatchObject({ role: 'auditor', reason: 'check' })
      server.now += 25 * hour
      await auditor.signIn()
      expect((await auditor.ask('GET', name)).status).toBe(403)
      const listed = await items('/audit/unmask-requests')
      expect(listed.find((one) => one.id === id)).toMatchObject({ state: 'over' })
    })
  })
})
