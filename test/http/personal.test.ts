import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { claim, counties, importRoster, roster } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

describe.each(engines)('names and numbers of members, on %s', (engine) => {
  let ground: Ground
  const asked: string[] = []
  const problems: string[] = []
  const plain = globalThis.fetch

  beforeAll(async () => {
    globalThis.fetch = async (input, init) => {
      asked.push(String(input))
      const answer = await plain(input, init)
      const type = answer.headers.get('content-type') ?? ''
      if (type.startsWith('application/problem+json')) problems.push(await answer.clone().text())
      return answer
    }
    ground = await openGround(engine)
    await useEverything(ground)
  })
  afterAll(async () => {
    globalThis.fetch = plain
    await ground.server.close()
  })

  const secrets = () =>
    ground.people.flatMap(({ name, idNumber, mobile }) => [name, idNumber, mobile])
  const expectNone = (texts: readonly string[]) => {
    expect(texts.length).toBeGreaterThan(4)
    for (const text of texts) for (const secret of secrets()) expect(text).not.toContain(secret)
  }

  it('are in no line of the log', () => expectNone(ground.server.lines))

  it('are in no refusal', () => expectNone(problems))

  it('are in no address that was asked for', () => expectNone(asked.map(decodeURIComponent)))

  it('are in no leaf of the journal', async () => {
    const { store } = ground.server.deployment
    const leaves = await store.read.select().from(store.read.tables.journalEntries)
    expectNone(leaves.map(({ leaf }) => Buffer.from(leaf).toString('latin1')))
    expectNone(leaves.map(({ leaf }) => Buffer.from(leaf).toString()))
  })

  it('are not in the clear in what is stored to answer again', async () => {
    const { store } = ground.server.deployment
    const rows = await store.read.select().from(store.read.tables.idempotency)
    expectNone(rows.map((row) => JSON.stringify(row)))
  })
})

/** Every way of naming a member, right and wrong, and what a member and a cashier then do. */
async function useEverything({ server, maker, people, member, till, benefitId }: Ground) {
  const faulty = roster(counties[0], 6).csv.toString().replaceAll('courier', '???')
  await importRoster(server, maker, { org: counties[0], file: Buffer.from(faulty) })
  for (const { name, idNumber, mobile, memberNo } of people) {
    const ways = [
      { mobile },
      { mobile: `${mobile}0` },
      { id_type: 'resident_id', id_number: idNumber },
      { id_type: 'passport', id_number: idNumber },
      { id_type: name, id_number: idNumber },
      { member_no: memberNo },
      { member_no: name },
      { [name]: idNumber },
    ]
    for (const way of ways) await maker.ask('POST', '/admin/members/search', way)
    await maker.ask('POST', '/admin/lists', { name, org_code: idNumber })
    await member.ask('POST', `/me/vouchers/${'0'.repeat(32)}/numeric-code`, { code: mobile })
    await till.ask('POST', '/redemptions', { code: idNumber, collector: name })
    await till.ask('POST', '/redemptions', { digits: `${mobile}0`, policy_number: idNumber })
  }
  const id = await claim(member, benefitId)
  const shown = { code: member.code(id) }
  const made = await must(till.ask('POST', '/redemptions', shown), 201)
  await till.ask('POST', '/redemptions', { code: member.code(id, 1) })
  const undo = { reason: people[0]!.name }
  await till.ask('POST', `/redemptions/${made.redemption_id}/reverse`, undo)
  await maker.ask('POST', `/admin/members/${member.memberId}/standing`, { change: 'suspend' })
  await till.ask('POST', '/redemptions', { code: member.code(id, -1) })
}
