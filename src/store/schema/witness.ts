import type { Kit } from '../kit.postgres.ts'

/** What we have seen of others' logs, and what others have said of ours. */
export function witnessTables(kit: Kit) {
  /** The log keys that this witness believes; two of one origin while they are rotated. */
  const witnessedKeys = kit.table('witnessed_keys', {
    /** `<name>+<key id>+<base64>` (signed-note); the name is the log's origin. */
    vkey: kit.text().primaryKey(),
    origin: kit.text().notNull(),
    addedAt: kit.instant().notNull(),
  })

  /** The largest consistent tree that this witness has seen of each log: only ever grows. */
  const witnessedLogs = kit.table('witnessed_logs', {
    origin: kit.text().primaryKey(),
    size: kit.amount().notNull(),
    root: kit.bytes().notNull(),
    /** The checkpoint as the log signed it, with our cosignature; none before the first. */
    checkpoint: kit.text(),
    at: kit.instant().notNull(),
  })

  /** What witnesses have cosigned of our own logs, verified: appended, and kept for ever. */
  const cosignatures = kit.table(
    'cosignatures',
    {
      log: kit.text().notNull(),
      size: kit.amount().notNull(),
      /** `<name>+<key id>` of the witness. */
      witness: kit.text().notNull(),
      /** The witness's own time, POSIX seconds. */
      timeSeconds: kit.amount().notNull(),
      /** The checkpoint as the log signed it. */
      checkpoint: kit.text().notNull(),
      /** The signature line, with its newline. */
      line: kit.text().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [
      kit.primaryKey({ columns: [t.log, t.size, t.witness] }),
      kit.index('cosignatures_witness').on(t.log, t.witness, t.size),
    ],
  )

  /** Our checkpoints that a quorum has cosigned, with its cosignatures: appended. */
  const witnessedCheckpoints = kit.table(
    'witnessed_checkpoints',
    {
      log: kit.text().notNull(),
      size: kit.amount().notNull(),
      checkpoint: kit.text().notNull(),
      at: kit.instant().notNull(),
    },
    (t) => [kit.primaryKey({ columns: [t.log, t.size] })],
  )

  return { witnessedKeys, witnessedLogs, cosignatures, witnessedCheckpoints }
}
