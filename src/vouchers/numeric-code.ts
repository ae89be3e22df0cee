import { and, eq, gt, isNull, sql } from 'drizzle-orm'

import { type Instant, minute } from '../base/clock.ts'
import { type Random, systemRandom } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import { makeNumericCode, readNumericCode } from '../formats/numeric-code.ts'
import { decodeVoucherCode, encodeVoucherCode, readCodeText } from '../formats/voucher-code.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Reader, Tx } from '../store/store.ts'
import { delegationByDigits } from './delegations.ts'
import { bucketOfHandle } from './handle.ts'
import { type ShownCode, verifyCode } from './shown-code.ts'

/** How long a numeric code lives, and how many a terminal may mistype in ten minutes. */
export const numericCodeMinutes = 5
export const numericCodeTries = 5
const windowMinutes = 10

/**
 * Makes twelve digits that stand for a voucher code the member's device has just signed. The
 * signature stays the evidence; the digits are stored as a keyed hash only.
 */
export async function makeAlias(
  tx: Tx,
  node: ThisNode,
  given: { codeText: string; now: Instant; random?: Random },
): Promise<{ digits: string; expiresAt: Instant }> {
  const code = readCodeText(given.codeText)
  if (typeof code === 'string') throw new Refusal('TOKEN_MALFORMED')
  const digits = makeNumericCode(given.random ?? systemRandom)
  const expiresAt = given.now + numericCodeMinutes * minute
  const written = await tx.insertMany(
    tx.tables.numericCodes,
    [
      {
        codeHash: hashOf(node, digits),
        bucket: bucketOfHandle(code.voucher),
        code: encodeVoucherCode(code, code.signature),
        expiresAt,
      },
    ],
    { ignore: true },
  )
  if (written === 0) throw new Refusal('TEMPORARILY_UNAVAILABLE')
  return { digits, expiresAt }
}

/**
 * The signed code behind twelve digits, verified like a scanned one. Its step is the one it was
 * signed in: the digits have their own, longer life. Also the digits that a collector was given;
 * their step is the moment, below 0. Unknown and expired digits are
 * VOUCHER_NOT_FOUND; a wrong check digit is TOKEN_MALFORMED and costs no try.
 */
export async function verifyDigits(
  reader: Reader,
  node: ThisNode,
  typed: string,
  now: Instant,
): Promise<ShownCode> {
  const digits = readNumericCode(typed)
  if (!digits) throw new Refusal('TOKEN_MALFORMED')
  const { numericCodes } = reader.tables
  const [row] = await reader
    .select()
    .from(numericCodes)
    .where(
      and(
        eq(numericCodes.codeHash, hashOf(node, digits)),
        isNull(numericCodes.usedAt),
        gt(numericCodes.expiresAt, now),
      ),
    )
  const given = row ? undefined : await delegationByDigits(reader, node, digits)
  if (given) {
    const { id: delegationId, bucket, voucherId, evidence } = given
    const deviceId = `delegation:${delegationId}`
    return { bucket, voucherId, deviceId, step: -now, evidence, delegationId }
  }
  const code = row ? decodeVoucherCode(row.code) : nobody
  if (typeof code === 'string') throw new TypeError('a numeric code stands for no code')
  return { ...(await verifyCode(reader, node, code)), digits }
}

/** Uses the digits up, in the transaction of what they prove. VOUCHER_NOT_FOUND the second time. */
export async function consumeDigits(
  tx: Tx,
  node: ThisNode,
  digits: string,
  now: Instant,
): Promise<void> {
  const { numericCodes } = tx.tables
  const used = await tx
    .update(numericCodes)
    .set({ usedAt: now })
    .where(
      and(
        eq(numericCodes.codeHash, hashOf(node, digits)),
        isNull(numericCodes.usedAt),
        gt(numericCodes.expiresAt, now),
      ),
    )
    .returning({ bucket: numericCodes.bucket })
  if (used.length === 0) throw new Refusal('VOUCHER_NOT_FOUND')
}

/**
 * Puts a numeric code that a terminal has typed on record before it is told anything: a wrong one
 * costs a try; a right one costs none, and stands in line behind those that are being counted. The
 * conditional statement decides, so that of any number typed at once no more than the tries are
 * answered. What it writes must be kept when the code was wrong. Refusal TOO_MANY_CODE_ATTEMPTS
 * when none is left in this window of ten minutes and the one before.
 */
export async function takeTry(
  tx: Tx,
  { terminalId, wrong, now }: { terminalId: string; wrong: boolean; now: Instant },
): Promise<void> {
  const { codeTries } = tx.tables
  const window = windowAt(now)
  const earlier = sql`coalesce((select e.tries from ${codeTries} e
    where e.terminal_id = ${terminalId} and e."window" = ${window - 1}), 0)`
  const cost = wrong ? 1 : 0
  const [taken] = await tx
    .insert(codeTries)
    .select(
      sql`select ${terminalId}, cast(${window} as bigint), cast(${cost} as integer)
        where ${earlier} < ${numericCodeTries}`,
    )
    .onConflictDoUpdate({
      target: [codeTries.terminalId, codeTries.window],
      set: { tries: sql`${codeTries.tries} + ${cost}` },
      setWhere: sql`${codeTries.tries} + ${earlier} < ${numericCodeTries}`,
    })
    .returning({ tries: codeTries.tries })
  if (!taken) throw new Refusal('TOO_MANY_CODE_ATTEMPTS')
}

/** Counts digits that had been used up against the terminal. */
export async function countWrongDigits(tx: Tx, terminalId: string, now: Instant): Promise<void> {
  const { codeTries } = tx.tables
  await tx
    .insert(codeTries)
    .values({ terminalId, window: windowAt(now), tries: 1 })
    .onConflictDoUpdate({
      target: [codeTries.terminalId, codeTries.window],
      set: { tries: sql`${codeTries.tries} + 1` },
    })
}

/** What is verified when nobody's digits were typed: the same work, in vain. */
const nobody = {
  node: 0,
  voucher: '0'.repeat(32),
  keyTag: 0,
  step: 0,
  signature: new Uint8Array(64).fill(1),
  signed: new Uint8Array(40),
}

function windowAt(now: Instant): number {
  return Math.floor(now / (windowMinutes * minute))
}

function hashOf(node: ThisNode, digits: string): Uint8Array {
  return keyedHash(node.hashing, `digits:${digits}`)
}
