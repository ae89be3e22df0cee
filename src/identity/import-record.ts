import { and, eq } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import type { importPolicies } from '../store/schema/batches.ts'
import type { Reader, Tx } from '../store/store.ts'
import { maskValue } from './roster/faults.ts'
import type { Mapping } from './roster/mapping.ts'
import type { RowFault } from './roster/row.ts'

/** Whether one refused row keeps all others out. */
export type ImportPolicy = (typeof importPolicies)[number]

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
  /** It waits until it is started: somebody looks at it before. */
  readonly held?: boolean
}

/** Writes the row by which others follow an import. One that was begun stays as it is. */
export async function beginImport(
  tx: Tx,
  { held = false, ...beginning }: Beginning,
  now: Instant,
): Promise<void> {
  const kind = beginning.listId === undefined ? 'members' : 'list'
  const state = held ? ('waiting' as const) : ('running' as const)
  const row = { ...beginning, kind, state, startedAt: now } as const
  await tx
    .insert(tx.tables.imports)
    .values({ ...row, ...nothingRead })
    .onConflictDoNothing()
}

/** How a file that waits will be read. Refusal IMPORT_STATE for one that waits no more. */
export async function mapImport(
  tx: Tx,
  id: string,
  { policy, ...mapping }: Mapping & { readonly policy: ImportPolicy },
): Promise<void> {
  const { imports: i } = tx.tables
  const [row] = await tx
    .update(i)
    .set({ mapping: JSON.stringify(mapping), policy })
    .where(and(eq(i.id, id), eq(i.state, 'waiting')))
    .returning({ id: i.id })
  if (!row) throw new Refusal('IMPORT_STATE')
}

/** How a file is to be read, as `mapImport` was told; what was not said is found out. */
export function mappingOf({ mapping }: { readonly mapping: string | null }): Mapping {
  return mapping === null ? {} : JSON.parse(mapping)
}

/** Lets a file be read that waited. Refusal IMPORT_STATE for one that waits no more. */
export async function startImport(tx: Tx, id: string, now: Instant): Promise<void> {
  const { imports: i } = tx.tables
  const [row] = await tx
    .update(i)
    .set({ state: 'running', startedAt: now })
    .where(and(eq(i.id, id), eq(i.state, 'waiting')))
    .returning({ id: i.id })
  if (!row) throw new Refusal('IMPORT_STATE')
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
