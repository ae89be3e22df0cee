/** A programme, as the API says it. Money is fen. */
export interface Programme {
  readonly id: string
  readonly public_id: string
  readonly name_zh: string
  readonly name_en: string
  readonly org_code: string
  readonly period_from: number
  readonly period_to: number
  readonly available: number
  readonly version: number
}

/** A benefit in a list. */
export interface BenefitRecord {
  readonly id: string
  readonly programme_id: string
  readonly kind: string
  readonly state: 'draft' | 'published' | 'paused' | 'stopped'
  readonly version: number
  readonly name_zh: string
  readonly name_en: string
}
