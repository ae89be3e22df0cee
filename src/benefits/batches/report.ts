import { createHash } from 'node:crypto'

import { and, asc, eq, gt, sql } from 'drizzle-orm'

import { fromHex, toHex } from '../../base/bytes.ts'
import type { Instant } from '../../base/clock.ts'
import type { Reader } from '../../store/store.ts'
import { readProgramme } from '../programmes.ts'
import type { Batch } from './batch.ts'
import { type Difference, differenceOf } from './difference.ts'
import type { Found } from './digest.ts'
import { type BatchGround, criteriaHashOf, groundOf } from './ground.ts'
import { type QuotaEffect, quotaEffect } from './quota-effect.ts'

/** What a dry run found, stored as JSON and shown to makers and approvers. Money is fen. */
export interface DryRunReport {
  /** Members in the organisation's subtree, or those of them on the list. */
  readonly considered: number
  readonly eligible: number
  /** Considered but not eligible: the first reason that holds. They sum to the difference. */
  readonly excluded: {
    readonly not_active: number
    readonly not_eligible: number
    readonly fact_unknown: number
    readonly cap_reached: number
  }
  /** The organisations with the most members found, at most 20. */
  readonly by_organisation: readonly { readonly org_code: string; readonly count: number }[]
  readonly by_occupation: readonly { readonly occupation: string; readonly count: number }[]
  readonly budget: {
    readonly amount: number
    readonly uses: number
    readonly total: number
    readonly available: number
    readonly sufficient: boolean
  }
  /** What becomes of the sub-quotas; `budget.total` is what all the eligible would cost. */
  readonly quotas?: QuotaEffect
  /** Against the batch's dry run before this one. */
  readonly difference?: Difference
  /** At most 50, the member numbers masked. */
  readonly sample: readonly { readonly member_no: string; readonly org_code: string }[]
  /** SHA-256 in lower-case hexadecimal. */
  readonly members_sha256: string
  readonly criteria_sha256: string
}

const mostOrganisations = 20
const sampled = 50
const idsAtOnce = 10_000

/** Measures the members that a dry run has collected. Reads only; can take long. */
export async function measure(
  reader: Reader,
  batch: Batch,
  dryRunId: string,
  now: Instant,
): Promise<DryRunReport> {
  const ground = await groundOf(reader, batch, now)
  const { count, hash } = await membersOf(reader, dryRunId)
  const { amount, uses } = ground.benefit.definition
  const { available } = await readProgramme(reader, batch.programmeId)
  const total = count * amount * uses
  const quotas = await quotaEffect(reader, ground.benefit, { dryRunId, now, masked })
  const difference = await differenceOf(reader, { batchId: batch.id, dryRunId })
  return {
    ...(await outcomes(reader, batch, ground, count)),
    by_organisation: await byOrganisation(reader, dryRunId),
    by_occupation: await byOccupation(reader, dryRunId),
    budget: { amount, uses, total, available, sufficient: total <= available },
    ...(quotas && { quotas }),
    ...(difference && { difference }),
    sample: await sampleOf(reader, dryRunId),
    members_sha256: toHex(hash),
    criteria_sha256: toHex(await criteriaHashOf(reader, batch)),
  }
}

/** A report's figures, for who may not know members: the samples are empty. */
export function withoutMembers({ quotas, ...rest }: DryRunReport): DryRunReport {
  const levels = quotas && { ...quotas, falls_out: { ...quotas.falls_out, sample: [] } }
  return { ...rest, ...(levels && { quotas: levels }), sample: [] }
}

/** The part of a report that the digest is made of. */
export function foundIn(report: DryRunReport): Found {
  const membersHash = fromHex(report.members_sha256)
  const criteriaHash = fromHex(report.criteria_sha256)
  if (!membersHash || !criteriaHash) throw new TypeError('a stored report has its hashes')
  return { count: report.eligible, membersHash, criteriaHash }
}

/** `eligible` is what was collected; the rest is counted now, which may be a little later. */
async function outcomes(
  reader: Reader,
  { listId }: Batch,
  { selection, capReached }: BatchGround,
  eligible: number,
) {
  const { members, listMembers } = reader.tables
  const { from, inScope, holds, fails } = selection
  const active = sql`${members.standing} = 'active'`
  const listed = sql`exists (select 1 from ${listMembers}
    where ${eq(listMembers.listId, listId ?? '')} and ${listMembers.memberId} = ${members.id})`
  const considered = listId === null ? inScope : sql`${inScope} and ${listed}`
  const outcome = sql`case when not ${active} then 'not_active' when ${fails} then 'not_eligible'
    when ${holds} then case when ${capReached} then 'cap_reached' else 'eligible' end
    else 'fact_unknown' end`
  const rows = await reader.rows<{ outcome: string; count: number }>(
    sql`select outcome as outcome, count(*) as count
      from (select ${outcome} as outcome from ${from} where ${considered}) o group by outcome`,
  )
  const of = (name: string) => rows.find((row) => row.outcome === name)?.count ?? 0
  const excluded = {
    not_active: of('not_active'),
    not_eligible: of('not_eligible'),
    fact_unknown: of('fact_unknown'),
    cap_reached: of('cap_reached'),
  }
  const out = Object.values(excluded).reduce((sum, n) => sum + n, 0)
  return { considered: eligible + out, eligible, excluded }
}

async function byOrganisation(reader: Reader, dryRunId: string) {
  const { members, dryRunMembers } = reader.tables
  return reader.rows<{ org_code: string; count: number }>(
    sql`select ${members.orgCode} as org_code, count(*) as count
      from ${dryRunMembers} join ${members} on ${members.id} = ${dryRunMembers.memberId}
      where ${eq(dryRunMembers.dryRunId, dryRunId)} group by ${members.orgCode}
      order by 2 desc, 1 limit ${mostOrganisations}`,
  )
}

async function byOccupation(reader: Reader, dryRunId: string) {
  const { members, dryRunMembers } = reader.tables
  return reader.rows<{ occupation: string; count: number }>(
    sql`select coalesce(${members.occupation}, 'unknown') as occupation, count(*) as count
      from ${dryRunMembers} join ${members} on ${members.id} = ${dryRunMembers.memberId}
      where ${eq(dryRunMembers.dryRunId, dryRunId)} group by 1 order by 2 desc, 1`,
  )
}

async function sampleOf(reader: Reader, dryRunId: string) {
  const { members, dryRunMembers } = reader.tables
  const rows = await reader
    .select({ memberNo: members.memberNo, orgCode: members.orgCode })
    .from(dryRunMembers)
    .innerJoin(members, eq(members.id, dryRunMembers.memberId))
    .where(eq(dryRunMembers.dryRunId, dryRunId))
    .orderBy(asc(dryRunMembers.memberId))
    .limit(sampled)
  return rows.map(({ memberNo, orgCode }) => ({ member_no: masked(memberNo), org_code: orgCode }))
}

/** Two characters at each end of a number of eight or more; else the last one only. */
function masked(memberNo: string): string {
  const [head, tail] = memberNo.length < 8 ? [0, 1] : [2, 2]
  return `${memberNo.slice(0, head)}****${memberNo.slice(-tail)}`
}

/** Counts and hashes the members in the order of their ids, a page at a time. */
async function membersOf(reader: Reader, dryRunId: string) {
  const { dryRunMembers } = reader.tables
  const hash = createHash('sha256')
  let count = 0
  for (let after = ''; ; ) {
    const rows = await reader
      .select({ id: dryRunMembers.memberId })
      .from(dryRunMembers)
      .where(and(eq(dryRunMembers.dryRunId, dryRunId), gt(dryRunMembers.memberId, after)))
      .orderBy(asc(dryRunMembers.memberId))
      .limit(idsAtOnce)
    for (const { id } of rows) hash.update(`${id}\n`)
    count += rows.length
    const last = rows.at(-1)
    if (!last || rows.length < idsAtOnce) return { count, hash: new Uint8Array(hash.digest()) }
    after = last.id
  }
}
