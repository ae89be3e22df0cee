import type { Bytes } from '../base/bytes.ts'
import type { Reader } from '../store/store.ts'
import { allLogs } from './log-state.ts'
import { bundleRows, listRow, servedCheckpoint, tileRow } from './static-log.ts'

/**
 * Where an auditor reads a log from. Everything it answers is unverified.
 *
 * Each answers `undefined` for what is not there, and throws Weather when it could not look.
 */
export interface LogSource {
  /** Whether a missing piece is the log's own doing, or perhaps only a copy's. */
  readonly place: 'directory' | 'url' | 'database'
  /** The signed note, as published. */
  checkpoint(): Promise<Bytes | undefined>
  /** Hash tile: `width` times 32 octets. */
  tile(level: number, index: number, width: number): Promise<Bytes | undefined>
  /** Entry bundle of exactly `width` entries. */
  bundle(index: number, width: number): Promise<Bytes | undefined>
  /** The voucher digests of the chunk at this leaf, 16 octets each. */
  issued(leafIndex: number): Promise<Bytes | undefined>
}

/** Every log of a database, oldest first. */
export async function databaseSources(reader: Reader): Promise<readonly LogSource[]> {
  return (await allLogs(reader)).map(({ name }) => databaseSource(reader, name))
}

/** A log in a database, through a reader that sees one snapshot (`readSnapshot`). */
export function databaseSource(reader: Reader, log: string): LogSource {
  return {
    place: 'database',
    checkpoint: () => servedCheckpoint(reader, log),
    tile: (level, index, width) => tileRow(reader, log, { level, index, width }),
    bundle: (index, width) => bundleRows(reader, log, { index, width }),
    issued: (leafIndex) => listRow(reader, log, leafIndex),
  }
}
