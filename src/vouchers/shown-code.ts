import { and, eq, isNull, sql } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { readCodeText, type SignedVoucherCode, stepAt } from '../formats/voucher-code.ts'
import { nobodysKey } from '../keys/es256.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { verifyEs256 } from '../keys/verify-es256.ts'
import { type Reader, statement } from '../store/store.ts'
import { bucketOfHandle } from './handle.ts'

/** A code whose signature was found good. What it is worth is decided in the transaction. */
export interface ShownCode {
  readonly bucket: number
  readonly voucherId: string
  readonly deviceId: string
  readonly step: number
  /** SHA-256 of the device's signature, base64url: what the leaf commits to. */
  readonly evidence: Uint8Array
  /** The twelve digits it was typed as: they live longer than the step, and are good once. */
  readonly digits?: string
  /** The collector whose pick-up code was typed: then there is no step. */
  readonly delegationId?: string
}

const readKey = statement<{ bucket: number; voucher: string; tag: number }>()((db) => {
  const { vouchers, devices } = db.tables
  return db
    .select({ deviceId: devices.id, spki: devices.spki })
    .from(vouchers)
    .innerJoin(
      devices,
      and(
        eq(devices.memberId, vouchers.memberId),
        eq(devices.tag, sql.placeholder('tag')),
        isNull(devices.revokedAt),
      ),
    )
    .where(
      and(
        eq(vouchers.bucket, sql.placeholder('bucket')),
        eq(vouchers.id, sql.placeholder('voucher')),
      ),
    )
})

/**
 * Reads and verifies a scanned code. Unknown and not-yours are one answer: one query and one
 * signature check either way, then VOUCHER_NOT_FOUND. Other refusals: TOKEN_MALFORMED,
 * UNSUPPORTED_TOKEN_VERSION.
 */
export async function verifyShownCode(
  reader: Reader,
  node: ThisNode,
  text: string,
): Promise<ShownCode> {
  const code = readCodeText(text)
  if (code === 'unsupported') throw new Refusal('UNSUPPORTED_TOKEN_VERSION')
  if (code === 'malformed') throw new Refusal('TOKEN_MALFORMED')
  return verifyCode(reader, node, code)
}

/** The same for a code that was read already. */
export async function verifyCode(
  reader: Reader,
  node: ThisNode,
  code: SignedVoucherCode,
): Promise<ShownCode> {
  const { voucher, keyTag, step, signature, signed } = code
  const bucket = bucketOfHandle(voucher)
  const [key] = await reader.perform(readKey, { bucket, voucher, tag: keyTag })
  const good = await verifyEs256(key?.spki ?? nobodysKey, signed, signature)
  if (!key || !good || code.node !== node.number) throw new Refusal('VOUCHER_NOT_FOUND')
  return { bucket, voucherId: voucher, deviceId: key.deviceId, step, evidence: sha256(signature) }
}

/** Refusal TOKEN_EXPIRED unless the step is the current one or next to it. */
export function requireFreshStep(step: number, now: Instant): void {
  if (Math.abs(step - stepAt(now)) > 1) throw new Refusal('TOKEN_EXPIRED', { server_time: now })
}
