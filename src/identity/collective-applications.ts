import { and, asc, eq, inArray } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { RefusalCode } from '../base/refusal-codes.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { type Applicant, sealApplicant } from './applicant.ts'
import type { Application } from './applications.ts'
import { type Deciding, decideApplication, isOwn, standingOf } from './decide-application.ts'
import { type RosterBatch, readRoster } from './roster/read.ts'
import type { ParsedRow, RowFault } from './roster/row.ts'
import { hashIdentity } from './roster-prepare.ts'

/** Rows of a collective file, at the most. */
export const mostApplicants = 1000

/** Applications of one file that are decided in one transaction. */
const decidedAtOnce = 100

/**
 * Reads a collective application: a roster of one organisation. Rows of another are faulty
 * (`unknown_org`). Refuses as `readRoster`, FILE_TOO_LARGE above `mostApplicants`.
 */
export async function readApplicants(
  source: AsyncIterable<Uint8Array>,
  { orgCode, today }: { readonly orgCode: string; readonly today: string },
): Promise<{ rows: ParsedRow[]; faults: RowFault[] }> {
  const rows: ParsedRow[] = []
  const faults: RowFault[] = []
  const rules = { today, organisationExists: (code: string) => code === orgCode }
  const batches: AsyncIterable<RosterBatch> = readRoster(source, {
    ...rules,
    rowLimit: mostApplicants,
  })
  for await (const batch of batches) {
    rows.push(...batch.rows)
    faults.push(...batch.faulty)
  }
  return { rows, faults }
}

/** Writes the rows of a file down as applications without a key. Answers the file's id. */
export async function applyTogether(
  tx: Tx,
  node: ThisNode,
  given: { readonly orgCode: string; readonly rows: readonly ParsedRow[]; readonly now: Instant },
): Promise<string> {
  const { orgCode, now } = given
  const fileId = newId(now)
  const applications = given.rows.map((row) => {
    const { name, idType, idNumber, mobile, occupation } = row
    const applicant: Applicant = { name, idType, idNumber, mobile, occupation, device: '' }
    const id = newId(now)
    return {
      ...{ id, orgCode, fileId, joinCodeId: null, state: 'waiting' as const, version: 1 },
      idHash: hashIdentity(node, idType, idNumber),
      sealed: sealApplicant(node, id, applicant),
      ...{ thumbprint: null, spki: null, createdAt: now, decidedAt: null, decidedBy: null },
      ...{ sealedReason: null, memberId: null, deviceId: null },
    }
  })
  await tx.insertMany(tx.tables.applications, applications)
  return fileId
}

/** The organisation of a file's applications. Refusal NOT_FOUND. */
export async function organisationOfFile(reader: Reader, fileId: string): Promise<string> {
  const { applications: a } = reader.tables
  const [row] = await reader
    .select({ orgCode: a.orgCode })
    .from(a)
    .where(eq(a.fileId, fileId))
    .limit(1)
  if (!row) throw new Refusal('NOT_FOUND', { what: 'application_file' })
  return row.orgCode
}

/** What became of some of a file's applications. */
export interface DecidedTogether {
  readonly decided: number
  /** Those that wait for a decision of their own, and the code that would refuse this one. */
  readonly refused: readonly { readonly id: string; readonly code: RefusalCode }[]
  /** The last one looked at: go on behind it; none when there are no more. */
  readonly next: string | undefined
}

/**
 * Decides the next hundred of a file's waiting applications behind `after`, each as by itself. Who
 * is a member elsewhere, and the decider's own, are left waiting. Refuses as `decideApplication`,
 * when somebody else decides one of them at this moment: then none of these is decided.
 */
export async function decideTogether(
  tx: Tx,
  node: ThisNode,
  {
    fileId,
    after,
    ...deciding
  }: Omit<Deciding, 'id' | 'version'> & { readonly fileId: string; readonly after: string },
): Promise<DecidedTogether> {
  const { applications: a } = tx.tables
  const waiting = await tx
    .select()
    .from(a)
    .where(and(eq(a.fileId, fileId), inArray(a.state, ['waiting', 'more_needed'])))
    .orderBy(asc(a.id))
  const behind = waiting.filter(({ id }) => id > after)
  const rows = behind.slice(0, decidedAtOnce)
  const refused: { id: string; code: RefusalCode }[] = []
  for (const row of rows) {
    const { id, version } = row
    const code = await obstacle(tx, row, deciding)
    if (code) refused.push({ id, code })
    else await decideApplication(tx, node, { ...deciding, id, version })
  }
  const next = behind.length > rows.length ? rows.at(-1)?.id : undefined
  return { decided: rows.length - refused.length, refused, next }
}

/** What would refuse the decision, asked before anything is written. */
async function obstacle(
  tx: Tx,
  row: Application,
  { decision, by }: Pick<Deciding, 'decision' | 'by'>,
): Promise<RefusalCode | undefined> {
  if (await isOwn(tx, row, by.personId)) return 'SELF_APPROVAL'
  if (decision !== 'approve') return undefined
  return (await standingOf(tx, row)) === 'member_elsewhere' ? 'TRANSFER_NEEDED' : undefined
}
