import { and, asc, eq, gte, inArray, lt } from 'drizzle-orm'

import { day, type Instant } from '../base/clock.ts'
import { seal, unseal } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { importParts } from '../store/schema/batches.ts'
import type { Reader, Tx } from '../store/store.ts'

/**
 * `file`: the whole of it, until it was read; `name`: what it is called. `refused`: the rows that
 * were, for their sender.
 */
export type ImportPart = (typeof importParts)[number]

/** How many octets a piece holds, sealed and written at once. */
export const pieceOctets = 512 * 1024

const fileDays = 1
const refusedDays = 7

/** A piece as it is stored; sealed before its transaction. */
export function sealPiece(
  { sealing }: Pick<ThisNode, 'sealing'>,
  { importId, part, seq }: { readonly importId: string; part: ImportPart; seq: number },
  octets: Uint8Array,
): Tx['tables']['importPieces']['$inferInsert'] {
  const sealed = seal(sealing, octets, purposeOf(importId, part, seq))
  return { importId, part, seq, sealed }
}

/** Writes a piece; one that is there already stays. */
export async function writePiece(
  tx: Tx,
  piece: Tx['tables']['importPieces']['$inferInsert'],
): Promise<void> {
  await tx.insert(tx.tables.importPieces).values(piece).onConflictDoNothing()
}

/** The octets that are kept of an import, read as they are asked for; can be gone through again. */
export function keptOctets(
  reader: Reader,
  { sealing }: Pick<ThisNode, 'sealing'>,
  importId: string,
  part: ImportPart,
): AsyncIterable<Uint8Array> {
  const { importPieces: p } = reader.tables
  return {
    async *[Symbol.asyncIterator]() {
      for (let seq = 0; ; seq++) {
        const [found] = await reader
          .select()
          .from(p)
          .where(and(eq(p.importId, importId), eq(p.part, part), eq(p.seq, seq)))
        if (!found) return
        yield unseal(sealing, found.sealed, purposeOf(importId, part, seq))
      }
    },
  }
}

/** Whether anything is kept of it. */
export async function isKept(reader: Reader, importId: string, part: ImportPart): Promise<boolean> {
  const { importPieces: p } = reader.tables
  const where = and(eq(p.importId, importId), eq(p.part, part), eq(p.seq, 0))
  return (await reader.$count(p, where)) > 0
}

/** What the files of imports are called, by their ids, where that is kept. */
export async function keptNames(
  reader: Reader,
  { sealing }: Pick<ThisNode, 'sealing'>,
  importIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { importPieces: p } = reader.tables
  if (importIds.length === 0) return new Map()
  const rows = await reader
    .select()
    .from(p)
    .where(and(inArray(p.importId, [...importIds]), eq(p.part, 'name'), eq(p.seq, 0)))
  return new Map(
    rows.map(({ importId, sealed }) => {
      const octets = unseal(sealing, sealed, purposeOf(importId, 'name', 0))
      return [importId, Buffer.from(octets).toString('utf8')]
    }),
  )
}

/** Drops what is kept of an import; its name goes with its file. */
export async function dropPieces(tx: Tx, importId: string, part: ImportPart): Promise<void> {
  const { importPieces: p } = tx.tables
  const parts: ImportPart[] = part === 'file' ? ['file', 'name'] : [part]
  await tx.delete(p).where(and(eq(p.importId, importId), inArray(p.part, parts)))
}

/**
 * Drops files that nobody started within a day, whose imports end as LAPSED, what was left of
 * files without an import, and refused rows of a week ago. Their age is that of the import's id.
 */
export async function forgetPieces(tx: Tx, now: Instant): Promise<void> {
  const { importPieces: p, imports: i } = tx.tables
  const lapsed = and(eq(i.state, 'waiting'), lt(i.startedAt, now - fileDays * day))
  await tx
    .update(i)
    .set({ state: 'failed', failure: 'LAPSED', finishedAt: now, contentHash: null })
    .where(lapsed)
  const running = tx
    .select({ id: i.id })
    .from(i)
    .where(inArray(i.state, ['waiting', 'running']))
  const held = new Set((await running).map(({ id }) => id))
  const old = await tx
    .selectDistinct({ id: p.importId })
    .from(p)
    .where(and(eq(p.part, 'file'), lt(p.importId, idBefore(now - fileDays * day)), gte(p.seq, 0)))
    .orderBy(asc(p.importId))
  for (const { id } of old) if (!held.has(id)) await dropPieces(tx, id, 'file')
  await tx
    .delete(p)
    .where(and(eq(p.part, 'refused'), lt(p.importId, idBefore(now - refusedDays * day))))
}

/** The smallest id (UUIDv7) that could have been made at `at`. */
function idBefore(at: Instant): string {
  const hex = at.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

function purposeOf(importId: string, part: ImportPart, seq: number): string {
  return `import:${importId}:${part}:${seq}`
}
