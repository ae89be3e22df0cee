import { and, asc, desc, eq, gt } from 'drizzle-orm'

import { type Bytes, utf8 } from '../base/bytes.ts'
import { type Instant, minute, second } from '../base/clock.ts'
import type { Reader, Tx } from '../store/store.ts'
import { logState } from './log-state.ts'

/** What a witness has cosigned of one of our logs, verified. */
export type Cosignature = Omit<Tx['tables']['cosignatures']['$inferSelect'], 'at'>

/** A checkpoint with the cosignatures that make it witnessed, or some of them, or none. */
export interface ArchivedCheckpoint {
  readonly size: number
  readonly checkpoint: string
}

/** How old the latest witnessed checkpoint may be to be served in place of a newer, bare one. */
const freshMs = minute

/** Keeps a verified cosignature, for ever. One of that witness and size that is there stays. */
export async function keepCosignature(tx: Tx, made: Cosignature, now: Instant): Promise<void> {
  const { cosignatures } = tx.tables
  await tx
    .insert(cosignatures)
    .values({ ...made, at: now })
    .onConflictDoNothing()
}

/** Keeps a checkpoint with the quorum that cosigned it. The first of a size stays. */
export async function keepWitnessed(
  tx: Tx,
  log: string,
  { size, checkpoint }: ArchivedCheckpoint,
  now: Instant,
): Promise<void> {
  const { witnessedCheckpoints } = tx.tables
  await tx
    .insert(witnessedCheckpoints)
    .values({ log, size, checkpoint, at: now })
    .onConflictDoNothing()
}

/** The largest size of the log that this witness has cosigned; 0 when it has none. */
export async function cosignedSize(reader: Reader, log: string, witness: string): Promise<number> {
  const { cosignatures } = reader.tables
  const [row] = await reader
    .select({ size: cosignatures.size })
    .from(cosignatures)
    .where(and(eq(cosignatures.log, log), eq(cosignatures.witness, witness)))
    .orderBy(desc(cosignatures.size))
    .limit(1)
  return row?.size ?? 0
}

/** Every cosignature of the log at a size, by witness. */
export async function cosignaturesAt(reader: Reader, log: string, size: number) {
  const { cosignatures } = reader.tables
  return reader
    .select()
    .from(cosignatures)
    .where(and(eq(cosignatures.log, log), eq(cosignatures.size, size)))
    .orderBy(asc(cosignatures.witness))
}

/** The latest checkpoint that a quorum has cosigned, and when we knew. */
export async function latestWitnessed(reader: Reader, log: string) {
  const { witnessedCheckpoints } = reader.tables
  const [row] = await reader
    .select()
    .from(witnessedCheckpoints)
    .where(eq(witnessedCheckpoints.log, log))
    .orderBy(desc(witnessedCheckpoints.size))
    .limit(1)
  return row
}

/**
 * The first checkpoint with leaf `index` that a quorum has cosigned: of all that witness it, the
 * one whose time binds the operator most.
 */
export async function firstWitnessed(
  reader: Reader,
  log: string,
  index: number,
): Promise<ArchivedCheckpoint | undefined> {
  const { witnessedCheckpoints } = reader.tables
  const [row] = await reader
    .select()
    .from(witnessedCheckpoints)
    .where(and(eq(witnessedCheckpoints.log, log), gt(witnessedCheckpoints.size, index)))
    .orderBy(asc(witnessedCheckpoints.size))
    .limit(1)
  return row
}

/**
 * `<prefix>/checkpoint` of a log that has witnesses: the latest that a quorum has cosigned, while
 * that is the newest of all or less than a minute old; else the newest, with what cosignatures it
 * has. A witness that does not answer holds nothing up. `undefined` for an unknown log.
 */
export async function publishedCheckpoint(
  reader: Reader,
  log: string,
  now: Instant,
): Promise<Bytes | undefined> {
  const state = await logState(reader, log)
  if (!state) return undefined
  const witnessed = await latestWitnessed(reader, log)
  if (witnessed && (witnessed.size === state.size || now - witnessed.at < freshMs)) {
    return utf8(witnessed.checkpoint)
  }
  const cosignatures = await cosignaturesAt(reader, log, state.size)
  return utf8(withCosignatures(state.checkpoint, cosignatures))
}

/** A log's checkpoint with the lines of its witnesses behind the log's own. */
export function withCosignatures(
  checkpoint: string,
  cosignatures: readonly Pick<Cosignature, 'line'>[],
): string {
  return `${checkpoint}${cosignatures.map(({ line }) => line).join('')}`
}

/**
 * How long the log has grown without a quorum, in seconds: 0 while its newest checkpoint is
 * witnessed, Infinity when none ever was.
 */
export async function unwitnessedSeconds(
  reader: Reader,
  log: string,
  now: Instant,
): Promise<number> {
  const state = await logState(reader, log)
  const witnessed = await latestWitnessed(reader, log)
  if (!state || state.size === 0 || witnessed?.size === state.size) return 0
  return witnessed ? Math.max(0, now - witnessed.at) / second : Number.POSITIVE_INFINITY
}
