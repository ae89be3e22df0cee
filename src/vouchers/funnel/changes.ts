import { sql } from 'drizzle-orm'

import { toBase64url, toHex } from '../../base/bytes.ts'
import type { Instant } from '../../base/clock.ts'
import { unionZone } from '../../benefits/criteria/month.ts'
import { dayIn } from '../../benefits/criteria/zone.ts'
import { voucherDigest } from '../../ledger/voucher-digest.ts'
import type { Reader } from '../../store/store.ts'
import type { Measures, Place } from './measures.ts'

/** A leaf with its place in the log and its entry. */
export interface Counted {
  readonly index: number
  readonly bucket: number
  readonly entryId: string
  readonly kind: string
  readonly at: Instant
  /** The leaf, byte for byte. */
  readonly leaf: Uint8Array
  readonly leafHash: Uint8Array
}

/** What a leaf adds to the figures of one place. */
export interface Change {
  readonly place: Place
  readonly measures: Partial<Measures>
}

/** Of whom and of what: a voucher, or a redemption in a statement. */
interface About {
  readonly programmeId: string
  readonly benefitId: string
  readonly orgCode: string | null
  readonly storeId?: string | null
}

interface OneVoucher extends About {
  readonly entryId: string
  readonly version: number
  readonly amount: number | null
}

/** What leaves about one voucher each change, by a single read of the log from `from` to `to`. */
export async function changesOfSingles(
  reader: Reader,
  log: string,
  leaves: readonly Counted[],
): Promise<Change[]> {
  const [first, last] = [leaves[0], leaves.at(-1)]
  if (!first || !last) return []
  const found = await reader.rows<OneVoucher>(sql`
    select l.entry_id as "entryId", e.version as "version", v.programme_id as "programmeId",
      v.benefit_id as "benefitId", m.org_code as "orgCode", r.store_id as "storeId",
      r.amount as "amount"
    from log_leaves l
    join voucher_events e on e.bucket = l.bucket and e.entry_id = l.entry_id
    join vouchers v on v.bucket = e.bucket and v.id = e.voucher_id
    left join members m on m.id = v.member_id
    left join redemptions r on r.bucket = v.bucket and r.voucher_id = v.id
      and (r.entry_id = l.entry_id or r.reversal_entry_id = l.entry_id)
    where l.log = ${log} and l."index" between ${first.index} and ${last.index}`)
  const byEntry = new Map(leaves.map((leaf) => [leaf.entryId, leaf]))
  return found.flatMap((row) => {
    const leaf = byEntry.get(row.entryId)
    return leaf ? [{ place: placeOf(leaf, row), measures: measuresOf(leaf, row) }] : []
  })
}

function measuresOf({ kind }: Counted, { version, amount }: OneVoucher): Partial<Measures> {
  switch (kind) {
    case 'voucher.claim': // of open stock, whose first leaf it is, or of an offer
      return { claimed: 1, ...(version === 1 && { issued: 1 }) }
    case 'voucher.reissue': // delivered without asking
      return { issued: 1, claimed: 1 }
    case 'voucher.redeem':
      return { redeemed: 1, redeemedAmount: amount ?? 0 }
    case 'voucher.reverse':
      return { reversed: 1, reversedAmount: amount ?? 0 }
    case 'voucher.return':
      return { returned: 1 }
    case 'voucher.void':
      return { voided: 1 }
    default:
      return {}
  }
}

/** Kinds of leaf about many vouchers, and what they do to each. */
export const chunkKinds: ReadonlyMap<string, 'issued' | 'voided' | 'expired'> = new Map([
  ['batch.issue', 'issued'],
  ['draw.issue', 'issued'],
  ['batch.recall', 'voided'],
  ['voucher.expire', 'expired'],
  ['offer.lapse', 'expired'],
])

interface OneOfChunk extends About {
  readonly id: string
  readonly offered: boolean | number
}

/**
 * What a leaf about many vouchers changes. Which they are, its list of digests says; the rows that
 * may be theirs come by an index. Throws when one of the list is not found: it must be there.
 */
export async function changesOfChunk(reader: Reader, leaf: Counted): Promise<Change[]> {
  const { issuedLists } = reader.tables
  const [list] = await reader
    .select({ handles: issuedLists.handles })
    .from(issuedLists)
    .where(sql`${issuedLists.bucket} = ${leaf.bucket} and ${issuedLists.entryId} = ${leaf.entryId}`)
  const wanted = digestsIn(list?.handles ?? new Uint8Array(0))
  const measure = chunkKinds.get(leaf.kind) ?? 'issued'
  const programme = String(fieldsOf(leaf).pg)
  const changes: Change[] = []
  const day = dayIn(unionZone, leaf.at)
  const take = (rows: readonly OneOfChunk[]) => {
    for (const row of rows) {
      if (!wanted.delete(toHex(voucherDigest(row.id)))) continue
      const claimed = measure === 'issued' && !row.offered // delivered without asking
      changes.push({
        place: placeOn(day, row),
        measures: { [measure]: 1, ...(claimed && { claimed: 1 }) },
      })
    }
  }
  if (measure === 'issued') take(await issuedAt(reader, programme, leaf.at))
  else {
    take(
      await rowsWhere(
        reader,
        sql`v.state in ('void', 'expired')
      and v.last_leaf = ${leaf.leafHash}`,
      ),
    )
    // One that expired with uses left may have got a redeemed one back since, and be alive.
    if (wanted.size > 0) {
      const again = sql`v.reversals > 0 and v.programme_id = (
        select id from programmes where public_id = ${programme})`
      take(await rowsWhere(reader, again))
    }
  }
  if (wanted.size > 0) throw new TypeError(`${wanted.size} vouchers of ${leaf.entryId} are gone`)
  return changes
}

function issuedAt(reader: Reader, programme: string, at: Instant): Promise<OneOfChunk[]> {
  return rowsWhere(
    reader,
    sql`v.batch_id is not null and v.issued_at = ${at}
      and v.programme_id = (select id from programmes where public_id = ${programme})`,
  )
}

function rowsWhere(reader: Reader, which: ReturnType<typeof sql>): Promise<OneOfChunk[]> {
  return reader.rows<OneOfChunk>(sql`
    select v.id as "id", v.programme_id as "programmeId", v.benefit_id as "benefitId",
      v.offer_to is not null as "offered", m.org_code as "orgCode"
    from vouchers v left join members m on m.id = v.member_id where ${which}`)
}

/**
 * What a payment settles: the redemptions of a statement in one programme, less those that it
 * states as undone. Adjustments are of no benefit and count nowhere.
 */
export async function changesOfPayment(reader: Reader, leaf: Counted): Promise<Change[]> {
  const { st, pg } = fieldsOf(leaf)
  const { statements: s } = reader.tables
  const all = await reader
    .select({ id: s.id, digest: s.digest })
    .from(s)
    .where(sql`${s.bucket} = ${leaf.bucket} and ${s.state} = 'paid'`)
  const statement = all.find(({ digest }) => digest && toBase64url(digest) === st)
  if (!statement) throw new TypeError(`the statement that ${leaf.entryId} pays is gone`)
  const lines = await reader.rows<About & { kind: string; amount: number }>(sql`
    select l.kind as "kind", l.amount as "amount", r.programme_id as "programmeId",
      r.benefit_id as "benefitId", r.store_id as "storeId", m.org_code as "orgCode"
    from statement_lines l
    join redemptions r on r.bucket = l.bucket and r.id = l.subject_id
    left join members m on m.id = r.member_id
    where l.statement_id = ${statement.id} and l.kind in ('redemption', 'reversal')
      and l.programme_id = (select id from programmes where public_id = ${String(pg)})`)
  return lines.map((line) => ({
    place: placeOf(leaf, line),
    measures: { settled: line.kind === 'reversal' ? -1 : 1, settledAmount: Number(line.amount) },
  }))
}

function placeOf({ at }: Counted, about: About): Place {
  return placeOn(dayIn(unionZone, at), about)
}

function placeOn(day: string, { programmeId, benefitId, orgCode, storeId }: About): Place {
  return { day, programmeId, benefitId, orgCode: orgCode ?? '', storeId: storeId ?? '' }
}

function fieldsOf({ leaf }: Counted): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(leaf)) as Record<string, unknown>
}

function digestsIn(handles: Uint8Array): Set<string> {
  const digests = new Set<string>()
  for (let i = 0; i < handles.length; i += 16) digests.add(toHex(handles.subarray(i, i + 16)))
  return digests
}
