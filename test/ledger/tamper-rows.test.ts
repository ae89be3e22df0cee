import { beforeAll, describe, expect, it } from 'vitest'

import { day, hour } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { monthBefore, monthNamed, unionZone } from '../../src/benefits/criteria/month.ts'
import { dayIn } from '../../src/benefits/criteria/zone.ts'
import { takeAvailable } from '../../src/benefits/programmes.ts'
import { cosign } from '../../src/formats/tlog/cosignature.ts'
import { formatSignature, parseNote } from '../../src/formats/tlog/note.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { endDay } from '../../src/jobs/end-day.ts'
import { keepCosignature, keepWitnessed, withCosignatures } from '../../src/ledger/cosigned.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { logState } from '../../src/ledger/log-state.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { adjust } from '../../src/merchants/adjust.ts'
import { confirmStatement } from '../../src/merchants/agree-statement.ts'
import { approveStatement } from '../../src/merchants/approve-statement.ts'
import { closeStatement } from '../../src/merchants/close-statement.ts'
import { markPaid } from '../../src/merchants/settlement.ts'
import { locate } from '../../src/store/open.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import type { Tx } from '../../src/store/store.ts'
import { enrol } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import { benefit, issue, members, type Story, tellStory, tick } from '../support/story.ts'
import { spend, undo } from '../vouchers/support.ts'
import { columnsOf, meaningless, tables } from './columns.ts'
import { copyOf, tamper } from './tampering.ts'

describe.each(engines)('what stands beside the log on %s', (engine) => {
  let story: Story
  let policy: ReturnType<typeof parsePolicy>

  beforeAll(async () => {
    story = await tellStory(engine)
    await settleMonth(story)
    const { store, node, logKey } = story
    await endDay({ store, node, clock: () => story.now, logs: story.logs })
    await tick(story)
    await witnessed(story)
    const { witness } = story.keyring
    policy = parsePolicy(
      sha256,
      Buffer.from(`log ${logKey.vkey}\nwitness own ${witness!.vkey}\nquorum none\n`),
    )
    await store.close()
  })

  const look = (url: string) =>
    readSnapshot(locate(url, ''), async (reader) => {
      const source = databaseSource(reader, story.logKey.name)
      const { findings } = await verifyLog(source, policy, { database: reader })
      const { equations } = await reconcile(reader, story.now)
      const red = equations.filter(({ good }) => !good).map(({ name }) => name)
      return [...findings.map(({ check }) => check), ...red]
    })

  it('is good untouched', async () => {
    expect(await look(await copyOf(story.location))).toEqual([])
  })

  const all = tables.flatMap((table) => columnsOf(table))
  const meant = all.filter(({ name }) => !(name in meaningless))

  it('is listed, column by column, and nothing that is not there', () => {
    const names = all.map(({ name }) => name)
    expect(Object.keys(meaningless).filter((name) => !names.includes(name))).toEqual([])
  })

  it.each(meant)('is noticed when $name becomes $to', async ({ table, column, to }) => {
    const url = await copyOf(story.location)
    await tamper(url, table, column, to, '1 = 1')
    expect(await look(url)).not.toEqual([])
  })
})

/** Three redemptions, one undone; the month closed, agreed on, approved and paid; a correction. */
async function settleMonth(story: Story): Promise<void> {
  const version = await benefit(story)
  const people = await members(story, 3)
  const vouchers = await issue(story, version, people)
  const made = []
  for (const [i, voucher] of vouchers.entries()) {
    const device = await enrol(story, people[i]!)
    made.push((await spend(story, { device, voucher })).redemption)
  }
  await undo(story, made[1]!)
  await tick(story)
  const { store, node, programme, counter } = story
  const { merchantId } = counter
  const does = <T>(work: (tx: Tx) => Promise<T>) => store.transaction(work)
  const close = () => {
    story.now = monthNamed(dayIn(unionZone, story.now).slice(0, 7)).to + 2 * hour
    const closing = { merchantId, month: monthBefore(story.now), by: null, now: story.now }
    return does((tx) => closeStatement(tx, node, closing))
  }
  const statement = (await close())!
  const by = { merchantId, cashierId: 'cashier-m' }
  const agreed = await does((tx) => confirmStatement(tx, statement.id, by, story.now))
  let latest = agreed
  for (const personId of ['one', 'two']) {
    const word = { personId, principalId: personId, digest: statement.digest!, now: story.now }
    latest = (await does((tx) => approveStatement(tx, latest, word))) ?? latest
  }
  const payment = { personId: 'payer', bankReference: 'ICBC-1', now: story.now }
  await does((tx) => markPaid(tx, node, latest, payment))
  await does(async (tx) => {
    await takeAvailable(tx, programme.id, 100)
    const given = { reason: 'dispute_upheld' as const, personId: 'a', now: story.now }
    return adjust(tx, node, statement, { programme, amount: 100, ...given })
  })
  await tick(story)
  await close()
  await tick(story)
  story.now += day
}

/** The newest checkpoint, cosigned and archived. */
async function witnessed(story: Story): Promise<void> {
  const { store, logKey, keyring, now } = story
  const { size, checkpoint } = (await logState(store.read, logKey.name))!
  const { text } = parseNote(Buffer.from(checkpoint))
  const timeSeconds = Math.floor(now / 1000)
  const witness = keyring.witness!
  const line = formatSignature(cosign(witness, timeSeconds, text))
  const made = { log: logKey.name, size, timeSeconds, checkpoint, line }
  await store.transaction(async (tx) => {
    await keepCosignature(tx, { ...made, witness: `${witness.name}+${witness.keyId}` }, now)
    const whole = withCosignatures(checkpoint, [{ line }])
    await keepWitnessed(tx, logKey.name, { size, checkpoint: whole }, now)
  })
}
