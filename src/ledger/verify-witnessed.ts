import { and, asc, eq, gt, or, sql } from 'drizzle-orm'

import { utf8 } from '../base/bytes.ts'
import { type Checkpoint, parseCheckpoint } from '../formats/tlog/checkpoint.ts'
import { cosignatureVerifier, parseCosignature } from '../formats/tlog/cosignature.ts'
import { TlogError } from '../formats/tlog/error.ts'
import {
  keyOf,
  type NoteVerifier,
  noteVerifier,
  openNote,
  parseNote,
  parseSignatures,
} from '../formats/tlog/note.ts'
import type { Policy } from '../formats/tlog/policy.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { Reader } from '../store/store.ts'
import type { Finder } from './findings.ts'
import type { Waypoint } from './verify-tree.ts'

const page = 256

/**
 * Looks at what witnesses have signed of the log and was kept: every checkpoint is the log's own
 * and of the size it is kept under, every cosignature of the witness and the time that its row
 * names; those of witnesses that the policy names are verified. Answers the roots that the tree
 * must pass (I6).
 */
export async function witnessedWaypoints(
  reader: Reader,
  policy: Policy,
  tip: Checkpoint,
  findings: Finder,
): Promise<Waypoint[]> {
  const waypoints = new Map<string, Waypoint>()
  const keys = [
    ...policy.logs.map(({ vkey }) => noteVerifier(vkey, verifyEd25519)),
    ...policy.witnesses.map(({ vkey }) => cosignatureVerifier(vkey, verifyEd25519)),
  ]
  const open = async (words: string, size: number, note: string) => {
    const checkpoint = await opening(findings, words, checkpointOf(utf8(note), keys))
    if (!checkpoint) return
    if (checkpoint.origin !== tip.origin) findings.add('witnessed', `${words} is another log's`)
    else if (checkpoint.size !== size) findings.add('witnessed', `${words} is of another size`)
    else if (size > tip.size) findings.add('witnessed', `${words} is ahead of the log`)
    else waypoints.set(note, { size, root: checkpoint.root, check: 'witnessed' })
  }
  for await (const { size, witness, timeSeconds, checkpoint, line } of cosigned(
    reader,
    tip.origin,
  )) {
    const words = `cosignature of ${witness} at ${size} leaves`
    await open(words, size, `${checkpoint}${line}`)
    const fault = await opening(findings, words, faultOf(line, witness, timeSeconds))
    if (fault) findings.add('witnessed', `${words} ${fault}`)
  }
  for await (const { size, checkpoint } of archived(reader, tip.origin)) {
    await open(`checkpoint archived at ${size} leaves`, size, checkpoint)
  }
  return [...waypoints.values()]
}

/**
 * Reads a checkpoint whose known signatures must verify. That none is known is no fault: a log's
 * key is dropped after its rotation, and what it signed stays; the tree must still pass its root.
 */
async function checkpointOf(note: Uint8Array, keys: readonly NoteVerifier[]): Promise<Checkpoint> {
  try {
    return parseCheckpoint((await openNote(note, keys)).text)
  } catch (error) {
    if (!(error instanceof TlogError && error.code === 'NOTE_UNVERIFIED')) throw error
    return parseCheckpoint(parseNote(note).text)
  }
}

async function faultOf(line: string, witness: string, timeSeconds: number) {
  const [signature, ...more] = parseSignatures(line)
  if (!signature || more.length > 0 || keyOf(signature) !== witness) return 'is another witness’s'
  const cosignature = parseCosignature(signature.signature)
  return cosignature.timeSeconds === timeSeconds ? undefined : 'is of another time'
}

/** Finds rows that no log has: they would be looked at by nobody. */
export async function verifyWitnessedLogs(reader: Reader, findings: Finder): Promise<void> {
  for (const table of ['cosignatures', 'witnessed_checkpoints']) {
    const rows = await reader.rows<{ log: string }>(sql`select distinct w.log as log
      from ${sql.identifier(table)} w where not exists (
        select 1 from log_state s where s.log = w.log) limit 20`)
    for (const { log } of rows)
      findings.add('witnessed', `${table} are kept of no log of ours: ${log}`)
  }
}

async function* cosigned(reader: Reader, log: string) {
  const { cosignatures: c } = reader.tables
  for (let after = { size: -1, witness: '' }; ; ) {
    const later = or(
      gt(c.size, after.size),
      and(eq(c.size, after.size), gt(c.witness, after.witness)),
    )
    const rows = await reader
      .select()
      .from(c)
      .where(and(eq(c.log, log), later))
      .orderBy(asc(c.size), asc(c.witness))
      .limit(page)
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < page) return
    after = last
  }
}

async function* archived(reader: Reader, log: string) {
  const { witnessedCheckpoints: w } = reader.tables
  for (let after = -1; ; ) {
    const rows = await reader
      .select()
      .from(w)
      .where(and(eq(w.log, log), gt(w.size, after)))
      .orderBy(asc(w.size))
      .limit(page)
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < page) return
    after = last.size
  }
}

async function opening<T>(
  findings: Finder,
  words: string,
  work: Promise<T>,
): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof TlogError)) throw error
    findings.add('witnessed', `${words}: ${error.message} (${error.code})`)
    return undefined
  }
}
