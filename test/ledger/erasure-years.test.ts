import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { minute } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { run as runLedger } from '../../src/cli/ledger.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../src/formats/tlog/receipt.ts'
import { nextKey, rollTo } from '../../src/jobs/roll-log.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import { eraseMember } from '../../src/vouchers/erase-member.ts'
import type { Voucher } from '../../src/vouchers/states.ts'
import { enrol, type HeldDevice } from '../support/device.ts'
import { openingTo } from '../support/disclosures.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  benefit,
  issue,
  members,
  type Story,
  type StoryMember,
  tellStory,
  tick,
} from '../support/story.ts'
import { spend, undo } from '../vouchers/support.ts'

const years = ['log.nx.test/2026', 'log.nx.test/2027']

describe.each(engines)('a member with vouchers in two years’ logs, on %s', (engine) => {
  let story: Story
  let person: StoryMember
  let neighbour: StoryMember
  /** What opened to either before, and the receipts of then, by the entry. */
  let before: { person: string[]; neighbour: string[] }
  const kept = new Map<string, Uint8Array>()

  const opening = ({ memberId }: StoryMember) => openingTo(story.store.read, story.node, memberId)
  const entries = async () => {
    const { logLeaves: l } = story.store.read.tables
    return story.store.read.select({ id: l.entryId, log: l.log }).from(l)
  }
  const logsOf = async (ids: readonly string[]) => {
    const all = await entries()
    return [...new Set(all.filter(({ id }) => ids.includes(id)).map(({ log }) => log))].sort()
  }
  const policy = () => {
    const lines = story.logs.vkeys.map((vkey) => `log ${vkey}\n`)
    return `${lines.join('')}quorum none\n`
  }
  const proven = async (receipt: Uint8Array) => {
    const trusted = parsePolicy(sha256, Buffer.from(policy()))
    const made = await verifyReceipt(sha256, verifyEd25519, trusted, parseReceipt(receipt))
    return made.checkpoint.origin
  }
  const ledger = async (...args: string[]) => {
    let err = ''
    const io = { stdout: { write: () => true }, stderr: { write: (text: string) => (err += text) } }
    const code = await runLedger([...args, '--db', story.env.DATABASE_URL!], io)
    expect(err).toBe('')
    return code
  }

  /** One voucher used in the old year, one undone in the new, one used in both; the rest of it. */
  async function live(device: HeldDevice, [old, undone, twice]: readonly Voucher[]) {
    const use = (voucher: Voucher | undefined) => spend(story, { device, voucher: voucher! })
    await use(old)
    const { redemption } = await use(undone)
    await use(twice)
    return async () => {
      await undo(story, redemption)
      await use(twice)
    }
  }

  beforeAll(async () => {
    story = await tellStory(engine)
    const versions = []
    for (const uses of [1, 1, 3, 1]) versions.push(await benefit(story, { uses }))
    const people = await members(story, 2)
    ;[person, neighbour] = people as [StoryMember, StoryMember]
    const after: (() => Promise<void>)[] = []
    for (const who of people) {
      const device = await enrol(story, who)
      const vouchers: Voucher[] = []
      for (const version of versions) {
        vouchers.push((await issue(story, version, [who]))[0]!)
      }
      after.push(await live(device, vouchers))
    }
    await tick(story)
    story.now += minute
    const keyFolder = () => keyFolderOf(story.data)
    const rolling = { ...story, clock: () => story.now, keyFolder }
    nextKey(rolling, 2027)
    await rollTo(rolling, 2027)
    story.now += minute
    for (const go of after) await go()
    await tick(story)
    before = { person: await opening(person), neighbour: await opening(neighbour) }
    for (const { id } of await entries()) kept.set(id, (await receiptOf(story.store.read, id))!)
    const erasing = { memberId: person.memberId, reason: 'member_request', actor: 'cli' } as const
    const erased = await story.store.transaction((tx) =>
      eraseMember(tx, story.node, { ...erasing, now: story.now }),
    )
    expect(erased.voided).toBe(2) // the one never used, and the one undone
    await tick(story)
  })
  afterAll(() => story.close())

  it('is forgotten in both: nothing opens, and whoever is beside them stays', async () => {
    expect(await logsOf(before.person)).toEqual(years)
    expect(before.person).toHaveLength(6) // a device and three uses; an undoing and a use
    expect(await opening(person)).toEqual([])
    expect(await opening(neighbour)).toEqual(before.neighbour)
    const { memberKeys: k } = story.store.read.tables
    const keys = await story.store.read.select().from(k).where(eq(k.memberId, person.memberId))
    expect(keys).toEqual([])
  })

  it('leaves every proof of both good: those of before, and made anew', async () => {
    const all = await entries()
    expect(all.length).toBeGreaterThan(kept.size)
    expect(await logsOf([...kept.keys()])).toEqual(years)
    for (const { id, log } of all) {
      expect(await proven((await receiptOf(story.store.read, id))!)).toBe(log)
      const old = kept.get(id)
      if (old) expect(await proven(old)).toBe(log)
    }
  })

  it('leaves the books and both logs whole', async () => {
    await audit(story)
    const file = join(story.data, 'policy.txt')
    writeFileSync(file, policy())
    expect(await ledger('verify', '--policy', file)).toBe(0)
    expect(await ledger('reconcile')).toBe(0)
  })
})
