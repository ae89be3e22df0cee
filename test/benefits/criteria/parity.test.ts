import { sql } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays } from '../../../src/benefits/criteria/civil-date.ts'
import { selectionOf } from '../../../src/benefits/criteria/compile.ts'
import type { Criteria } from '../../../src/benefits/criteria/criteria.ts'
import { evaluate, type Truth } from '../../../src/benefits/criteria/evaluate.ts'
import type { PersonFacts } from '../../../src/benefits/criteria/person-facts.ts'
import { midnightOf } from '../../../src/benefits/criteria/zone.ts'
import { factsIn, loadPerson } from '../../../src/benefits/person.ts'
import type { Store, Tx } from '../../../src/store/store.ts'
import {
  type ArbitraryEvent,
  type ArbitraryMember,
  benefits,
  criteriaArbitrary,
  lists,
  memberArbitrary,
  organisationPaths,
  organisations,
  personOf,
  regions,
  segments,
  todays,
} from '../../support/criteria-arbitraries.ts'
import { engines, freshStore } from '../../support/engines.ts'

const timeZone = 'Asia/Shanghai'
/** The day from which the events of the members are counted back. */
const base = '2025-03-01'
const categoryOf: Record<string, string> = { checkup: 'health', insurance: 'care', package: 'care' }
const random = fc.sample(memberArbitrary, { numRuns: 150, seed: 7 }).map(asTablesHaveIt)
const scopePath = '000000/640000/'

describe.each(engines)('criteria compiled for %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await freshStore(engine)
    await store.transaction(fill)
  })
  afterAll(() => store.close())

  it('select whom the evaluator finds entitled, and fail whom it finds not to be', async () => {
    await fc.assert(
      fc.asyncProperty(criteriaArbitrary(), todays, async (criteria, today) => {
        expect(await selected(criteria, today, '000000/')).toEqual(judged(criteria, today))
      }),
      { numRuns: 600 },
    )
  })

  it('never leave the organisation they are asked for', async () => {
    const inside = (i: number) => random[i]!.orgPath.startsWith(scopePath)
    await fc.assert(
      fc.asyncProperty(criteriaArbitrary({ depth: 3 }), todays, async (criteria, today) => {
        const found = await selected(criteria, today, scopePath)
        const all = judged(criteria, today)
        expect(found).toEqual(all.map((truth, i) => (inside(i) ? truth : 'outside')))
      }),
      { numRuns: 100 },
    )
  })

  it('read of one member what they select by', async () => {
    const some = fc.nat({ max: random.length - 1 })
    await fc.assert(
      fc.asyncProperty(criteriaArbitrary(), todays, some, async (criteria, today, i) => {
        const person = await loadPerson(store.read, `m${i}`, [criteria])
        const facts = factsIn(person!, timeZone)
        expect(evaluate(criteria, facts, today).truth).toBe(judged(criteria, today)[i])
      }),
      { numRuns: 200 },
    )
  })

  async function selected(criteria: Criteria, today: string, orgPath: string) {
    const now = midnightOf(today, timeZone) + 3_600_000
    const { from, inScope, holds, fails } = await selectionOf(store.read, criteria, {
      orgPath,
      timeZone,
      now,
    })
    const flag = (predicate: typeof holds) => sql`case when ${predicate} then 1 else 0 end`
    const rows = await store.read.rows<{ id: string; s: number; t: number; f: number }>(
      sql`select members.id as id, ${flag(inScope)} as s, ${flag(holds)} as t, ${flag(fails)} as f
        from ${from}`,
    )
    const truths: (Truth | 'outside')[] = []
    for (const { id, s, t, f } of rows) {
      expect(t + f).toBeLessThan(2)
      truths[Number(id.slice(1))] = s === 0 ? 'outside' : t ? 'true' : f ? 'false' : 'unknown'
    }
    return truths
  }
})

function judged(criteria: Criteria, today: string): Truth[] {
  return random.map((member) => evaluate(criteria, fixed(member), today).truth)
}

/** Events keep their days, whatever the day of evaluation. */
function fixed(member: ArbitraryMember): PersonFacts {
  return personOf(member, base)
}

/** What a table cannot say is left out: a standing is always known, an event follows its issue. */
function asTablesHaveIt(member: ArbitraryMember): ArbitraryMember {
  const { facts, orgPath, events } = member
  return {
    ...member,
    facts: {
      ...facts,
      standing: facts.standing ?? 'active',
      has_mobile: facts.has_mobile ?? false,
    },
    region: regions[organisationPaths.indexOf(orgPath)],
    events: events.flatMap((one) => {
      const event: ArbitraryEvent = { ...one, category: categoryOf[one.benefit]! }
      return event.event === 'issued' ? [event] : [event, { ...event, event: 'issued' }]
    }),
  }
}

async function fill(tx: Tx): Promise<void> {
  const t = tx.tables
  const paths = new Set(
    organisationPaths.flatMap((path) => {
      const codes = path.split('/').slice(0, -1)
      return codes.map((_, i) => `${codes.slice(0, i + 1).join('/')}/`)
    }),
  )
  for (const path of [...paths].sort()) {
    const codes = path.split('/').slice(0, -1)
    await tx.insert(t.organisations).values({
      code: codes.at(-1)!,
      parentCode: codes.at(-2) ?? null,
      level: 'grassroots',
      nameZh: path,
      path,
      region: regions[organisationPaths.indexOf(path)] ?? 0,
      createdAt: 0,
    })
  }
  expect(organisations.filter((code) => ![...paths].join().includes(`${code}/`))).toEqual(['6401'])
  for (const [id, criteria] of Object.entries(segments)) {
    const row = { id, name: id, orgCode: '000000', createdAt: 0 }
    const old = JSON.stringify({ not: criteria })
    await tx.insert(t.segments).values({ ...row, version: 1, criteria: old })
    await tx.insert(t.segments).values({ ...row, version: 2, criteria: JSON.stringify(criteria) })
  }
  await tx.insert(t.programmes).values({
    ...{ id: 'p', bucket: 0, publicId: 'p', nameZh: 'p', nameEn: 'p', orgCode: '000000' },
    ...{ periodFrom: 0, periodTo: 1, timeZone, available: 0, version: 1, createdAt: 0 },
  })
  for (const id of benefits) {
    const kind = categoryOf[id] as never
    const row = { id, programmeId: 'p', kind, version: 1, createdAt: 0 }
    await tx.insert(t.benefits).values({ ...row, state: 'published' })
  }
  for (const [i, member] of random.entries()) await addMember(tx, `m${i}`, i % 3, member)
}

async function addMember(tx: Tx, id: string, bucket: number, member: ArbitraryMember) {
  const t = tx.tables
  const { facts, orgPath, lists: on, events } = member
  await tx.insert(t.persons).values({ id: `person-${id}`, createdAt: 0 })
  const unknown = null
  await tx.insert(t.members).values({
    ...{ id, bucket, personId: `person-${id}`, memberNo: id, name: id },
    ...{ orgCode: orgPath.split('/').at(-2)!, createdAt: 0, updatedAt: 0 },
    standing: facts.standing ?? 'active',
    occupation: facts.occupation ?? unknown,
    joinedOn: facts.joined_on ?? unknown,
    birthDate: facts.birth_date ?? unknown,
    gender: facts.gender ?? unknown,
    hardship: facts.hardship ?? unknown,
    modelWorker: facts.model_worker ?? unknown,
    mobileHash: facts.has_mobile ? new Uint8Array([1]) : unknown,
  })
  expect(lists).toEqual(expect.arrayContaining([...on]))
  await tx.insertMany(
    t.listMembers,
    on.map((listId) => ({ listId, memberId: id })),
  )
  const acts = events.filter((one, n) => one.event !== 'issued' || !follows(events, n))
  for (const [n, event] of acts.entries()) await addVoucher(tx, id, bucket, `${id}-${n}`, event)
}

/** Whether an issue is the one that was added for the event before it. */
function follows(events: readonly ArbitraryEvent[], n: number): boolean {
  const before = events[n - 1]
  return before !== undefined && before.event !== 'issued'
}

async function addVoucher(
  tx: Tx,
  memberId: string,
  bucket: number,
  id: string,
  { event, benefit, daysAgo }: ArbitraryEvent,
) {
  const t = tx.tables
  // the first instant of the day and the last: the edges of a window
  const day = addDays(base, -daysAgo)
  const late = id.length % 2 === 0
  const at = late ? midnightOf(addDays(day, 1), timeZone) - 1 : midnightOf(day, timeZone)
  await tx.insert(t.vouchers).values({
    ...{ bucket, id, programmeId: 'p', benefitId: benefit, benefitVersion: 1, memberId },
    ...{ personId: `person-${memberId}`, seq: 1, origin: 'offer', state: 'active', version: 1 },
    ...{ usesTotal: 1, usesLeft: 1, amount: 1, validFrom: 0, validTo: at + 1, issuedAt: at },
    ...{ claimedAt: event === 'claimed' ? at : null, reversals: 0, lastLeaf: new Uint8Array(32) },
  })
  for (const state of ['committed', 'reversed'] as const) {
    if (event !== 'redeemed') continue
    await tx.insert(t.redemptions).values({
      ...{ bucket, id: `${id}-${state}`, voucherId: id, programmeId: 'p', benefitId: benefit },
      ...{ memberId, merchantId: 'm', storeId: 's', terminalId: 't', shiftId: 's', cashierId: 'c' },
      ...{ uses: 1, amount: 1, state, redeemedAt: at, reversibleUntil: at, entryId: 'e' },
    })
  }
}
