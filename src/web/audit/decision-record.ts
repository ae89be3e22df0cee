/** The receipt of a decision, as the API gives it. */
export interface DecisionRecord {
  readonly id: string
  readonly at: number
  readonly subject: string
  readonly benefit_id: string
  readonly benefit_version: number
  readonly criteria_hash: string
  readonly evaluator: number
  readonly today: string
  readonly outcome: string
  readonly refused?: string
  readonly facts: readonly { readonly name: string; readonly hash: string }[]
}

/** What asking the same rule of the same facts again came to. */
export interface Replay {
  readonly outcome?: string
  readonly same_rule: boolean
  readonly same_facts: boolean
  readonly same_evaluator: boolean
  readonly agrees: boolean
}
