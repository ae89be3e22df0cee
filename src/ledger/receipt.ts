import { and, eq, inArray, sql } from 'drizzle-orm'

import { type Bytes, utf8 } from '../base/bytes.ts'
import { formatReceipt } from '../formats/tlog/receipt.ts'
import { type Reader, statement } from '../store/store.ts'
import { cosignaturesAt, cosignedSize, firstWitnessed, withCosignatures } from './cosigned.ts'
import { logState } from './log-state.ts'
import { inclusionProof } from './tree-reader.ts'

/** In whichever log it is. */
const findEntry = statement<{ entry: string }>()((db) => {
  const { logLeaves, journalEntries, logState } = db.tables
  return db
    .select({ log: logLeaves.log, index: logLeaves.index, leaf: journalEntries.leaf })
    .from(logLeaves)
    .innerJoin(
      journalEntries,
      and(eq(journalEntries.bucket, logLeaves.bucket), eq(journalEntries.id, logLeaves.entryId)),
    )
    .where(
      and(
        inArray(logLeaves.log, db.select({ log: logState.log }).from(logState)),
        eq(logLeaves.entryId, sql.placeholder('entry')),
      ),
    )
})

/** A receipt of level 2 or 3 (`4-ledger.md`, section 3.4). */
export interface EntryReceipt {
  /** Signed by the log alone, or cosigned by a quorum of its witnesses. */
  readonly level: 'inclusion' | 'witnessed'
  /** `c2sp.org/tlog-proof@v1`, with the entry in it. */
  readonly bytes: Bytes
}

/**
 * The best receipt there is of a journal entry, whichever year's log it is in: at the first
 * checkpoint with it that a quorum has cosigned, else at the committed one. `undefined` while the
 * entry has no index.
 */
export async function bestReceiptOf(
  reader: Reader,
  entryId: string,
): Promise<EntryReceipt | undefined> {
  const [found] = await reader.perform(findEntry, { entry: entryId })
  if (!found) return undefined
  const { log } = found
  const witnessed = await firstWitnessed(reader, log, found.index)
  if (witnessed) {
    return { level: 'witnessed', bytes: await receiptAt(reader, found, witnessed) }
  }
  // Read after the leaf: a tree that has grown meanwhile holds the leaf all the same.
  const state = await logState(reader, log)
  if (!state || found.index >= state.size) return undefined
  return { level: 'inclusion', bytes: await receiptAt(reader, found, state) }
}

/**
 * A receipt at the latest checkpoint that a witness has cosigned, with its line and no other: proof
 * for that witness that it has seen the entry. `undefined` while it has not.
 */
export async function receiptSeenBy(
  reader: Reader,
  { entryId, witness }: { entryId: string; witness: string },
): Promise<Bytes | undefined> {
  const [found] = await reader.perform(findEntry, { entry: entryId })
  if (!found) return undefined
  const { log } = found
  const size = await cosignedSize(reader, log, witness)
  if (found.index >= size) return undefined
  const made = await cosignaturesAt(reader, log, size)
  const own = made.find((one) => one.witness === witness)
  if (!own) return undefined
  const checkpoint = withCosignatures(own.checkpoint, [own])
  return receiptAt(reader, found, { size, checkpoint })
}

/** The octets of `bestReceiptOf`. */
export async function receiptOf(reader: Reader, entryId: string): Promise<Bytes | undefined> {
  return (await bestReceiptOf(reader, entryId))?.bytes
}

/** An entry of the journal: its leaf's hash and when it was booked. One that is not is an Error. */
export async function entryOf(reader: Reader, bucket: number, id: string) {
  const { journalEntries } = reader.tables
  const [entry] = await reader
    .select({ leafHash: journalEntries.leafHash, at: journalEntries.at })
    .from(journalEntries)
    .where(and(eq(journalEntries.bucket, bucket), eq(journalEntries.id, id)))
  if (!entry) throw new Error('an entry is not in the journal')
  return entry
}

async function receiptAt(
  reader: Reader,
  { log, index, leaf }: { readonly log: string; readonly index: number; readonly leaf: Uint8Array },
  { size, checkpoint }: { readonly size: number; readonly checkpoint: string },
): Promise<Bytes> {
  const proof = await inclusionProof(reader, log, index, size)
  return formatReceipt({
    extra: new Uint8Array(leaf),
    index,
    proof,
    checkpoint: utf8(checkpoint),
  })
}
