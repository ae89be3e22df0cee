/** A recall of a part of a batch, as the API says it. Money is fen. */
export interface RecallRecord {
  readonly id: string
  readonly batch_id: string
  readonly state: string
  readonly reason: string
  readonly count: number
  readonly amount: number
  readonly cannot: Readonly<Record<string, number>>
  readonly approvals_needed: number
  readonly proposal_id?: string
  readonly recalled: number
  readonly returned: number
  readonly created_at: number
}
