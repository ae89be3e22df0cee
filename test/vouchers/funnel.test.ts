import { eq, sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day, hour, minute } from '../../src/base/clock.ts'
import { newId } from '../../src/base/id.ts'
import { monthBefore, monthNamed, unionZone } from '../../src/benefits/criteria/month.ts'
import { dayIn } from '../../src/benefits/criteria/zone.ts'
import { moveOrganisation } from '../../src/identity/organisations.ts'
import { sweepExpired } from '../../src/jobs/expiry.ts'
import { rollUp } from '../../src/jobs/roll-up.ts'
import { confirmStatement } from '../../src/merchants/agree-statement.ts'
import { approveStatement } from '../../src/merchants/approve-statement.ts'
import { closeStatement } from '../../src/merchants/close-statement.ts'
import { markPaid } from '../../src/merchants/settlement.ts'
import type { Tx } from '../../src/store/store.ts'
import { claimOffer, claimStock } from '../../src/vouchers/claim.ts'
import { fromStart, recallChunk } from '../../src/vouchers/close-chunk.ts'
import { measureNames } from '../../src/vouchers/funnel/measures.ts'
import { recordRefused } from '../../src/vouchers/refused.ts'
import { returnVoucher } from '../../src/vouchers/return.ts'
import { voidVoucher } from '../../src/vouchers/void.ts'
import { enrol } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  benefit,
  change,
  issue,
  members,
  reread,
  type Story,
  type StoryMember,
  tellStory,
  tick,
} from '../support/story.ts'
import { spend, undo } from './support.ts'

describe.each(engines)('the funnel on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => story.store.transaction(work)
  const later = (ms: number) => {
    story.now += ms
  }

  async function organisation(code: string, parent: string, path: string): Promise<void> {
    const level = code.length > 6 ? ('grassroots' as const) : ('county' as const)
    const row = { code, parentCode: parent, level, nameZh: code, path }
    await does(async (tx) => {
      await tx
        .insert(tx.tables.organisations)
        .values({ ...row, region: 640100, createdAt: story.now })
    })
  }

  /** Two instances at once, until neither finds more. */
  async function count(): Promise<void> {
    await tick(story)
    const given = { store: story.store, clock: () => story.now }
    for (let more = true; more; ) {
      const both = await Promise.all([rollUp(given), rollUp(given)])
      more = both.some(Boolean)
    }
  }

  /** Every kind of event, in two organisations of a county, over several days. */
  async function everything(): Promise<StoryMember[]> {
    await organisation('6401001', '640100', '000000/640000/640100/6401001/')
    await organisation('6401002', '640100', '000000/640000/640100/6401002/')
    const people = await members(story, 9)
    for (const [i, one] of people.entries()) {
      await change(story, one, { orgCode: i % 3 === 0 ? '6401001' : '6401002' })
    }
    const { node } = story
    const thrice = await benefit(story, { uses: 3, throttle_seconds: 60 })
    const given = await issue(story, thrice, people)
    const more = await issue(story, await benefit(story), people.slice(0, 4), 'offer')
    const stock = await benefit(story, { supply: 'stock', stock: 5 })
    const claimed = await does((tx) =>
      claimStock(tx, node, { benefit: stock, to: people[1]!, now: story.now }),
    )
    const holder = (i: number) => {
      const { memberId, bucket } = people[i]!
      return { memberId, bucket, voucherId: more[i]!.id, now: story.now }
    }
    await does((tx) => claimOffer(tx, node, holder(0)))
    later(day)
    await does((tx) => claimOffer(tx, node, holder(1)))
    await does((tx) => returnVoucher(tx, node, holder(1)))
    const device = await enrol(story, people[0]!)
    const { redemption } = await spend(story, { device, voucher: given[0]! })
    await undo(story, redemption)
    later(hour)
    await spend(story, { device, voucher: await reread(story, given[0]!) })
    const other = await enrol(story, people[1]!)
    await spend(story, { device: other, voucher: claimed })
    const asked = { bucket: given[2]!.bucket, voucherId: given[2]!.id, staff: 'p1' }
    const reason = 'issued_in_error' as const
    await does((tx) => voidVoucher(tx, node, { ...asked, reason, now: story.now }))
    const recalled = { batchId: more[0]!.batchId!, benefit: await versionOf(more[0]!) }
    await does((tx) => recallChunk(tx, node, { ...recalled, after: fromStart, now: story.now }))
    return people
  }

  async function versionOf({ benefitId }: { benefitId: string }) {
    const { benefitVersion } = await import('../../src/benefits/versions.ts')
    return (await benefitVersion(story.store.read, benefitId, 1))!
  }

  async function settle(): Promise<void> {
    await tick(story)
    story.now = monthNamed(dayIn(unionZone, story.now).slice(0, 7)).to + 2 * hour
    const { merchantId } = story.counter
    const closing = { merchantId, month: monthBefore(story.now), by: null, now: story.now }
    const statement = (await does((tx) => closeStatement(tx, story.node, closing)))!
    const manager = { merchantId, cashierId: 'cashier-m' }
    await does((tx) => confirmStatement(tx, statement.id, manager, story.now))
    const agreed = { ...statement, state: 'confirmed' as const }
    const word = { principalId: 'p-a', digest: statement.digest!, now: story.now }
    let approved = agreed as typeof statement
    for (const personId of ['a', 'b']) {
      const before = approved
      if (before.state === 'approved') break
      approved = await does((tx) => approveStatement(tx, before, { ...word, personId }))
    }
    const payment = { personId: 'payer', bankReference: 'ICBC-1', now: story.now }
    await does((tx) => markPaid(tx, story.node, approved, payment))
  }

  const expire = () => {
    const { store, node } = story
    return sweepExpired({ store, node, clock: () => story.now })
  }

  /** What the roll-up says, as `day|benefit|org|measure` to a figure; '' for any day. */
  async function counted(dated: readonly string[]): Promise<Map<string, number>> {
    const { funnelDays } = story.store.read.tables
    const figures = new Map<string, number>()
    for (const row of await story.store.read.select().from(funnelDays)) {
      for (const name of measureNames) {
        const when = dated.includes(name) ? row.day : ''
        addTo(figures, `${when}|${row.benefitId}|${row.orgCode}|${name}`, row[name])
      }
    }
    return figures
  }

  /** The same by plain SQL over what was counted. */
  async function recounted(): Promise<Map<string, number>> {
    const figures = new Map<string, number>()
    const add = async (name: string, query: ReturnType<typeof sql>) => {
      type Found = { at: number | null; benefit: string; org: string; n: number }
      for (const { at, benefit: id, org, n } of await story.store.read.rows<Found>(query)) {
        const when = at === null ? '' : dayIn(unionZone, Number(at))
        addTo(figures, `${when}|${id}|${org}|${name}`, Number(n))
      }
    }
    const of = (at: string, n: string, from: string, where: string) =>
      sql.raw(`select ${at} as "at", x.benefit_id as "benefit", m.org_code as "org",
        sum(${n}) as "n" from ${from} x join members m on m.id = x.member_id
        where ${where} group by 1, 2, 3`)
    await add('issued', of('issued_at', '1', 'vouchers', 'true'))
    await add('claimed', of('claimed_at', '1', 'vouchers', 'claimed_at is not null'))
    for (const [name, n] of [
      ['', '1'],
      ['Amount', 'x.amount'],
    ]) {
      await add(`redeemed${name}`, of('redeemed_at', n!, 'redemptions', 'true'))
      const undone = "x.state = 'reversed'"
      await add(`reversed${name}`, of('reversed_at', n!, 'redemptions', undone))
      const paid = "x.state = 'committed' and s.state = 'paid'"
      const lines = 'redemptions x join statements s on s.id = x.statement_id'
      await add(
        `settled${name}`,
        sql.raw(`select s.paid_at as "at", x.benefit_id as "benefit", m.org_code as "org",
          sum(${n}) as "n" from ${lines} join members m on m.id = x.member_id
          where ${paid} group by 1, 2, 3`),
      )
    }
    const states = [
      ['returned', 'returned'],
      ['voided', 'void'],
      ['expired', 'expired'],
    ]
    for (const [name, state] of states) {
      await add(name!, of('cast(null as bigint)', '1', 'vouchers', `x.state = '${state}'`))
    }
    return figures
  }

  const dated = ['issued', 'claimed', 'redeemed', 'reversed', 'settled'].flatMap((name) => [
    name,
    `${name}Amount`,
  ])

  async function expectRecount(): Promise<void> {
    expect(sorted(await counted(dated))).toEqual(sorted(await recounted()))
  }

  async function sumsBelow(path: string) {
    const { read } = story.store
    const measures = ['issued', 'claimed', 'redeemed', 'expired', 'settled_amount']
    const sums = measures.map((name) => `coalesce(sum(f.${name}), 0) as "${name}"`).join(', ')
    const of = async (query: string) =>
      Object.fromEntries(
        Object.entries((await read.rows<object>(sql.raw(query)))[0]!).map(([k, v]) => [k, +v]),
      )
    const code = path.split('/').at(-2)
    return {
      sums: await of(`select ${sums} from funnel_sums f where f.org_code = '${code}'`),
      totals: await of(`select ${sums} from funnel_totals f where f.org_code = '${code}'`),
      parts: await of(`select ${sums} from funnel_days f
        join organisations o on o.code = f.org_code
        where o.path >= '${path}' and o.path < '${path.slice(0, -1)}0'`),
    }
  }

  it('equals a recount of vouchers and redemptions, to the unit, however many count', async () => {
    await everything()
    await count()
    await expectRecount()
    await settle()
    later(40 * day)
    await expire()
    await count()
    await expectRecount()
    const figures = await counted([])
    for (const name of measureNames) {
      const all = [...figures].filter(([key]) => key.endsWith(`|${name}`))
      expect(
        all.reduce((sum, [, n]) => sum + n, 0),
        name,
      ).toBeGreaterThan(0)
    }
    await audit(story)
  })

  it('counts an expired voucher once that is alive again by the time it is counted', async () => {
    const version = await benefit(story, { uses: 3, throttle_seconds: 60 })
    const [member] = await members(story, 1)
    const [voucher] = await issue(story, version, [member!])
    const device = await enrol(story, member!)
    const { validTo } = await reread(story, voucher!)
    story.now = validTo - minute
    const { redemption } = await spend(story, { device, voucher: voucher! })
    later(2 * minute)
    await expire()
    await undo(story, redemption)
    await count()
    const figures = await counted([])
    expect(figures.get(`|${version.benefitId}|640100|expired`)).toBe(1)
    expect(figures.get(`|${version.benefitId}|640100|reversed`)).toBe(1)
  })

  it('sums a subtree to its parts, before and after a move in the tree', async () => {
    await organisation('640200', '640000', '000000/640000/640200/')
    await does(async (tx) => {
      const { organisations: o } = tx.tables
      await tx.update(o).set({ level: 'national' }).where(eq(o.code, '000000'))
    })
    await everything()
    await count()
    const trees = ['000000/', '000000/640000/', '000000/640000/640100/', '000000/640000/640200/']
    for (const path of trees) {
      const { sums, totals, parts } = await sumsBelow(path)
      expect(sums, path).toEqual(parts)
      expect(totals, path).toEqual(parts)
    }
    const { sums: county } = await sumsBelow('000000/640000/640100/')
    expect(county.issued).toBe(14)
    await does((tx) => moveOrganisation(tx, '6401002', '640200'))
    later(40 * day)
    await expire()
    await count()
    for (const path of trees) {
      const { sums, totals, parts } = await sumsBelow(path)
      expect(sums, path).toEqual(parts)
      expect(totals, path).toEqual(parts)
    }
    expect((await sumsBelow('000000/640000/640200/')).sums.issued).toBeGreaterThan(0)
  })

  it('has of each programme, account and day what its postings sum to', async () => {
    await everything()
    await settle()
    await count()
    const { budgetDays } = story.store.read.tables
    const rows = await story.store.read.select().from(budgetDays)
    const ours = new Map(rows.map((r) => [`${r.programmeId} ${r.day} ${r.account}`, r.amount]))
    const theirs = new Map<string, number>()
    type Posted = { id: string; at: number; account: string; amount: number }
    const posted = await story.store.read.rows<Posted>(sql`
      select p.programme_id as "id", e.at as "at", p.account as "account", p.amount as "amount"
      from postings p join journal_entries e on e.bucket = p.bucket and e.id = p.entry_id`)
    for (const { id, at, account, amount } of posted) {
      addTo(theirs, `${id} ${dayIn(unionZone, Number(at))} ${account}`, Number(amount))
    }
    expect(sorted(ours)).toEqual(sorted(theirs))
  })

  it('counts refusals by day, store and code, once they can have no late neighbour', async () => {
    const refused = (code: 'VOUCHER_EXPIRED' | 'ALREADY_REDEEMED') =>
      does((tx) => {
        const { terminalId, storeId } = story.counter
        const given = { id: newId(story.now), terminalId, storeId, voucherId: undefined }
        return recordRefused(tx, { ...given, code, now: story.now })
      })
    for (const code of ['VOUCHER_EXPIRED', 'ALREADY_REDEEMED', 'VOUCHER_EXPIRED'] as const) {
      await refused(code)
    }
    await count()
    const { refusalDays } = story.store.read.tables
    expect(await story.store.read.select().from(refusalDays)).toEqual([])
    later(2 * minute)
    await count()
    await count()
    const rows = await story.store.read.select().from(refusalDays)
    expect(rows.map(({ code, count: n }) => [code, n]).sort()).toEqual([
      ['ALREADY_REDEEMED', 1],
      ['VOUCHER_EXPIRED', 2],
    ])
  })
})

function addTo(figures: Map<string, number>, key: string, more: number): void {
  figures.set(key, (figures.get(key) ?? 0) + more)
}

function sorted(figures: ReadonlyMap<string, number>): [string, number][] {
  return [...figures].filter(([, n]) => n !== 0).sort(([a], [b]) => (a < b ? -1 : 1))
}
