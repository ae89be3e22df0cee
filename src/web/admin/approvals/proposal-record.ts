/** What takes another person's signature, as the API says it. Money is fen. */
export interface ProposalRecord {
  readonly id: string
  readonly kind: 'budget' | 'recall' | 'extend' | 'reissue'
  readonly subject: string
  readonly programme_id: string
  readonly org_code: string
  readonly amount: number
  readonly reason: string
  readonly state: 'proposed' | 'carried_out' | 'rejected' | 'withdrawn'
  readonly approvals_needed: number
  /** JSON: exactly what is signed; not of a recall, to who may not read members there. */
  readonly content?: string
  readonly digest: string
  readonly proposed_by: string
  readonly proposed_at: number
}
