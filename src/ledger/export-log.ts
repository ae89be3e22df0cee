import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { and, asc, eq, gte, lt } from 'drizzle-orm'

import { type Bytes, equal } from '../base/bytes.ts'
import { Weather } from '../base/refusal.ts'
import { type Checkpoint, parseCheckpoint } from '../formats/tlog/checkpoint.ts'
import { parseNote } from '../formats/tlog/note.ts'
import { bundlePath, newTiles, tilePath } from '../formats/tlog/tiles.ts'
import type { Reader } from '../store/store.ts'
import { directorySource } from './file-sources.ts'
import { databaseSource } from './log-source.ts'

/** What an export wrote. */
export interface Exported {
  /** Leaves in the directory before, and now. */
  readonly from: number
  readonly size: number
  readonly files: number
}

/**
 * Writes a log as static files (tlog-tiles), ready for any web server. Writes only what has grown
 * since the checkpoint that lies there, the new checkpoint last, each file by renaming: a reader
 * never sees half of anything. `reader` sees one snapshot (`readSnapshot`).
 *
 * Throws Weather when the directory cannot be written, or holds another log or a later state.
 */
export async function exportLog(reader: Reader, log: string, directory: string): Promise<Exported> {
  const source = databaseSource(reader, log)
  const note = await source.checkpoint()
  if (!note) throw new Weather(`the database has no log ${log}`, undefined)
  const { size } = read(note)
  const before = await directorySource(directory).checkpoint()
  const from = before ? continues(read(before), log, size) : 0
  if (before && equal(before, note)) return { from, size, files: 0 }

  let files = 0
  const write = async (path: string, bytes: Bytes | undefined) => {
    if (!bytes) throw new Weather(`the database lacks ${path}`, undefined)
    await replace(join(directory, path), bytes)
    files++
  }
  for (const { level, index, width } of newTiles(from, size)) {
    await write(tilePath({ level, index, width }), await source.tile(level, index, width))
    if (level === 0) await write(bundlePath({ index, width }), await source.bundle(index, width))
  }
  for (const index of await lists(reader, log, from, size)) {
    await write(`issued/${index}`, await source.issued(index))
  }
  await write('checkpoint', note)
  return { from, size, files }
}

function read(note: Uint8Array): Checkpoint {
  return parseCheckpoint(parseNote(note).text)
}

function continues({ origin, size: old }: Checkpoint, log: string, size: number): number {
  if (origin !== log) throw new Weather(`the directory holds another log, ${origin}`, undefined)
  if (old > size) {
    const message = `the directory is ahead of the database: ${old} leaves, not ${size}`
    throw new Weather(message, undefined)
  }
  return old
}

/** Indexes of the leaves in [from, to) that have a list of vouchers. */
async function lists(reader: Reader, log: string, from: number, to: number): Promise<number[]> {
  const { logLeaves, issuedLists } = reader.tables
  const rows = await reader
    .select({ index: logLeaves.index })
    .from(issuedLists)
    .innerJoin(
      logLeaves,
      and(eq(issuedLists.bucket, logLeaves.bucket), eq(issuedLists.entryId, logLeaves.entryId)),
    )
    .where(and(eq(logLeaves.log, log), gte(logLeaves.index, from), lt(logLeaves.index, to)))
    .orderBy(asc(logLeaves.index))
  return rows.map(({ index }) => index)
}

async function replace(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(temporary, bytes, { flush: true })
    await rename(temporary, file)
  } catch (error) {
    throw new Weather(`cannot write ${file}`, error)
  }
}
