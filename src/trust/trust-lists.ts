import { eq, lt, sql } from 'drizzle-orm'

import { toHex, utf8 } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { FormatError } from '../formats/error.ts'
import { thumbprintText } from '../formats/jwk.ts'
import { type JwsHeader, parseJws, verifyJws } from '../formats/jws.ts'
import {
  type KnownTrustList,
  maxTrustListLength,
  readTrustList,
  type TrustList,
  trustListType,
} from '../formats/trust-list.ts'
import { verifyTrustList } from '../formats/verify-trust-list.ts'
import { jwkOf, type PublicJwk } from '../keys/es256.ts'
import { verifyWithJwk } from '../keys/verify-jwk.ts'
import { type Reader, statement, type Tx } from '../store/store.ts'
import { readCertificateKey } from './certificate-path.ts'
import { TrustError } from './error.ts'

/** A list whose signature holds, ready to be kept. */
export interface VerifiedTrustList {
  /** Thumbprint of the root that signed it. */
  readonly root: string
  readonly token: string
  readonly list: TrustList
  readonly known: KnownTrustList
}

/** The list in force of a root, and the one that it replaced. */
export interface KeptTrustList {
  readonly root: string
  readonly token: string
  readonly known: KnownTrustList
  readonly list: TrustList
  readonly previous: TrustList | undefined
}

const skewSeconds = 300

/**
 * Verifies a trust list with the key of the pinned root that its `kid` names, against what is kept
 * of that root. Throws what `verifyTrustList` throws (TRUST_LIST_ROLLBACK, TRUST_LIST_STALE, …) or
 * TrustError ROOT_UNTRUSTED.
 */
export async function verifyAgainstRoots(
  token: string,
  given: {
    readonly roots: readonly Uint8Array[]
    readonly kept: readonly KeptTrustList[]
    readonly now: Instant
  },
): Promise<VerifiedTrustList> {
  const { header } = parseJws(token, shape)
  const root = rootNamed(header, given.roots)
  const known = given.kept.find((each) => each.root === header.kid)?.known ?? ('none' as const)
  const policy = { trust: () => root, known, now: given.now, skewSeconds }
  const crypto = { sha256, verifyEs256: verifyWithJwk }
  const accepted = await verifyTrustList(crypto, token, policy)
  return { root: thumbprintText(sha256, root), token, ...accepted }
}

/**
 * Keeps a verified list in place of the one before, by one statement: a lower number never gets in,
 * whoever else is writing. The same list again changes nothing. Answers whether it is new; throws
 * FormatError TRUST_LIST_ROLLBACK or TRUST_LIST_FORKED.
 */
export async function keepTrustList(
  tx: Tx,
  { root, token, list, known }: VerifiedTrustList,
  now: Instant,
): Promise<boolean> {
  const { trustLists } = tx.tables
  const { sequence, digest } = known
  const next = { sequence, digest, token, nextUpdate: list.nextUpdate, acceptedAt: now }
  const kept = await tx
    .insert(trustLists)
    .values({ root, ...next })
    .onConflictDoUpdate({
      target: trustLists.root,
      set: { ...next, previousToken: sql`${trustLists.token}` },
      setWhere: lt(trustLists.sequence, sequence),
    })
    .returning({ root: trustLists.root })
  if (kept.length > 0) return true
  const [there] = await tx.select().from(trustLists).where(eq(trustLists.root, root))
  if (there?.sequence === sequence && there.digest === digest) return false
  const code = there?.sequence === sequence ? 'TRUST_LIST_FORKED' : 'TRUST_LIST_ROLLBACK'
  throw new FormatError(code, 'another list is in force')
}

/**
 * Reads a list that this root signed, however old it is: what the next one is made from. Throws
 * FormatError.
 */
export async function readSignedList(token: string, root: Uint8Array): Promise<TrustList> {
  const jws = parseJws(token, shape)
  await verifyJws(verifyWithJwk, jws, keyOf(root))
  return readTrustList(jws.payload)
}

/** What was read of a database last, by root: a list of a hundred nodes takes a while to read. */
const readBefore = new WeakMap<Reader, Map<string, KeptTrustList>>()

/** Asked for every credential that is verified. */
const inForce = statement()((db) =>
  db
    .select({
      root: db.tables.trustLists.root,
      sequence: db.tables.trustLists.sequence,
      digest: db.tables.trustLists.digest,
    })
    .from(db.tables.trustLists),
)

/** The lists in force, of the roots that are pinned. */
export async function keptTrustLists(
  reader: Reader,
  roots: readonly Uint8Array[],
): Promise<readonly KeptTrustList[]> {
  const pinned = new Set(roots.map(kidOf))
  const names = await reader.perform(inForce, {})
  const before = readBefore.get(reader) ?? new Map<string, KeptTrustList>()
  readBefore.set(reader, before)
  const kept: KeptTrustList[] = []
  for (const { root, sequence, digest } of names.filter((name) => pinned.has(name.root))) {
    const known = before.get(root)
    const same = known?.known.sequence === sequence && known.known.digest === digest
    const list = same ? known : await readList(reader, root)
    if (list) kept.push(list)
    if (list) before.set(root, list)
  }
  return kept
}

/** For how long a process need not look again: so late, at most, it sees what another accepted. */
const restMs = 1000

/** By the machine's own time: a wall clock that is set back must not make it last. */
const lookedAt = new WeakMap<
  Reader,
  {
    readonly at: number
    readonly roots: readonly Uint8Array[]
    readonly lists: Promise<readonly KeptTrustList[]>
  }
>()

/**
 * The same, as they were at most a second ago: for verifying, where each credential would cost a
 * query. What this process accepts itself counts at once, by `forgetTrustLists`.
 */
export function recentTrustLists(
  reader: Reader,
  roots: readonly Uint8Array[],
): Promise<readonly KeptTrustList[]> {
  const now = performance.now()
  const seen = lookedAt.get(reader)
  if (seen && seen.roots === roots && now - seen.at < restMs) return seen.lists
  const lists = keptTrustLists(reader, roots)
  lookedAt.set(reader, { at: now, roots, lists })
  lists.catch(() => forgetTrustLists(reader))
  return lists
}

/** Makes the next verification look again. For whoever has just accepted a list. */
export function forgetTrustLists(reader: Reader): void {
  lookedAt.delete(reader)
}

async function readList(reader: Reader, root: string): Promise<KeptTrustList | undefined> {
  const { trustLists } = reader.tables
  const [row] = await reader.select().from(trustLists).where(eq(trustLists.root, root))
  if (!row) return undefined
  const { token, previousToken, sequence, digest } = row
  const previous = previousToken === null ? undefined : listOf(previousToken)
  return { root, token, known: { sequence, digest }, list: listOf(token), previous }
}

const shape = {
  types: [trustListType],
  algorithms: ['ES256'],
  maxLength: maxTrustListLength,
} as const

/** Its signature was checked when it was kept. */
function listOf(token: string): TrustList {
  return readTrustList(parseJws(token, shape).payload)
}

function rootNamed({ kid }: JwsHeader, roots: readonly Uint8Array[]): PublicJwk {
  const named = roots.find((root) => kidOf(root) === kid)
  if (!named) throw new TrustError('ROOT_UNTRUSTED', 'list is signed by no pinned root')
  return keyOf(named)
}

function keyOf(der: Uint8Array): PublicJwk {
  return jwkOf(readCertificateKey(der))
}

const kids = new WeakMap<Uint8Array, string>()

/** Thumbprint of a root's key. A root is pinned for as long as a process runs. */
function kidOf(root: Uint8Array): string {
  const kid = kids.get(root) ?? thumbprintText(sha256, keyOf(root))
  kids.set(root, kid)
  return kid
}

/** What a list's answer is marked with, so that it is fetched again only when it changed. */
export function entityTag(token: string): string {
  return `"${toHex(sha256(utf8(token))).slice(0, 32)}"`
}
