import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm'

import { toBase64url, utf8 } from '../../base/bytes.ts'
import { day, type Instant } from '../../base/clock.ts'
import { newId, type Random, systemRandom } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { sha256 } from '../../base/sha256.ts'
import { readDcql } from '../../formats/dcql.ts'
import { FormatError } from '../../formats/error.ts'
import { type JsonObject, parseJsonObject } from '../../formats/json.ts'
import { seal, unseal } from '../../keys/seal.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import type { Reader, Tx } from '../../store/store.ts'
import { newResponseKey } from './response-key.ts'
import type { Shown } from './verify-response.ts'

export type Verification = Tx['tables']['verifications']['$inferSelect']

/** What somebody wants to be shown. */
export interface Wish {
  /** `principal:`, `terminal:` and an id, or `cli`. Nobody else reads the result. */
  readonly askedBy: string
  /** With its prefix: `clientIdOf`. */
  readonly clientId: string
  /** A DCQL query (OpenID4VP 1.0 section 6). */
  readonly query: JsonObject
  /** What the member is to confirm; each has `type` and `credential_ids` (section 5.1). */
  readonly transactionData: readonly JsonObject[]
  /** Where the member's browser goes afterwards. The result then needs the response code. */
  readonly redirectUri?: string
  /** Where the result is sent. */
  readonly webhook?: string
  /** 60 to 900. */
  readonly seconds: number
  readonly now: Instant
}

/** What there is of a verification to see at an instant. */
export type VerificationState = 'pending' | 'verified' | 'expired'

const resultPurpose = 'verification-result'

/**
 * Prepares a verification: reads the query, makes its key, nonce and names. Before the transaction,
 * because a key is not made in one. Refusal VALIDATION_FAILED for a query that is none.
 */
export async function prepareVerification(
  node: ThisNode,
  wish: Wish,
  random: Random = systemRandom,
): Promise<Verification> {
  refuseMalformed(wish)
  const name = (octets: number) => toBase64url(random(octets))
  const { jwk, sealed } = await newResponseKey(node)
  const entries = wish.transactionData.map((each) => toBase64url(utf8(JSON.stringify(each))))
  return {
    id: newId(wish.now),
    requestId: name(16),
    askedBy: wish.askedBy,
    state: 'pending',
    clientId: wish.clientId,
    nonce: name(24),
    walletState: name(16),
    query: JSON.stringify(wish.query),
    transactionData: JSON.stringify(entries),
    encryptionKey: jwk,
    sealedKey: sealed,
    redirectUri: wish.redirectUri ?? null,
    responseCodeHash: null,
    createdAt: wish.now,
    expiresAt: wish.now + wish.seconds * 1000,
    answeredAt: null,
    refused: null,
    refusals: 0,
    sealedResult: null,
    evidence: null,
    spentAt: null,
  }
}

/** Writes a prepared verification down, and where its result goes. */
export async function createVerification(
  tx: Tx,
  prepared: Verification,
  webhook?: string,
): Promise<void> {
  const { verifications, verificationHooks } = tx.tables
  await tx.insert(verifications).values(prepared)
  if (webhook === undefined) return
  await tx
    .insert(verificationHooks)
    .values({ verificationId: prepared.id, url: webhook, attempts: 0 })
}

/** A verification of somebody's. Refusal NOT_FOUND, also for another's. */
export async function readVerification(
  reader: Reader,
  { id, askedBy }: { id: string; askedBy: string },
): Promise<Verification> {
  const { verifications } = reader.tables
  const [found] = await reader
    .select()
    .from(verifications)
    .where(and(eq(verifications.id, id), eq(verifications.askedBy, askedBy)))
  if (!found) throw new Refusal('NOT_FOUND', { what: 'verification' })
  return found
}

/** The verification that a wallet means by the address of its request. */
export async function verificationByRequest(
  reader: Reader,
  requestId: string,
): Promise<Verification | undefined> {
  const { verifications } = reader.tables
  const [found] = await reader
    .select()
    .from(verifications)
    .where(eq(verifications.requestId, requestId))
  return found
}

/** Its state at an instant: what nobody has answered in time has expired. */
export function verificationState(
  { state, expiresAt }: Pick<Verification, 'state' | 'expiresAt'>,
  now: Instant,
): VerificationState {
  return state === 'pending' && now >= expiresAt ? 'expired' : state
}

/**
 * Accepts a presentation, once: of any number of answers to one request the first that gets here
 * sees a row. Answers whether it was this one. The result waits for its webhook from then on.
 */
export async function acceptPresentation(
  tx: Tx,
  node: ThisNode,
  given: {
    readonly id: string
    readonly shown: Shown
    /** The digest of the response code, where there is a place to redirect to. */
    readonly responseCodeHash: Uint8Array | undefined
    readonly now: Instant
  },
): Promise<boolean> {
  const { id, shown, responseCodeHash, now } = given
  const { verifications, verificationHooks } = tx.tables
  const result = utf8(JSON.stringify(shown.credentials))
  const taken = await tx
    .update(verifications)
    .set({
      state: 'verified',
      answeredAt: now,
      refused: null,
      responseCodeHash: responseCodeHash ?? null,
      sealedResult: seal(node.sealing, result, `${resultPurpose}:${id}`),
      evidence: shown.evidence,
    })
    .where(
      and(
        eq(verifications.id, id),
        eq(verifications.state, 'pending'),
        gt(verifications.expiresAt, now),
      ),
    )
    .returning({ id: verifications.id })
  if (taken.length === 0) return false
  await tx
    .update(verificationHooks)
    .set({ nextAt: now })
    .where(eq(verificationHooks.verificationId, id))
  return true
}

/** Remembers why a presentation was refused: who asked is told, and goes on waiting. */
export async function noteRefused(tx: Tx, id: string, code: string): Promise<void> {
  const { verifications } = tx.tables
  await tx
    .update(verifications)
    .set({ refused: code, refusals: sql`${verifications.refusals} + 1` })
    .where(and(eq(verifications.id, id), eq(verifications.state, 'pending')))
}

/**
 * What was shown, by the ids of the query; `undefined` before there is anything, and for one with a
 * redirection as long as the response code is missing or wrong (section 13.3).
 */
export function shownIn(
  node: ThisNode,
  verification: Verification,
  responseCode: string | undefined,
): JsonObject | undefined {
  const { id, sealedResult, redirectUri, responseCodeHash } = verification
  if (sealedResult === null) return undefined
  if (redirectUri !== null) {
    const given = sha256(responseCode ?? '')
    if (toBase64url(given) !== toBase64url(responseCodeHash ?? new Uint8Array())) return undefined
  }
  return parseJsonObject(
    new Uint8Array(unseal(node.sealing, sealedResult, `${resultPurpose}:${id}`)),
  )
}

/** What was shown, as the JSON text that was sealed. */
export function resultText(node: ThisNode, id: string, sealed: Uint8Array): string {
  return new TextDecoder().decode(unseal(node.sealing, sealed, `${resultPurpose}:${id}`))
}

/** Uses up what was confirmed, once. Answers whether it was still there. */
export async function spendVerification(tx: Tx, id: string, now: Instant): Promise<boolean> {
  const { verifications } = tx.tables
  const spent = await tx
    .update(verifications)
    .set({ spentAt: now })
    .where(
      and(
        eq(verifications.id, id),
        eq(verifications.state, 'verified'),
        isNull(verifications.spentAt),
      ),
    )
    .returning({ id: verifications.id })
  return spent.length > 0
}

/** Forgets verifications a day after they expired, and with them what was shown. */
export async function forgetVerifications(tx: Tx, now: Instant): Promise<void> {
  const { verifications, verificationHooks } = tx.tables
  const over = tx
    .select({ id: verifications.id })
    .from(verifications)
    .where(lt(verifications.expiresAt, now - day))
  await tx.delete(verificationHooks).where(sql`${verificationHooks.verificationId} in ${over}`)
  await tx.delete(verifications).where(lt(verifications.expiresAt, now - day))
}

function refuseMalformed({ query, transactionData }: Wish): void {
  try {
    const ids = readDcql(query).credentials.map(({ id }) => id)
    for (const { type, credential_ids: named } of transactionData) {
      const known =
        Array.isArray(named) && named.length > 0 && named.every((id) => ids.includes(id))
      if (typeof type !== 'string' || !known) {
        throw new FormatError('DCQL_MALFORMED', 'transaction data names no credential')
      }
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new Refusal('VALIDATION_FAILED', { issues: [`dcql_query: ${error.message}`] })
  }
}
