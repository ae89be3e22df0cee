import type { Clock } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { CalendarDate } from '../identity/calendar-date.ts'
import { successors } from '../identity/follow-merger.ts'
import {
  beginImport,
  endImport,
  type ImportCounts,
  type ImportPolicy,
  nothingRead,
  recordChunk,
} from '../identity/import-record.ts'
import { organisationsInScope } from '../identity/organisations.ts'
import type { Mapping } from '../identity/roster/mapping.ts'
import { type RosterBatch, readRoster } from '../identity/roster/read.ts'
import type { ParsedRow } from '../identity/roster/row.ts'
import { type ChunkOutcome, checkChunk, writeChunk } from '../identity/roster-chunk.ts'
import type { PreparedRow } from '../identity/roster-prepare.ts'
import { openPreparer, type Preparer } from '../identity/roster-preparer.ts'
import { SeenHashes } from '../identity/roster-seen.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { isDuplicate } from '../store/errors.ts'
import type { Store } from '../store/store.ts'

/** What became of a roster. */
export interface RosterImported extends ImportCounts {
  readonly id: string
  /** How many rows were refused for which reason. */
  readonly reasons: Readonly<Record<string, number>>
}

export interface RosterImportOptions {
  /** The id of its row in `imports`, which the caller may have begun; a new one when not given. */
  readonly importId?: string
  /** The organisation at or below which rows may write. */
  readonly scope: { readonly code: string; readonly path: string }
  /** The principal who asked for it. */
  readonly createdBy: string
  readonly today: CalendarDate
  readonly now: Clock
  /** What somebody said of the file. */
  readonly mapping?: Mapping | undefined
  /** `accept_good` when not given. */
  readonly policy?: ImportPolicy | undefined
  /** Called when no more rows are read, before the import is recorded as ended. */
  readonly ending?: (() => Promise<void>) | undefined
  /** Called after every committed chunk. */
  readonly onProgress?: (counts: ImportCounts) => void
}

const attempts = 5
const nothingWritten = { added: 0, changed: 0, unchanged: 0 }

/**
 * Reads a roster (CSV or XLSX) and writes it, a chunk of about a thousand rows a transaction: each
 * row is added, changed, unchanged or refused by itself. Progress, and every refused row with its
 * reason, is committed with its chunk (`imports`, `import_faults`).
 *
 * All or nothing: the file is gone through once without a member written, and ends as ROWS_REFUSED
 * where a row is refused; only then it is read again and written (`source` must begin anew for
 * whoever iterates it). What other writers do in between ends it as VERSION_CONFLICT, with the
 * counts of what was written before.
 *
 * When the file cannot be read on (a refusal of `readRoster`), or the source fails, the import is
 * recorded as failed with the refusal's code or INTERRUPTED, and the error is thrown; rows that
 * were accepted before stay.
 */
export async function importRoster(
  store: Store,
  node: ThisNode,
  source: AsyncIterable<Uint8Array>,
  options: RosterImportOptions,
): Promise<RosterImported> {
  const { scope, createdBy, now } = options
  const id = options.importId ?? newId(now())
  await store.transaction((tx) => beginImport(tx, { id, orgCode: scope.code, createdBy }, now()))
  const preparer = openPreparer(node)
  try {
    const pass = (check: boolean) =>
      importChunks(store, node, source, id, preparer, { ...options, check })
    if (options.policy === 'all_or_nothing') {
      const checked = await pass(true)
      if (checked.refused > 0) {
        await options.ending?.()
        await store.transaction((tx) => endImport(tx, id, 'ROWS_REFUSED', now()))
        return checked
      }
    }
    const imported = await pass(false)
    await options.ending?.()
    await store.transaction((tx) => endImport(tx, id, undefined, now()))
    return imported
  } catch (error) {
    const failure = error instanceof Refusal ? error.code : 'INTERRUPTED'
    await options.ending?.().catch(() => {})
    // What went wrong first is what the caller must hear of, also when this fails, too.
    await store.transaction((tx) => endImport(tx, id, failure, now())).catch(() => {})
    throw error
  } finally {
    await preparer.close()
  }
}

async function importChunks(
  store: Store,
  node: ThisNode,
  source: AsyncIterable<Uint8Array>,
  id: string,
  preparer: Preparer,
  options: RosterImportOptions & { readonly check: boolean },
): Promise<RosterImported> {
  const { today, now, onProgress, mapping, policy, check } = options
  const strict = policy === 'all_or_nothing' && !check
  const inScope = await organisationsInScope(store.read, options.scope.path)
  const heirs = await successors(store.read)
  const earlier = { identities: new SeenHashes(), numbers: new SeenHashes() }
  const reasons: Record<string, number> = {}
  let counts = nothingRead
  let bytes = 0
  const counted = counting(source, (size) => {
    bytes += size
  })
  const rules = { today, mapping, organisationExists: (code: string) => inScope.has(code) }
  const batches = preparing(readRoster(counted, rules), preparer, heirs)
  for await (const { batch, prepared } of oneAhead(batches)) {
    const rows = await prepared
    const { layout } = batch
    const { outcome, totals, faults } = await again(() =>
      store.transaction(
        async (tx) => {
          const context = { layout, inScope, earlier, node, today, now: now() }
          const outcome = check
            ? { ...(await checkChunk(tx, rows, context)), ...nothingWritten }
            : await writeChunk(tx, rows, context)
          const totals = sum(counts, batch, outcome, bytes)
          const faults = [...batch.faulty, ...outcome.faults]
          if (strict && faults.length > 0) throw new Refusal('VERSION_CONFLICT')
          await recordChunk(tx, id, totals, faults)
          return { outcome, totals, faults }
        },
        { bulk: true },
      ),
    )
    counts = totals
    for (const { code } of faults) reasons[code] = (reasons[code] ?? 0) + 1
    for (const { idHash, memberNoHash } of outcome.accepted) {
      earlier.identities.add(idHash)
      if (memberNoHash) earlier.numbers.add(memberNoHash)
    }
    onProgress?.(counts)
  }
  return { id, ...counts, reasons }
}

/** Somebody else wrote the same person or number first: what was decided is decided anew. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === attempts || !isDuplicate(error)) throw error
    }
  }
}

function sum(
  before: ImportCounts,
  { rows, faulty }: RosterBatch,
  { added, changed, unchanged, faults }: ChunkOutcome,
  bytes: number,
): ImportCounts {
  return {
    bytes,
    read: before.read + rows.length + faulty.length,
    added: before.added + added,
    changed: before.changed + changed,
    unchanged: before.unchanged + unchanged,
    refused: before.refused + faulty.length + faults.length,
  }
}

interface PreparedBatch {
  readonly batch: RosterBatch
  readonly prepared: Promise<PreparedRow[]>
}

/** Hands every batch to the preparer as soon as it was read. */
async function* preparing(
  batches: AsyncIterable<RosterBatch>,
  preparer: Preparer,
  heirs: ReadonlyMap<string, string>,
): AsyncGenerator<PreparedBatch> {
  for await (const read of batches) {
    const rows = heirs.size === 0 ? read.rows : read.rows.map((row) => inherited(row, heirs))
    const batch = { ...read, rows }
    const prepared = preparer.prepare(batch.rows)
    prepared.catch(() => {}) // who takes the batch hears of it
    yield { batch, prepared }
  }
}

/** A row of an organisation that was merged into another is the other's. */
function inherited(row: ParsedRow, heirs: ReadonlyMap<string, string>): ParsedRow {
  const orgCode = heirs.get(row.orgCode)
  return orgCode === undefined ? row : { ...row, orgCode }
}

/** The same items, each when the next has begun; what ends them comes after the last of them. */
async function* oneAhead<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  let held: { readonly item: T } | undefined
  try {
    for await (const item of items) {
      if (held) yield held.item
      held = { item }
    }
  } catch (error) {
    if (held) yield held.item
    throw error
  }
  if (held) yield held.item
}

/** The source, telling how many octets of it were taken. */
export async function* counting(
  source: AsyncIterable<Uint8Array>,
  note: (size: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    note(chunk.length)
    yield chunk
  }
}
