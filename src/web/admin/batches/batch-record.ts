/** A batch, as the API says it. */
export interface BatchRecord {
  readonly id: string
  readonly benefit_id: string
  readonly org_code: string
  readonly source: 'criteria' | 'list'
  readonly delivery: 'offer' | 'active'
  readonly note: string
  readonly state: string
  readonly version: number
  readonly approvals_needed: number
  readonly issued: number
  readonly dropped: number
  readonly recalled: number
  readonly created_at: number
}

/** What a dry run found. Money is fen. */
export interface DryRunReport {
  readonly considered: number
  readonly eligible: number
  readonly excluded: Readonly<
    Record<'not_active' | 'not_eligible' | 'fact_unknown' | 'cap_reached', number>
  >
  readonly by_organisation: readonly { readonly org_code: string; readonly count: number }[]
  readonly by_occupation: readonly { readonly occupation: string; readonly count: number }[]
  readonly budget: {
    readonly total: number
    readonly available: number
    readonly sufficient: boolean
  }
  readonly difference?: { readonly since: number; readonly joined: number; readonly left: number }
  readonly sample: readonly { readonly member_no: string; readonly org_code: string }[]
}

/** The dry run that a batch stands on. */
export interface DryRun {
  readonly batch: BatchRecord
  readonly dry_run_id: string
  readonly digest: string
  readonly created_at: number
  readonly report: DryRunReport
}
