import { and, inArray, sql } from 'drizzle-orm'

import { peerLedger, peerOfLedger } from '../ledger/peer-ledger.ts'
import type { Reader } from '../store/store.ts'

/** What nodes owe each other by the books of this one, and what is not settled. */
export interface PeerBalance {
  /** The other node's number. */
  readonly node: number
  /** Fen that it owes us for its members at our merchants, and that we owe it for ours. */
  readonly dueFrom: number
  readonly dueTo: number
  /** Redemptions and reversals whose outcome there is not known here. */
  readonly asked: number
  /** Those that it has answered with something that its receipt does not prove. */
  readonly disputed: number
}

/** The same of every node with which there is anything, by number. */
export async function peerBalances(reader: Reader): Promise<PeerBalance[]> {
  const { postings: p, peerAsks: t } = reader.tables
  const sums = await reader
    .select({
      ledger: p.merchantId,
      account: p.account,
      fen: sql<number>`cast(sum(${p.amount}) as bigint)`,
    })
    .from(p)
    .where(inArray(p.account, ['node_due_from', 'node_due_to']))
    .groupBy(p.merchantId, p.account)
  const open = await reader
    .select({ peer: t.peer, state: t.state, n: sql<number>`count(*)` })
    .from(t)
    .where(and(inArray(t.state, ['asked', 'disputed']), inArray(t.kind, ['redeem', 'reverse'])))
    .groupBy(t.peer, t.state)
  const nodes = new Set(open.map(({ peer }) => peer))
  for (const { ledger } of sums) nodes.add(peerOfLedger(ledger ?? '') ?? -1)
  return [...nodes]
    .filter((node) => node >= 0)
    .sort((a, b) => a - b)
    .map((node) => {
      const fen = (account: string) =>
        sums.find((row) => row.ledger === peerLedger(node) && row.account === account)?.fen ?? 0
      const n = (state: string) =>
        open.find((row) => row.peer === node && row.state === state)?.n ?? 0
      const dueTo = 0 - fen('node_due_to')
      const unsettled = { asked: n('asked'), disputed: n('disputed') }
      return { node, dueFrom: fen('node_due_from'), dueTo, ...unsettled }
    })
}
