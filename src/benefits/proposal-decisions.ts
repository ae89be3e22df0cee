import { asc, eq, inArray } from 'drizzle-orm'

import { equal, toHex } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import type { Reader } from '../store/store.ts'
import type { Decision } from './batches/decisions.ts'
import type { Proposal } from './proposals.ts'

/** A proposal with everybody's word on it. */
export interface DecidedProposal {
  readonly proposal: Proposal
  /** Its digest is that of its content, which names it. */
  readonly intact: boolean
  /** Of a voucher's renewal: the member who holds it, unless they were erased. */
  readonly memberId: string | undefined
  /** The oldest first. */
  readonly decisions: readonly Decision[]
}

/** The decisions on proposals, which are in the reader's sight already, in the order given. */
export async function withDecisions(
  reader: Reader,
  proposals: readonly Proposal[],
): Promise<DecidedProposal[]> {
  if (proposals.length === 0) return []
  const { proposalDecisions: d } = reader.tables
  const ids = proposals.map(({ id }) => id)
  const rows = await reader
    .select()
    .from(d)
    .where(inArray(d.proposalId, ids))
    .orderBy(asc(d.at), asc(d.personId))
  const holders = await holdersOf(reader, proposals)
  return proposals.map((proposal) => {
    const digest = toHex(proposal.digest)
    const mine = rows.filter(({ proposalId }) => proposalId === proposal.id)
    return {
      proposal,
      intact: isIntact(proposal),
      memberId: holders.get(proposal.subject),
      decisions: mine.map(({ proposalId: about, ...row }) => ({ ...row, about, digest })),
    }
  })
}

function isIntact({ id, content, digest }: Proposal): boolean {
  const said = JSON.parse(content) as { proposal?: unknown }
  return said.proposal === id && equal(sha256(content), digest)
}

/** Holders of the vouchers that renewals are about; those whose key is gone are nobody. */
async function holdersOf(
  reader: Reader,
  proposals: readonly Proposal[],
): Promise<ReadonlyMap<string, string>> {
  const renewed = proposals.filter(({ kind }) => kind === 'extend' || kind === 'reissue')
  if (renewed.length === 0) return new Map()
  const { vouchers: v, memberKeys: k } = reader.tables
  const rows = await reader
    .select({ voucher: v.id, memberId: k.memberId })
    .from(v)
    .innerJoin(k, eq(k.memberId, v.memberId))
    .where(
      inArray(
        v.id,
        renewed.map(({ subject }) => subject),
      ),
    )
  return new Map(rows.map(({ voucher, memberId }) => [voucher, memberId]))
}
