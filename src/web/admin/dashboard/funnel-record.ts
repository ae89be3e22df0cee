/** Figures of the funnel as `GET /admin/funnel` gives them; amounts in fen. */
export interface Figures {
  readonly issued: number
  readonly claimed: number
  readonly redeemed: number
  readonly reversed: number
  readonly returned: number
  readonly voided: number
  readonly expired: number
  readonly settled: number
  readonly redeemed_amount: number
  readonly reversed_amount: number
  readonly settled_amount: number
}

/** One organisation, benefit or day. */
export interface FunnelRow extends Figures {
  readonly key: string
  readonly name_zh: string
  readonly name_en?: string
  readonly deeper?: boolean
}

export interface Funnel {
  readonly above: readonly { readonly code: string; readonly name_zh: string }[]
  readonly total: Figures
  readonly items: readonly FunnelRow[]
  readonly as_of: number
  readonly behind: number
}

/** How a programme's money stood when a month ended, in fen. */
export interface BudgetMonth {
  readonly month: string
  readonly available: number
  readonly committed: number
  readonly consumed: number
}

export interface BudgetBurn {
  readonly id: string
  readonly name_zh: string
  readonly name_en: string
  readonly months: readonly BudgetMonth[]
}

export interface DeskAlert {
  readonly kind: 'budget_low' | 'stock_low' | 'approval_waiting' | 'many_reversals'
  readonly id: string
  readonly name_zh?: string
  readonly name_en?: string
  readonly left?: number
  readonly of?: number
  readonly at?: number
}

/** The steps that a funnel is drawn by, in their order. */
export const steps = ['issued', 'claimed', 'redeemed', 'settled'] as const

/** How often the figures are read again, in ms. */
export const everyMs = 5000
