import { deflateSync } from 'node:zlib'

import { and, eq, gte, ne, sql } from 'drizzle-orm'

import { toBase64url, utf8 } from '../base/bytes.ts'
import { type Clock, day, hour, type Instant, second } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { signJws } from '../formats/jws.ts'
import {
  makeStatusListPayload,
  newStatusList,
  statusListType,
  statusValue,
  writeStatus,
} from '../formats/status-list.ts'
import type { Store } from '../store/store.ts'
import type { Issuer } from './issue.ts'
import { decoysOf, listSize } from './status-decoys.ts'
import { statusListUri } from './status-entries.ts'

/** For how long a copy of a list may be used before a fresh one is fetched, in seconds. */
export const statusTtlSeconds = 300

/** A list says nothing after this. */
const lifeSeconds = (24 * hour) / second

/** Longest life of a credential, and the quarter in which its list was open. */
const listLife = 458 * day

/** A list as it is served. */
export interface PublishedList {
  /** The status list token, a compact JWS (Token Status List draft-20 section 5.1). */
  readonly token: string
  /** The same on every instance, while the list says the same. */
  readonly etag: string
}

/** Makes the node's status list tokens, and makes each again only when it has something to say. */
export interface StatusPublisher {
  /** The token of a list; `undefined` for one that is not there. An Error without an issuer key. */
  list(number: number): Promise<PublishedList | undefined>
  /** The addresses of every list that may have a credential in force (draft-20 section 9.3). */
  aggregation(): Promise<readonly string[]>
}

type Row = Awaited<ReturnType<typeof readList>>

/** One for each instance: it remembers what it has signed. */
export function createStatusPublisher(
  given: Issuer & { readonly store: Store; readonly clock: Clock },
): StatusPublisher {
  const made = new Map<number, { readonly state: string; readonly list: PublishedList }>()
  const { store, clock, publicUrl, roles } = given
  return {
    async list(number) {
      const now = clock()
      const row = await readList(store, number)
      if (!row) return undefined
      const issued = issuedAt(row, now)
      const state = `${row.changes}:${issued}:${roles.current('issuer').kid}`
      const known = made.get(number)
      if (known?.state === state) return known.list
      const list = await sign(given, row, issued)
      made.set(number, { state, list })
      return list
    },
    async aggregation() {
      const { statusLists: l } = store.read.tables
      const rows = await store.read
        .select({ number: l.number })
        .from(l)
        .where(gte(l.openedAt, clock() - listLife))
        .orderBy(l.number)
      return rows.map(({ number }) => statusListUri(publicUrl, number))
    },
  }
}

/** Where the list of lists is (draft-20 section 9). */
export function statusAggregationUri(publicUrl: string): string {
  return `${publicUrl}/status`
}

/**
 * A list is made again every hour, and when a status changes: instances agree on the instant, so
 * that their tokens say the same.
 */
function issuedAt({ changedAt }: NonNullable<Row>, now: Instant): Instant {
  const whole = Math.floor(now / hour) * hour
  const at = changedAt > whole && changedAt <= now ? changedAt : whole
  return Math.floor(at / second) * second
}

async function readList({ read }: Store, number: number) {
  const { statusLists: l } = read.tables
  const [row] = await read.select().from(l).where(eq(l.number, number))
  return row
}

async function sign(
  given: Issuer & { readonly store: Store },
  { number, openedAt }: NonNullable<Row>,
  issued: Instant,
): Promise<PublishedList> {
  const { roles, publicUrl, node, store } = given
  const list = newStatusList(2, listSize)
  for (const [index, { status, from }] of decoysOf(node, number)) {
    if (openedAt + from <= issued) writeStatus(list, index, status)
  }
  const { credentials: c } = store.read.tables
  const changed = await store.read
    .select({ index: c.statusIndex, status: c.status })
    .from(c)
    .where(and(eq(c.statusList, number), ne(c.status, sql`${statusValue.valid}`)))
  for (const { index, status } of changed) writeStatus(list, index, status)
  const payload = await makeStatusListPayload((octets) => deflateSync(octets, { level: 9 }), {
    uri: statusListUri(publicUrl, number),
    issuedSeconds: issued / second,
    expiresSeconds: issued / second + lifeSeconds,
    ttlSeconds: statusTtlSeconds,
    aggregationUri: statusAggregationUri(publicUrl),
    list,
  })
  // Wallets that are about (sd-jwt-js, credo-ts) check a list with the credential's key alone.
  const key = roles.current('issuer')
  const header = { typ: statusListType, kid: key.kid, x5c: key.x5c }
  const token = await signJws(key.sign, header, payload)
  const said = sha256(utf8(`${key.kid}${JSON.stringify(payload)}`))
  return { token, etag: `W/"${toBase64url(said).slice(0, 22)}"` }
}
