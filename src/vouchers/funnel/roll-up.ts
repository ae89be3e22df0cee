import { and, asc, eq, gte, lt, sql } from 'drizzle-orm'

import { unionZone } from '../../benefits/criteria/month.ts'
import { dayIn } from '../../benefits/criteria/zone.ts'
import { blankList, blanks } from '../../identity/look-up.ts'
import { type Reader, statement, type Tx } from '../../store/store.ts'
import {
  type Change,
  type Counted,
  changesOfChunk,
  changesOfPayment,
  changesOfSingles,
  chunkKinds,
} from './changes.ts'
import { measureNames, Tally } from './measures.ts'

/** Leaves counted in one step, at the most; one about many vouchers ends its step. */
const leavesAtOnce = 1000

/** What is to be counted next of a log, read before the transaction that counts it. */
export interface Step {
  readonly name: string
  readonly from: number
  /** The first leaf that is not of this step. */
  readonly to: number
  readonly changes: readonly Change[]
  readonly budget: readonly BudgetChange[]
}

interface BudgetChange {
  readonly programmeId: string
  readonly day: string
  readonly account: Tx['tables']['postings']['$inferSelect']['account']
  readonly amount: number
}

/** The name of a log's cursor. */
export const cursorOf = (log: string) => `log:${log}`

/** Each log, with its size and how many of its leaves are counted. */
export async function progress(
  reader: Reader,
): Promise<readonly { log: string; size: number; counted: number }[]> {
  const { logState: s, rollUps: c } = reader.tables
  const rows = await reader
    .select({ log: s.log, size: s.size, position: c.position })
    .from(s)
    .leftJoin(c, eq(c.name, sql`'log:' || ${s.log}`))
    .orderBy(asc(s.log))
  return rows.map(({ log, size, position }) => ({ log, size, counted: Number(position ?? 0) }))
}

/** Reads the next step of a log behind its first `from` leaves; none when all are counted. */
export async function nextStep(
  reader: Reader,
  log: string,
  from: number,
): Promise<Step | undefined> {
  const leaves = await leavesFrom(reader, log, from)
  const last = leaves.at(-1)
  if (!last) return undefined
  const changes = await changesOfSingles(reader, log, leaves)
  for (const leaf of leaves) {
    if (chunkKinds.has(leaf.kind)) changes.push(...(await changesOfChunk(reader, leaf)))
    if (leaf.kind === 'settle.confirm') changes.push(...(await changesOfPayment(reader, leaf)))
  }
  const budget = await budgetChanges(reader, log, { from, to: last.index + 1 })
  return { name: cursorOf(log), from, to: last.index + 1, changes, budget }
}

async function leavesFrom(reader: Reader, log: string, from: number): Promise<Counted[]> {
  const { logLeaves: l, journalEntries: e } = reader.tables
  const rows = await reader
    .select({
      ...{ index: l.index, bucket: l.bucket, entryId: l.entryId },
      ...{ kind: e.kind, at: e.at, leaf: e.leaf, leafHash: e.leafHash },
    })
    .from(l)
    .innerJoin(e, and(eq(e.bucket, l.bucket), eq(e.id, l.entryId)))
    .where(and(eq(l.log, log), gte(l.index, from), lt(l.index, from + leavesAtOnce)))
    .orderBy(asc(l.index))
  const many = rows.findIndex(({ kind }) => chunkKinds.has(kind) || kind === 'settle.confirm')
  return many < 0 ? rows : rows.slice(0, many + 1)
}

async function budgetChanges(
  reader: Reader,
  log: string,
  { from, to }: { from: number; to: number },
): Promise<BudgetChange[]> {
  const { logLeaves: l, journalEntries: e, postings: p } = reader.tables
  const rows = await reader
    .select({
      ...{ programmeId: p.programmeId, account: p.account, amount: p.amount },
      at: e.at,
    })
    .from(l)
    .innerJoin(e, and(eq(e.bucket, l.bucket), eq(e.id, l.entryId)))
    .innerJoin(p, and(eq(p.bucket, l.bucket), eq(p.entryId, l.entryId)))
    .where(and(eq(l.log, log), gte(l.index, from), lt(l.index, to)))
  const sums = new Map<string, BudgetChange>()
  for (const { at, ...row } of rows) {
    const day = dayIn(unionZone, at)
    const key = `${row.programmeId} ${day} ${row.account}`
    const amount = row.amount + (sums.get(key)?.amount ?? 0)
    sums.set(key, { ...row, day, amount })
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
}

/**
 * Counts a step, and moves the cursor in the same transaction: whatever ends the process, and
 * however many instances try, a leaf is counted once. Answers false where another has counted it.
 */
export async function countStep(tx: Tx, step: Step): Promise<boolean> {
  if (!(await moveCursor(tx, step.name, String(step.from), String(step.to)))) return false
  const own = new Tally<Change['place']>()
  for (const { place, measures } of step.changes) own.add(place, measures)
  await addDays(tx, own.rows())
  await addSums(tx, own.rows())
  const key = ['programmeId', 'day', 'account'] as const
  await tx.insertMany(tx.tables.budgetDays, step.budget, { add: { key, figures: ['amount'] } })
  return true
}

/** Moves a cursor on, when it is where we took it to be; '0' is where each begins. */
export async function moveCursor(tx: Tx, name: string, from: string, to: string): Promise<boolean> {
  const { rollUps } = tx.tables
  await tx.insertMany(rollUps, [{ name, position: '0' }], { ignore: true })
  const moved = await tx
    .update(rollUps)
    .set({ position: to })
    .where(and(eq(rollUps.name, name), eq(rollUps.position, from)))
    .returning({ name: rollUps.name })
  return moved.length === 1
}

type DayRow = ReturnType<Tally<Change['place']>['rows']>[number]

async function addDays(tx: Tx, rows: readonly DayRow[]): Promise<void> {
  const key = ['orgCode', 'day', 'benefitId', 'storeId'] as const
  await tx.insertMany(tx.tables.funnelDays, rows, { add: { key, figures: measureNames } })
}

/**
 * The same for each organisation and all above it, by day and of all days. The paths are read
 * behind the cursor's move, which a move in the tree waits for, and the other way round.
 */
async function addSums(tx: Tx, rows: readonly DayRow[]): Promise<void> {
  const above = await ancestors(tx, [...new Set(rows.map(({ orgCode }) => orgCode))])
  const sums = new Tally<Omit<Change['place'], 'storeId'>>()
  const totals = new Tally<Omit<Change['place'], 'storeId' | 'day'>>()
  for (const row of rows) {
    const { day, programmeId, benefitId } = row
    const counted = measureNames.filter((name) => row[name] !== 0)
    const measures = Object.fromEntries(counted.map((name) => [name, row[name]]))
    for (const orgCode of above.get(row.orgCode) ?? [row.orgCode]) {
      sums.add({ day, programmeId, benefitId, orgCode }, measures)
      totals.add({ programmeId, benefitId, orgCode }, measures)
    }
  }
  const { funnelSums, funnelTotals } = tx.tables
  const figures = measureNames
  const [key, ofAll] = [['orgCode', 'day', 'benefitId'] as const, ['orgCode', 'benefitId'] as const]
  await tx.insertMany(funnelSums, sums.rows(), { add: { key, figures } })
  await tx.insertMany(funnelTotals, totals.rows(), { add: { key: ofAll, figures } })
}

const pathsOf = statement<Record<string, string>>()((db) => {
  const { organisations: o } = db.tables
  return db.select({ code: o.code, path: o.path }).from(o).where(sql`${o.code} in ${blankList}`)
})

async function ancestors(tx: Tx, codes: readonly string[]): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for (const values of blanks(codes)) {
    const rows = await tx.perform(pathsOf, values)
    for (const { code, path } of rows) found.set(code, path.split('/').slice(0, -1))
  }
  return found
}
