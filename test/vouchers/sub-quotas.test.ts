import { eq, inArray, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { readBatch } from '../../src/benefits/batches/batch.ts'
import { readDryRun } from '../../src/benefits/batches/dry-run.ts'
import { createBenefit, editBenefit } from '../../src/benefits/benefits.ts'
import { publishBenefit } from '../../src/benefits/publish.ts'
import { rightTo } from '../../src/benefits/rights.ts'
import { type BenefitVersion, benefitVersion } from '../../src/benefits/versions.ts'
import { runAllBatches } from '../../src/jobs/batch-runner.ts'
import { Findings } from '../../src/ledger/findings.ts'
import { verifyAccounts } from '../../src/ledger/verify-accounts.ts'
import { claimStock } from '../../src/vouchers/claim.ts'
import { issueChunk } from '../../src/vouchers/issue.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import { recallBatch } from '../../src/vouchers/run-batch.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  benefit,
  members,
  type Story,
  type StoryMember,
  staff,
  tellStory,
} from '../support/story.ts'
import { running, startedBatch } from './batches.ts'

const orgs = ['640100', '640200', '640300'] as const
const shares = { '640100': 50, '640200': 30, '640300': 20 } as const
const organisations = orgs.map((org_code) => ({ org_code, units: shares[org_code] }))

describe.each(engines)('sub-quotas on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine, 10_000_000)
    await story.store.transaction(async (tx) => {
      for (const code of ['640200', '640300']) {
        await tx.insert(tx.tables.organisations).values({
          ...{ code, parentCode: '640000', level: 'county', nameZh: code, createdAt: story.now },
          ...{ path: `000000/640000/${code}/`, region: Number(code) },
        })
      }
    })
  })
  afterEach(async () => {
    await audit(story)
    await story.close()
  })

  /** So many members of each of the three, as they come in turn. */
  async function people(each: number): Promise<StoryMember[]> {
    const all = await members(story, each * orgs.length)
    const { members: m } = story.store.read.tables
    for (const [i, orgCode] of orgs.entries()) {
      const ids = all.filter((_, at) => at % orgs.length === i).map(({ memberId }) => memberId)
      await story.store.transaction(async (tx) => {
        await tx.update(m).set({ orgCode }).where(inArray(m.id, ids))
      })
    }
    return all
  }
  const claim = (version: BenefitVersion, to: StoryMember, now = story.now) =>
    story.store.transaction((tx) => claimStock(tx, story.node, { benefit: version, to, now }))
  const giveBack = ({ memberId, bucket }: StoryMember, voucherId: string) =>
    story.store.transaction((tx) =>
      returnVoucher(tx, story.node, { memberId, bucket, voucherId, now: story.now }),
    )
  const used = async () => {
    const { quotas } = story.store.read.tables
    const rows = await story.store.read.select().from(quotas)
    return Object.fromEntries(rows.map(({ scope, used: n }) => [scope, n]))
  }
  /** What the vouchers of members say, each by the organisation of the member. */
  const held = async () => {
    const { vouchers: v, members: m } = story.store.read.tables
    const rows = await story.store.read
      .select({ org: m.orgCode, count: sql<number>`cast(count(*) as integer)` })
      .from(v)
      .innerJoin(m, eq(m.id, v.memberId))
      .where(inArray(v.state, ['offered', 'active']))
      .groupBy(m.orgCode)
    return Object.fromEntries(rows.map(({ org, count }) => [org, count]))
  }
  const byOrg = Object.fromEntries(orgs.map((org) => [`org:${org}`, shares[org]]))

  it('hand out exactly their units when 402 members of three organisations claim at once', async () => {
    const version = await benefit(story, {
      ...{ supply: 'stock', stock: 1000 },
      sub_quotas: { organisations },
    })
    const all = await Promise.allSettled((await people(134)).map((to) => claim(version, to)))
    const codes = all.flatMap((one) => {
      if (one.status === 'fulfilled') return []
      if (one.reason instanceof Refusal) return [one.reason.code]
      throw one.reason
    })
    expect(codes).toEqual(Array(302).fill('QUOTA_EXHAUSTED'))
    expect(await held()).toEqual(shares)
    expect(await used()).toEqual({ total: 100, ...byOrg })
    const { claims } = story.store.read.tables
    expect(await story.store.read.$count(claims)).toBe(100)
  })

  it('refuse at whichever level is gone first, and then take nothing of the others', async () => {
    const version = await benefit(story, {
      ...{ supply: 'stock', stock: 5 },
      sub_quotas: {
        per_day: 4,
        organisations: [
          { org_code: '640000', units: 3 },
          { org_code: '640100', units: 2, per_day: 1 },
        ],
      },
    })
    const [a, b, c, d, e] = await people(2)
    const scopeOf = (to: StoryMember, now?: number) =>
      claim(version, to, now).then(
        () => 'taken',
        ({ code, detail }: Refusal) => [code, detail.scope],
      )
    // a, d: 640100; b, e: 640200; c: 640300
    expect(await scopeOf(a!)).toBe('taken')
    expect(await scopeOf(d!)).toEqual(['QUOTA_EXHAUSTED', 'org:640100/day:2026-06-01'])
    expect(
      await rightTo(story.store.read, { memberId: d!.memberId, ...rightsOf(version) }),
    ).toMatchObject({ status: 'exhausted', left: 0 })
    story.now += day
    expect(await scopeOf(d!)).toBe('taken')
    expect(await scopeOf(b!)).toBe('taken')
    expect(await scopeOf(c!)).toEqual(['QUOTA_EXHAUSTED', 'org:640000'])
    expect(await scopeOf(e!)).toEqual(['QUOTA_EXHAUSTED', 'org:640000'])
    expect(await used()).toEqual({
      ...{ total: 3, 'org:640000': 3, 'org:640100': 2 },
      ...{ 'day:2026-06-01': 1, 'day:2026-06-02': 2 },
      ...{ 'org:640100/day:2026-06-01': 1, 'org:640100/day:2026-06-02': 1 },
    })
  })
  const rightsOf = ({ benefitId }: BenefitVersion) => ({ benefitId, now: story.now })

  it('count by the day of the programme’s time zone', async () => {
    const version = await benefit(story, {
      ...{ supply: 'stock', stock: 5 },
      sub_quotas: { per_day: 1 },
    })
    const [a, b] = await people(1)
    const midnight = Date.UTC(2026, 5, 1, 16) // of 2 June in Shanghai
    story.now = midnight - 1
    await claim(version, a!)
    await expect(claim(version, b!)).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' })
    story.now = midnight
    await claim(version, b!)
    expect(await used()).toEqual({ total: 2, 'day:2026-06-01': 1, 'day:2026-06-02': 1 })
  })

  it('get back what is returned where it was taken, wherever the member has gone', async () => {
    const version = await benefit(story, {
      ...{ supply: 'stock', stock: 5 },
      sub_quotas: { per_day: 3, organisations },
    })
    const [a, b] = await people(1)
    const { id } = await claim(version, a!)
    await claim(version, b!)
    const { members: m } = story.store.read.tables
    await story.store.transaction(async (tx) => {
      await tx.update(m).set({ orgCode: '640300' }).where(eq(m.id, a!.memberId))
    })
    story.now += day
    await giveBack(a!, id)
    expect(await used()).toEqual({
      ...{ total: 1, 'org:640100': 0, 'org:640200': 1, 'day:2026-06-01': 1 },
    })
    await claim(version, a!)
    expect(await used()).toMatchObject({ 'org:640300': 1, 'day:2026-06-02': 1 })
  })

  it('keep counters and rows together while members claim and return at once', async () => {
    const version = await benefit(story, {
      ...{ supply: 'stock', stock: 1000 },
      sub_quotas: { per_day: 60, organisations },
    })
    const all = await people(30)
    await Promise.allSettled(
      all.map(async (to) => {
        for (let i = 0; i < 3; i++) {
          const { id } = await claim(version, to)
          await giveBack(to, id)
        }
        await claim(version, to)
      }),
    )
    const have = await held()
    const sum = Object.values(have).reduce((total, n) => total + n, 0)
    const now = await used()
    expect(now['day:2026-06-01']).toBe(sum)
    expect(now.total).toBe(sum)
    for (const org of orgs) expect(now[`org:${org}`] ?? 0).toBe(have[org] ?? 0)
    expect(sum).toBeLessThanOrEqual(60)
  })

  it('issue by batch what a dry run said, and take it back by a recall', async () => {
    const { benefitId } = await benefit(story, { sub_quotas: { per_day: 90, organisations } })
    await people(40)
    const { id } = await startedBatch(story, benefitId)
    const { report } = await readDryRun(story.store.read, await readBatch(story.store.read, id))
    const { quotas } = report
    expect(report).toMatchObject({ eligible: 120, budget: { total: 120_000 } })
    expect(quotas?.issuable).toEqual({ count: 90, amount: 90_000 })
    expect(quotas?.falls_out.count).toBe(30)
    expect(quotas?.falls_out.sample).toHaveLength(30)
    await runAllBatches(running(story, 7))
    const batch = await readBatch(story.store.read, id)
    expect(batch).toMatchObject({ state: 'completed', issued: 90, dropped: 30 })
    const have = await held()
    for (const { org_code, wanted, issued, units, left } of quotas?.levels ?? []) {
      const of = org_code ? (have[org_code] ?? 0) : 90
      expect([org_code, wanted, issued]).toEqual([org_code, org_code ? 40 : 120, of])
      expect(left).toBe(units - issued)
    }
    await story.store.transaction((tx) => recallBatch(tx, id, staff))
    await runAllBatches(running(story, 7))
    expect(Object.values(await used()).every((n) => n === 0)).toBe(true)
    const { quotaUnits } = story.store.read.tables
    expect(await story.store.read.$count(quotaUnits)).toBe(0)
  })

  it('issue no more than their units in chunks of several batches at once', async () => {
    const version = await benefit(story, { sub_quotas: { organisations } })
    const all = await people(80)
    const { store, node, now } = story
    const parts = Array.from({ length: 8 }, (_, i) => all.filter((_, at) => at % 8 === i))
    const done = await Promise.all(
      parts.map((recipients, i) =>
        store.transaction((tx) =>
          issueChunk(tx, node, {
            ...{ batchId: `b${i}`, benefit: version, delivery: 'offer', recipients, now },
          }),
        ),
      ),
    )
    expect(done.reduce((sum, { issued }) => sum + issued, 0)).toBe(100)
    expect(await held()).toEqual(shares)
    expect(await used()).toEqual(byOrg)
  })

  it('give a unit to the next when a person has reached their cap', async () => {
    const version = await benefit(story, {
      sub_quotas: { organisations: [{ org_code: '640000', units: 2 }] },
    })
    const [a, b, c] = await people(1)
    const { store, node, now } = story
    const issue = (...recipients: StoryMember[]) =>
      store.transaction((tx) =>
        issueChunk(tx, node, {
          ...{ batchId: 'b', benefit: version, delivery: 'offer', recipients, now },
        }),
      )
    expect(await issue(a!)).toMatchObject({ issued: 1 })
    expect(await issue(a!, b!, c!)).toMatchObject({ issued: 1, dropped: 2 })
    expect(await used()).toEqual({ 'org:640000': 2 })
  })

  it('follow the version in force, and never fall below what is taken', async () => {
    const sub = (units: number) => ({ organisations: [{ org_code: '640100', units }] })
    const stock = { supply: 'stock', stock: 9 }
    const first = await benefit(story, { ...stock, sub_quotas: sub(1) })
    const [a, , , b, , , c] = await people(3)
    await claim(first, a!)
    const publish = async (version: number, units: number) => {
      const { store, node, now } = story
      const definition = { ...first.definition, sub_quotas: sub(units) }
      await store.transaction((tx) => editBenefit(tx, first.benefitId, definition, staff))
      await store.transaction((tx) => publishBenefit(tx, node, first.benefitId, staff, now))
      return (await benefitVersion(store.read, first.benefitId, version))!
    }
    const wider = await publish(2, 2)
    await claim(wider, b!)
    const closed = await publish(3, 0)
    await expect(claim(closed, c!)).rejects.toMatchObject({ code: 'QUOTA_EXHAUSTED' })
    expect(await used()).toEqual({ total: 2, 'org:640100': 2 })
  })

  it('are told by the auditor when a counter differs from its rows', async () => {
    const version = await benefit(story, {
      ...{ supply: 'stock', stock: 5 },
      sub_quotas: { organisations },
    })
    const [a] = await people(1)
    await claim(version, a!)
    const { quotas } = story.store.read.tables
    const drift = (by: number) =>
      story.store.transaction(async (tx) => {
        const moved = { used: sql`${quotas.used} + ${by}` }
        await tx.update(quotas).set(moved).where(eq(quotas.scope, 'org:640100'))
      })
    const found = async () => {
      const findings = new Findings()
      await verifyAccounts(story.store.read, findings)
      return findings.list.map(({ check, message }) => [check, message.split(' ').at(-1)])
    }
    expect(await found()).toEqual([])
    await drift(1)
    expect(await found()).toEqual([['quota', 'org:640100']])
    await drift(-1)
  })

  it('are refused when they make no sense', async () => {
    const draft = (sub_quotas: object) => {
      const { store, programme, now } = story
      const definition = {
        ...{ name: { zh: '券', en: 'c' }, description: { zh: '券', en: 'c' } },
        ...{ details: { kind: 'coupon', face_value: 1, minimum_spend: 0 }, amount: 1 },
        ...{ validity: { days_after_claim: 1 }, supply: 'batch', sub_quotas },
        criteria: { fact: 'occupation', op: 'eq', value: 'courier' },
      }
      return store.transaction((tx) => createBenefit(tx, programme.id, definition, staff, now))
    }
    for (const wrong of [
      { organisations: [{ org_code: '640100' }] },
      { organisations: [{ org_code: '999999', units: 1 }] },
      { organisations: [organisations[0], organisations[0]] },
      { per_day: -1 },
    ]) {
      await expect(draft(wrong)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    }
    await draft({ per_day: 1 })
  })
})
