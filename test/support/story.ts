import { eq, sql } from 'drizzle-orm'
import { expect } from 'vitest'

import { day, type Instant } from '../../src/base/clock.ts'
import { bucketOf, newId, newRandomId } from '../../src/base/id.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { createBenefit } from '../../src/benefits/benefits.ts'
import type { Definition } from '../../src/benefits/definition.ts'
import { changeBudget, createProgramme, type Programme } from '../../src/benefits/programmes.ts'
import { publishBenefit } from '../../src/benefits/publish.ts'
import type { Actor } from '../../src/benefits/scope.ts'
import { type BenefitVersion, benefitVersion } from '../../src/benefits/versions.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import {
  codeText,
  encodeVoucherCode,
  signedOctets,
  stepAt,
} from '../../src/formats/voucher-code.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { databaseSources } from '../../src/ledger/log-source.ts'
import { verifyLogs } from '../../src/ledger/verify.ts'
import { type AcceptanceRule, setAcceptance } from '../../src/merchants/acceptance.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import type { Tx } from '../../src/store/store.ts'
import { issueChunk } from '../../src/vouchers/issue.ts'
import { type ShownCode, verifyShownCode } from '../../src/vouchers/shown-code.ts'
import type { Voucher } from '../../src/vouchers/states.ts'
import { type Counter, openCounter } from './counter.ts'
import { type Deployment, type Founded, foundedAt, freshDeployment } from './deployment.ts'
import { type HeldDevice, signEs256 } from './device.ts'
import type { Engine } from './engines.ts'

/** A deployment with an organisation tree, a funded programme, and a counter that is open. */
export interface Story extends Deployment {
  readonly programme: Programme
  readonly counter: Counter
  /** What every act takes for the time. */
  now: Instant
}

export interface StoryMember {
  readonly memberId: string
  readonly personId: string
  readonly bucket: number
  readonly memberNo: string
}

export const staff: Actor = {
  principalId: 'principal-staff',
  personId: 'person-staff',
  orgPaths: ['000000/'],
}

/** Benefits of each kind, as changes to a coupon of CNY 10 that batches issue. */
export const kinds = {
  coupon: { details: { kind: 'coupon', face_value: 1000, minimum_spend: 3000 } },
  insurance: { details: { kind: 'insurance', insurer: '平安', cover_days: 365, sum_insured: 1 } },
  package: {
    details: { kind: 'package', contents: ['rice'], pick_up_point: 'x', collector_allowed: true },
  },
  checkup: { details: { kind: 'checkup', items: ['blood'] } },
  thrice: { uses: 3, throttle_seconds: 60 },
  stock: { supply: 'stock', stock: 5 },
} as const

export async function tellStory(
  engine: Engine,
  budget = 1_000_000,
  as: Founded = {},
): Promise<Story> {
  const deployment = await freshDeployment(engine, undefined, undefined, as)
  const { store, node } = deployment
  const now = foundedAt + 12 * 3_600_000
  const programme = await store.transaction(async (tx) => {
    for (const path of ['000000/', '000000/640000/', '000000/640000/640100/']) {
      const codes = path.split('/').slice(0, -1)
      await tx.insert(tx.tables.organisations).values({
        code: codes.at(-1)!,
        parentCode: codes.at(-2) ?? null,
        level: 'county',
        nameZh: path,
        path,
        region: Number(codes.at(-1)),
        createdAt: now,
      })
    }
    const names = { publicId: 'p-1', nameZh: '项目', nameEn: 'programme', orgCode: '640000' }
    const span = { periodFrom: now, periodTo: now + 366 * day, timeZone: 'Asia/Shanghai' }
    const { id: programmeId, version } = await createProgramme(
      tx,
      { ...names, ...span },
      staff,
      now,
    )
    const change = { programmeId, amount: budget, expectedVersion: version }
    return changeBudget(tx, node, change, staff, now)
  })
  const counter = await openCounter(deployment, now)
  const story: Story = { ...deployment, programme, counter, now }
  if (engine === 'sqlite') {
    store.beforeCommit(async (tx) => {
      await integrate(tx, deployment.logs.keyOf, story.now, { shared: false })
    })
  }
  return story
}

/** A published benefit, taken everywhere unless `rules` say otherwise. */
export async function benefit(
  { store, node, programme, now }: Story,
  changes: object = {},
  rules: readonly AcceptanceRule[] = [{ target: 'all', value: '' }],
): Promise<BenefitVersion> {
  const definition = {
    name: { zh: '洗车券', en: 'car wash' },
    description: { zh: '洗一次车', en: 'one car wash' },
    details: { kind: 'coupon', face_value: 1000, minimum_spend: 0 },
    amount: 1000,
    validity: { days_after_claim: 30 },
    supply: 'batch',
    criteria: { fact: 'occupation', op: 'eq', value: 'courier' },
    ...changes,
  } as Partial<Definition>
  const id = await store.transaction(async (tx) => {
    const { benefitId } = await createBenefit(tx, programme.id, definition, staff, now)
    await setAcceptance(tx, benefitId, rules)
    return (await publishBenefit(tx, node, benefitId, staff, now)).id
  })
  return (await benefitVersion(store.read, id, 1))!
}

type MemberRow = Partial<Tx['tables']['members']['$inferInsert']>

/** So many couriers of 640100. */
export async function members(story: Story, count: number): Promise<StoryMember[]> {
  const { store, now } = story
  const persons = Array.from({ length: count }, () => newRandomId())
  await store.transaction(async (tx) => {
    await tx.insertMany(
      tx.tables.persons,
      persons.map((id) => ({ id, createdAt: now })),
    )
  })
  return store.transaction(async (tx) => {
    const rows = persons.map((personId) => memberRow(personId, now))
    await tx.insertMany(tx.tables.members, rows)
    return rows.map(({ id: memberId, personId, bucket, memberNo }) => {
      return { memberId, personId, bucket, memberNo }
    })
  })
}

/** Another account of the same person, who has left the first. */
export async function secondAccount(story: Story, first: StoryMember): Promise<StoryMember> {
  const row = memberRow(first.personId, story.now)
  await change(story, first, { standing: 'left' })
  await story.store.transaction((tx) => tx.insertMany(tx.tables.members, [row]))
  return { ...first, memberId: row.id, memberNo: row.memberNo }
}

export async function change(story: Story, member: StoryMember, facts: MemberRow): Promise<void> {
  const { members: table } = story.store.read.tables
  await story.store.transaction(async (tx) => {
    await tx.update(table).set(facts).where(eq(table.id, member.memberId))
  })
}

function memberRow(personId: string, now: Instant) {
  const id = newId(now)
  return {
    ...{ id, bucket: bucketOf(personId), personId, memberNo: `NX${id}`, name: '王芳' },
    ...{ orgCode: '640100', standing: 'active', occupation: 'courier', gender: 'female' },
    ...{ birthDate: '1980-06-01', joinedOn: '2020-01-01', createdAt: now, updatedAt: now },
  } satisfies MemberRow
}

let batches = 0

/** A voucher for each of `to`, issued as one chunk of a batch of its own. */
export async function issue(
  { store, node, now }: Story,
  given: BenefitVersion,
  to: readonly StoryMember[],
  delivery: 'offer' | 'active' = 'active',
): Promise<Voucher[]> {
  const batchId = `batch-${++batches}`
  const chunk = { batchId, benefit: given, delivery, recipients: to, now }
  await store.transaction((tx) => issueChunk(tx, node, chunk))
  const { vouchers } = store.read.tables
  const rows = await store.read.select().from(vouchers).where(eq(vouchers.batchId, batchId))
  return to.flatMap(({ memberId }) => rows.filter((row) => row.memberId === memberId))
}

/** The text that a device shows for a voucher. */
export function codeFor(
  story: Pick<Story, 'node'>,
  device: HeldDevice,
  voucher: string,
  at: Instant,
): string {
  const code = { node: story.node.number, voucher, keyTag: device.tag, step: stepAt(at) }
  return codeText(encodeVoucherCode(code, signEs256(device, signedOctets(code))))
}

/** The same, scanned and verified. */
export function show(
  story: Story,
  device: HeldDevice,
  voucher: Pick<Voucher, 'id'>,
  at: Instant = story.now,
): Promise<ShownCode> {
  return verifyShownCode(story.store.read, story.node, codeFor(story, device, voucher.id, at))
}

/** A voucher as it stands now. */
export async function reread(story: Story, { id }: Pick<Voucher, 'id'>): Promise<Voucher> {
  const { vouchers } = story.store.read.tables
  const [row] = await story.store.read.select().from(vouchers).where(eq(vouchers.id, id))
  return row!
}

export const requestDigest = sha256('the request’s signature')

/** What a tick does on PostgreSQL, until nothing more gets an index. */
export async function tick({ store, logs, now }: Story): Promise<void> {
  if (store.engine === 'sqlite') return
  const once = () => store.transaction((tx) => integrate(tx, logs.keyOf, now, { shared: true }))
  while ((await once()) > 0);
}

/** The whole audit: the log, every row against it, and the counters that decide. */
export async function audit(story: Story): Promise<void> {
  await tick(story)
  const { logKey, location } = story
  const policy = parsePolicy(sha256, Buffer.from(`log ${logKey.vkey}\nquorum none\n`))
  const report = await readSnapshot(location, async (reader) => {
    return verifyLogs(await databaseSources(reader), policy, { database: reader })
  })
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  await expectBalance(story)
}

/** Postings sum to nothing, budgets to what is available, stock to its claims. */
async function expectBalance({ store }: Story): Promise<void> {
  const one = async (query: ReturnType<typeof sql>) =>
    (await store.read.rows<{ n: number }>(query))[0]?.n
  expect(await one(sql`select cast(coalesce(sum(amount), 0) as bigint) as n from postings`)).toBe(0)
  expect(
    await one(sql`select count(*) as n from programmes g where g.available <> (
      select coalesce(-sum(p.amount), 0) from postings p
      where p.programme_id = g.id and p.account = 'budget_available')`),
  ).toBe(0)
  expect(
    await one(sql`select count(*) as n from vouchers v where v.state in ('offered', 'active', 'used')
      and not exists (select 1 from claims c where c.bucket = v.bucket
        and c.person_id = v.person_id and c.voucher_id = v.id)`),
  ).toBe(0)
  expect(
    await one(sql`select count(*) as n from quotas q where q.used > q.total or q.used <>
      case when q.scope = 'total'
        then (select count(*) from claims c where c.benefit_id = q.benefit_id)
        else (select count(*) from quota_units u
          where u.benefit_id = q.benefit_id and u.scope = q.scope) end`),
  ).toBe(0)
  expect(
    await one(sql`select cast(coalesce(sum(amount), 0) as bigint) + (
      select cast(coalesce(sum(v.amount * v.uses_left), 0) as bigint) from vouchers v
      where v.state in ('offered', 'active', 'used', 'suspended')) as n
      from postings where account = 'voucher_liability'`),
  ).toBe(0)
}
