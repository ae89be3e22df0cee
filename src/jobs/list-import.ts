import { createHash } from 'node:crypto'

import { toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { addChunk } from '../benefits/list-import.ts'
import { readList } from '../benefits/lists.ts'
import { orgPathOf } from '../benefits/scope.ts'
import type { CalendarDate } from '../identity/calendar-date.ts'
import {
  beginImport,
  endImport,
  type ImportCounts,
  type ImportPolicy,
  nothingRead,
  recordChunk,
} from '../identity/import-record.ts'
import { hashRows, matchMembers } from '../identity/member-match.ts'
import { type RawRow, textOf } from '../identity/roster/cell.ts'
import type { Layout } from '../identity/roster/headers.ts'
import { keyFields, readList as readListFile } from '../identity/roster/list-row.ts'
import type { Mapping } from '../identity/roster/mapping.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'
import { counting } from './roster-import.ts'

/** What became of a list's file. Who was matched is added or unchanged. */
export interface ListImported extends ImportCounts {
  readonly id: string
  readonly matched: number
  /** How many rows were refused for which reason. */
  readonly reasons: Readonly<Record<string, number>>
}

export interface ListImportOptions {
  readonly listId: string
  /** The id of its row in `imports`, which the caller may have begun; a new one when not given. */
  readonly importId?: string
  /** The principal who asked for it. */
  readonly createdBy: string
  readonly today: CalendarDate
  readonly now: Clock
  /** What somebody said of the file. */
  readonly mapping?: Mapping | undefined
  /** `accept_good` when not given; all or nothing works as for rosters (`importRoster`). */
  readonly policy?: ImportPolicy | undefined
  /** Called when no more rows are read, before the import is recorded as ended. */
  readonly ending?: (() => Promise<void>) | undefined
  /** Called after every committed chunk. */
  readonly onProgress?: (counts: ImportCounts) => void
}

/**
 * Reads a list of people (CSV or XLSX) and puts the members whom its rows name on a list, a chunk
 * of about a thousand rows a transaction; only members of the list's organisation and those below
 * it can be named. Progress and every row that names nobody are committed with their chunk, so the
 * same file again adds nobody.
 *
 * Refuses NOT_FOUND without such a list. When the file cannot be read on (a refusal of the
 * reader), or the source fails, the import is recorded as failed and the error is thrown; who was
 * put on the list before stays there.
 */
export async function importList(
  store: Store,
  node: ThisNode,
  source: AsyncIterable<Uint8Array>,
  options: ListImportOptions,
): Promise<ListImported> {
  const { listId, createdBy, now } = options
  const id = options.importId ?? newId(now())
  const { orgCode } = await readList(store.read, listId)
  const within = await orgPathOf(store.read, orgCode)
  await store.transaction((tx) => beginImport(tx, { id, listId, orgCode, createdBy }, now()))
  try {
    const pass = (content: ContentHash, check: boolean) =>
      importChunks(store, node, source, { ...options, id, within, content, check })
    if (options.policy === 'all_or_nothing') {
      const checked = await pass(new ContentHash(), true)
      if (checked.refused > 0) {
        await options.ending?.()
        await store.transaction((tx) => endImport(tx, id, 'ROWS_REFUSED', now()))
        return checked
      }
    }
    const content = new ContentHash()
    const done = await pass(content, false)
    const hash = content.keyed(node)
    await options.ending?.()
    await store.transaction((tx) => endImport(tx, id, undefined, now(), hash))
    return done
  } catch (error) {
    const failure = error instanceof Refusal ? error.code : 'INTERRUPTED'
    await options.ending?.().catch(() => {})
    // What went wrong first is what the caller must hear of, also when this fails, too.
    await store.transaction((tx) => endImport(tx, id, failure, now())).catch(() => {})
    throw error
  }
}

interface Importing extends ListImportOptions {
  readonly id: string
  readonly within: string
  readonly content: ContentHash
  /** Nobody is put on the list. */
  readonly check: boolean
}

async function importChunks(
  store: Store,
  node: ThisNode,
  source: AsyncIterable<Uint8Array>,
  { id, listId, within, content, check, today, mapping, policy, onProgress }: Importing,
): Promise<ListImported> {
  const reasons: Record<string, number> = {}
  let counts = nothingRead
  let bytes = 0
  const counted = counting(source, (size) => {
    bytes += size
  })
  const onRow = (raw: RawRow, layout: Layout) => content.add(raw, layout)
  for await (const { layout, rows, faulty } of readListFile(counted, { today, onRow, mapping })) {
    const { memberIds, faults: unmatched } = await matchMembers(store.read, hashRows(node, rows), {
      within,
      layout,
    })
    const faults = [...faulty, ...unmatched]
    if (policy === 'all_or_nothing' && !check && faults.length > 0) {
      throw new Refusal('VERSION_CONFLICT')
    }
    const before = counts
    if (check) {
      const read = before.read + memberIds.length + faults.length
      counts = { ...before, bytes, read, refused: before.refused + faults.length }
      await store.transaction((tx) => recordChunk(tx, id, counts, faults), { bulk: true })
    } else {
      const chunk = { importId: id, listId, memberIds, faults, before, bytes }
      counts = await store.transaction((tx) => addChunk(tx, chunk), { bulk: true })
    }
    for (const { code } of faults) reasons[code] = (reasons[code] ?? 0) + 1
    onProgress?.(counts)
  }
  return { id, ...counts, matched: counts.added + counts.unchanged, reasons }
}

/**
 * SHA-256 over what a file says of whom it means, row by row: the same in any encoding, with any
 * delimiter, as a workbook, and whatever other columns there are.
 */
class ContentHash {
  #hash = createHash('sha256')

  add({ cells }: RawRow, { at }: Layout): void {
    const values = keyFields.map((field) => textOf(cells[at[field]]).normalize('NFKC'))
    this.#hash.update(`${JSON.stringify(values)}\n`)
  }

  /** As it is kept: under the node's key, for a file of one row can be guessed. */
  keyed({ hashing }: ThisNode): Uint8Array {
    return keyedHash(hashing, `list:${toHex(this.#hash.digest())}`)
  }
}
