export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'
export type RangeOp = Comparison | 'between'

/**
 * The integers from `min` to `max`, both included, an absent bound being open; or, when `outside`,
 * every other integer. `outside` only where both bounds are given.
 */
export type Range = {
  readonly min: number | undefined
  readonly max: number | undefined
  readonly outside: boolean
}

/**
 * The integers that pass `op`. One reading of a comparison for the evaluator, the SQL compiler, the
 * words and the calendar. `between` takes a pair, both ends included; every other a number.
 */
export function rangeOf(op: RangeOp, value: number | readonly [number, number]): Range {
  if (typeof value !== 'number') return { min: value[0], max: value[1], outside: op !== 'between' }
  switch (op) {
    case 'lt':
      return { min: undefined, max: value - 1, outside: false }
    case 'le':
      return { min: undefined, max: value, outside: false }
    case 'gt':
      return { min: value + 1, max: undefined, outside: false }
    case 'ge':
      return { min: value, max: undefined, outside: false }
    default:
      return { min: value, max: value, outside: op === 'ne' }
  }
}

/** The integers that `range` leaves out. */
export function complement({ min, max, outside }: Range): Range {
  if (min !== undefined && max !== undefined) return { min, max, outside: !outside }
  if (min !== undefined) return { min: undefined, max: min - 1, outside: false }
  return { min: max === undefined ? undefined : max + 1, max: undefined, outside: false }
}

/**
 * Whether a quantity lies in `range`, when all that can be asked is `reaches(n)`: is it n or more?
 * That is how age and tenure are asked, by a cutoff date.
 */
export function lies(range: Range, reaches: (n: number) => boolean): boolean {
  const high = range.min === undefined || reaches(range.min)
  const low = range.max === undefined || !reaches(range.max + 1)
  return (high && low) !== range.outside
}

/** The values at which membership of `range` can change as a quantity grows by ones. */
export function thresholds({ min, max }: Range): readonly number[] {
  return [...(min === undefined ? [] : [min]), ...(max === undefined ? [] : [max + 1])]
}
