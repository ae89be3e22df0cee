import { sql } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day, hour } from '../../src/base/clock.ts'
import { monthBefore, monthNamed, unionZone } from '../../src/benefits/criteria/month.ts'
import { dayIn } from '../../src/benefits/criteria/zone.ts'
import { returnAvailable, takeAvailable } from '../../src/benefits/programmes.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { adjust } from '../../src/merchants/adjust.ts'
import {
  answerDispute,
  confirmSilent,
  confirmStatement,
  disputeStatement,
  silenceMs,
} from '../../src/merchants/agree-statement.ts'
import { approveStatement } from '../../src/merchants/approve-statement.ts'
import { closeStatement } from '../../src/merchants/close-statement.ts'
import { markPaid } from '../../src/merchants/settlement.ts'
import { linesOf } from '../../src/merchants/statement-lines.ts'
import type { Statement } from '../../src/merchants/statements.ts'
import type { Tx } from '../../src/store/store.ts'
import type { Redemption } from '../../src/vouchers/redeem.ts'
import { tamper } from '../ledger/tampering.ts'
import { enrol } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import { audit, benefit, issue, members, type Story, tellStory, tick } from '../support/story.ts'
import { spend, undo } from '../vouchers/support.ts'

describe.each(engines)('a statement on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  const does = <T>(work: (tx: Tx) => Promise<T>) => story.store.transaction(work)
  const month = () => monthBefore(story.now)
  const nextMonth = () => {
    story.now = monthNamed(dayIn(unionZone, story.now).slice(0, 7)).to + 2 * hour
  }
  const close = (by: string | null = null) => {
    const { merchantId } = story.counter
    const closing = { merchantId, month: month(), by, now: story.now }
    return does((tx) => closeStatement(tx, story.node, closing))
  }
  const manager = () => ({ merchantId: story.counter.merchantId, cashierId: 'cashier-m' })
  const confirm = ({ id }: Statement) =>
    does((tx) => confirmStatement(tx, id, manager(), story.now))
  const approve = (statement: Statement, personId: string) => {
    const { digest } = statement
    const word = { personId, principalId: `p-${personId}`, digest: digest!, now: story.now }
    return does((tx) => approveStatement(tx, statement, word))
  }
  const pay = (statement: Statement) => {
    const payment = { personId: 'payer', bankReference: 'ICBC-202611-1', now: story.now }
    return does((tx) => markPaid(tx, story.node, statement, payment))
  }
  const adjusting = (statement: Statement, amount: number) =>
    does(async (tx) => {
      const { programme, node, now } = story
      if (amount > 0) await takeAvailable(tx, programme.id, amount)
      else await returnAvailable(tx, programme.id, -amount)
      const given = { programme, amount, reason: 'dispute_upheld' as const, personId: 'a', now }
      return adjust(tx, node, statement, given)
    })

  /** So many redemptions of CNY 10 each. */
  async function spent(count: number): Promise<Redemption[]> {
    const version = await benefit(story)
    const people = await members(story, count)
    const vouchers = await issue(story, version, people)
    const made = []
    for (const [i, voucher] of vouchers.entries()) {
      const device = await enrol(story, people[i]!)
      made.push((await spend(story, { device, voucher })).redemption)
    }
    return made
  }
  const equations = async () => {
    const { equations: all } = await reconcile(story.store.read, story.now)
    return all.filter(({ good }) => !good).map(({ name, difference }) => [name, difference])
  }
  const linesIn = ({ id: statementId }: Statement) =>
    linesOf(story.store.read, { statementId, after: 0, limit: 100 })

  it('states each redemption and each undoing of the month, and the books agree', async () => {
    const made = await spent(3)
    await undo(story, made[1]!)
    nextMonth()
    await tick(story)
    const statement = (await close())!
    expect(statement).toMatchObject({
      ...{ month: month().name, state: 'issued', lines: 4 },
      ...{ redeemed: 3000, reversed: 1000, adjusted: 0, total: 2000 },
    })
    const kinds = (await linesIn(statement)).map(({ kind, amount }) => [kind, amount])
    expect(kinds.sort()).toEqual([
      ['redemption', 1000],
      ['redemption', 1000],
      ['redemption', 1000],
      ['reversal', -1000],
    ])
    expect(await equations()).toEqual([])
    await audit(story)
  })

  it('is one for a month, however often and however many at once close it', async () => {
    await spent(2)
    nextMonth()
    await tick(story)
    const all = await Promise.all(Array.from({ length: 6 }, () => close()))
    expect(all.filter((one) => one !== undefined)).toHaveLength(1)
    expect(await close()).toBeUndefined()
    const { statements, statementLines } = story.store.read.tables
    expect(await story.store.read.$count(statements)).toBe(1)
    expect(await story.store.read.$count(statementLines)).toBe(2)
    expect(await equations()).toEqual([])
    await audit(story)
  })

  it('is refused for a month that is not over, and none is made of nothing', async () => {
    await spent(1)
    const { merchantId } = story.counter
    const { node, now } = story
    const running = monthNamed(dayIn(unionZone, now).slice(0, 7))
    await expect(
      does((tx) => closeStatement(tx, node, { merchantId, month: running, by: null, now })),
    ).rejects.toMatchObject({ code: 'VALIDATION_FAILED' })
    expect(await close()).toBeUndefined()
  })

  it('lets nothing that it states be undone, REVERSAL_SETTLED, nor both happen at once', async () => {
    const made = await spent(2)
    nextMonth()
    await tick(story)
    const both = await Promise.allSettled([
      undo(story, made[0]!, { staff: 'principal-staff' }),
      close(),
    ])
    if (both[0]!.status === 'rejected') {
      expect(both[0].reason).toMatchObject({ code: 'REVERSAL_SETTLED' })
    }
    await expect(undo(story, made[1]!, { staff: 'principal-staff' })).rejects.toMatchObject({
      code: 'REVERSAL_SETTLED',
    })
    await tick(story)
    expect(await equations()).toEqual([])
    await audit(story)
  })

  it('goes by confirmation and two approvals to one payment, and the money is where it was paid', async () => {
    await spent(2)
    nextMonth()
    await tick(story)
    const statement = (await close('closer'))!
    await expect(approve(statement, 'one')).rejects.toMatchObject({ code: 'STATEMENT_STATE' })
    await confirm(statement)
    await expect(confirm(statement)).rejects.toMatchObject({ code: 'STATEMENT_STATE' })
    expect(await approve(statement, 'closer')).toMatchObject({ state: 'confirmed', approvals: 1 })
    await expect(approve(statement, 'closer')).rejects.toMatchObject({ code: 'ALREADY_EXISTS' })
    await expect(pay(statement)).rejects.toMatchObject({ code: 'STATEMENT_STATE' })
    expect(await approve(statement, 'two')).toMatchObject({ state: 'approved', approvals: 2 })
    const twice = await Promise.allSettled([pay(statement), pay(statement)])
    expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await tick(story)
    expect(await equations()).toEqual([])
    const sums = await story.store.read.rows<{ account: string; fen: number }>(sql`
      select account as account, cast(sum(amount) as bigint) as fen from postings
      group by account having sum(amount) <> 0 order by account`)
    expect(Object.fromEntries(sums.map(({ account, fen }) => [account, fen]))).toEqual({
      budget_available: -998_000,
      fund_bank: 998_000,
    })
    await audit(story)
  })

  it('is approved by nobody who closed it, from CNY 10 000', async () => {
    const version = await benefit(story, {
      amount: 500_000,
      details: { kind: 'coupon', face_value: 500_000, minimum_spend: 0 },
    })
    const people = await members(story, 2)
    for (const [i, voucher] of (await issue(story, version, people)).entries()) {
      await spend(story, { device: await enrol(story, people[i]!), voucher })
    }
    nextMonth()
    await tick(story)
    const statement = (await close('closer'))!
    await confirm(statement)
    await expect(approve(statement, 'closer')).rejects.toMatchObject({ code: 'SELF_APPROVAL' })
    const all = await Promise.allSettled(
      ['one', 'two', 'three'].map((person) => approve(statement, person)),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  })

  it('states a correction in the next statement, and what does not fit waits', async () => {
    await spent(1)
    nextMonth()
    await tick(story)
    const first = (await close())!
    const { digest } = first
    const reason = { reason: 'missing_redemption', text: undefined } as const
    await does((tx) => disputeStatement(tx, first.id, manager(), { ...reason, now: story.now }))
    await expect(approve(first, 'one')).rejects.toMatchObject({ code: 'STATEMENT_STATE' })
    await adjusting(first, 700)
    await adjusting(first, -200)
    await adjusting(first, -9_999)
    await does((tx) => answerDispute(tx, first, { answer: '已补', personId: 'b', now: story.now }))
    await expect(approve(first, 'b')).rejects.toMatchObject({ code: 'SELF_APPROVAL' })
    await approve(first, 'one')
    const approved = await approve(first, 'two')
    expect(approved.digest).toEqual(digest)
    await pay(first)
    nextMonth()
    await tick(story)
    const second = (await close())!
    expect(second).toMatchObject({ lines: 2, redeemed: 0, adjusted: 500, total: 500 })
    await confirm(second)
    await expect(approve(second, 'a')).rejects.toMatchObject({ code: 'SELF_APPROVAL' })
    await approve(second, 'one')
    await approve(second, 'two')
    await pay(second)
    nextMonth()
    expect(await close()).toBeUndefined()
    await tick(story)
    expect(await equations()).toEqual([])
    await audit(story)
  })

  it('is confirmed by ten days of silence', async () => {
    await spent(1)
    nextMonth()
    await tick(story)
    await close()
    const { now } = story
    expect(await does((tx) => confirmSilent(tx, now + silenceMs))).toBe(0)
    expect(await does((tx) => confirmSilent(tx, now + silenceMs + day))).toBe(1)
    expect(await does((tx) => confirmSilent(tx, now + silenceMs + day))).toBe(0)
  })

  it('leaves what the log does not have for the next one', async () => {
    const [made] = await spent(1)
    nextMonth()
    const { pendingLeaves } = story.store.read.tables
    if (engine === 'sqlite') return
    expect(await story.store.read.$count(pendingLeaves)).toBeGreaterThan(0)
    expect(await close()).toBeUndefined()
    await tick(story)
    const statement = (await close())!
    expect((await linesIn(statement)).map(({ subjectId }) => subjectId)).toEqual([made!.id])
  })

  it('cannot be changed, and reconciliation and audit see it when a line was', async () => {
    await spent(2)
    nextMonth()
    await tick(story)
    const { id } = (await close())!
    const raise = (tx: Tx) =>
      tx.rows(sql`update statement_lines set amount = amount + 100
        where statement_id = ${id} and line = 1 returning 1`)
    await expect(does(raise)).rejects.toThrow(/append-only/)
    await expect(
      does((tx) => tx.rows(sql`update statements set total = 1 where id = ${id} returning 1`)),
    ).rejects.toThrow(/append-only/)
    const { location } = story
    const url = location.engine === 'sqlite' ? `sqlite:${location.path}` : location.url
    await tamper(url, 'statement_lines', 'amount', 'amount + 100', 'line = 1')
    expect(await equations()).toEqual([
      ['statement_lines', 100],
      ['statement_total', -100],
    ])
    await tick(story)
    await expect(audit(story)).rejects.toThrow(/statement/)
  })
})
