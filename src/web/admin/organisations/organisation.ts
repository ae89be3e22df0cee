/** An organisation, as the API says it. */
export interface Organisation {
  readonly code: string
  readonly parent_code?: string
  readonly merged_into?: string
  readonly level: 'national' | 'provincial' | 'municipal' | 'county' | 'grassroots'
  readonly name_zh: string
  readonly region: number
}

const levels = ['national', 'provincial', 'municipal', 'county', 'grassroots'] as const

/** The levels that may hang below one. */
export function levelsBelow(level: Organisation['level']): readonly Organisation['level'][] {
  return levels.slice(levels.indexOf(level) + 1)
}
