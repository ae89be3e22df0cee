import { and, eq } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Reader, Tx } from '../store/store.ts'
import { maskValue } from './roster/faults.ts'
import type { RowFault } from './roster/row.ts'

/** How far an import has come: rows, and octets of its file. */
export interface ImportCounts {
  readonly bytes: number
  readonly read: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly refused: number
}

/** What an import has done before it began. */
export const nothingRead: ImportCounts = {
  bytes: 0,
  read: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  refused: 0,
}

interface Beginning {
  readonly id: string
  /** The list that the file is for; without one it is a roster. */
  readonly listId?: string
  /** The organisation at or below which it may write. */
  readonly orgCode: string
  /** The principal who asked for it. */
  readonly createdBy: string
}

/** Writes the row by which others follow an import. One that was begun stays as it is. */
export async function beginImport(tx: Tx, beginning: Beginning, now: Instant): Promise<void> {
  const kind = beginning.listId === undefined ? 'members' : 'list'
  const row = { ...beginning, kind, state: 'running', startedAt: now } as const
  await tx
    .insert(tx.tables.imports)
    .values({ ...row, ...nothingRead })
    .onConflictDoNothing()
}

/**
 * Notes a chunk in its own transaction: the totals so far, and its refused rows. An import that was
 * ended meanwhile is an Error, which undoes the chunk.
 */
export async function recordChunk(
  tx: Tx,
  id: string,
  counts: ImportCounts,
  faults: readonly RowFault[],
): Promise<void> {
  const { imports: i, importFaults } = tx.tables
  const running = await tx
    .update(i)
    .set(counts)
    .where(and(eq(i.id, id), eq(i.state, 'running')))
    .returning({ id: i.id })
  if (running.length === 0) throw new Error(`import ${id} was ended meanwhile`)
  const rows = faults.map(({ row, column, value, code }) => ({
    importId: id,
    row,
    column: maskValue(undefined, column),
    value,
    code,
  }))
  await tx.insertMany(importFaults, rows)
}

/**
 * Ends an import; `failure` is why the rest of the file was not read. What it wrote stays.
 * `contentHash` is by what a list that was read whole is known again.
 */
export async function endImport(
  tx: Tx,
  id: string,
  failure: string | undefined,
  now: Instant,
  contentHash?: Uint8Array,
): Promise<void> {
  const { imports: i } = tx.tables
  const state = failure === undefined ? 'completed' : 'failed'
  await tx
    .update(i)
    .set({ state, failure: failure ?? null, finishedAt: now, contentHash: contentHash ?? null })
    .where(and(eq(i.id, id), eq(i.state, 'running')))
}

/** How far an import was when somebody looked. */
export interface Progress {
  readonly id: string
  readonly read: number
}

/** Every import that has not ended, whether or not somebody still runs it. */
export async function runningImports(reader: Reader): Promise<Progress[]> {
  const { imports: i } = reader.tables
  return reader.select({ id: i.id, read: i.read }).from(i).where(eq(i.state, 'running'))
}

/** Ends an import as INTERRUPTED if it has not moved since. Answers how many were ended. */
export async function interruptImport(
  tx: Tx,
  { id, read }: Progress,
  now: Instant,
): Promise<number> {
  const { imports: i } = tx.tables
  const ended = await tx
    .update(i)
    .set({ state: 'failed', failure: 'INTERRUPTED', finishedAt: now })
    .where(and(eq(i.id, id), eq(i.state, 'running'), eq(i.read, read)))
    .returning({ id: i.id })
  return ended.length
}
