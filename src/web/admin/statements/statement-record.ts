/** What a merchant is owed for a month, as the API says it. Money is fen. */
export interface Statement {
  readonly id: string
  readonly merchant_name?: string
  readonly month: string
  readonly state: 'issued' | 'confirmed' | 'disputed' | 'approved' | 'paid'
  readonly lines: number
  readonly redeemed: number
  readonly reversed: number
  readonly adjusted: number
  readonly total: number
  readonly digest: string
  readonly approvals: number
  readonly dispute?: {
    readonly reason: string
    readonly text?: string
    readonly answered_at?: number
  }
  readonly bank_reference?: string
}

export interface StatementLine {
  readonly line: number
  readonly kind: string
  readonly at: number
  readonly benefit?: { readonly zh: string; readonly en: string }
  readonly store?: { readonly name: string }
  readonly amount: number
}
