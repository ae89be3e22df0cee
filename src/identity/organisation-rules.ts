import { organisationCode } from '../formats/organisation-code.ts'
import { levels } from '../store/schema/people.ts'
import type { OrganisationRow } from './organisation-file.ts'

export type Level = (typeof levels)[number]

/** Why a row of an organisation file was refused. Closed. */
export type OrganisationFault =
  | 'bad_code'
  | 'missing_name'
  | 'unknown_level'
  | 'duplicate_code'
  | 'missing_parent'
  | 'unknown_parent'
  | 'level_order'
  | 'level_changed'
  | 'second_root'
  | 'closed'

/** What the tree keeps of an organisation. */
export interface Place {
  readonly code: string
  readonly parentCode: string | null
  readonly level: Level
  readonly nameZh: string
  readonly path: string
  /** The organisation that it was merged into. */
  readonly mergedInto?: string | null
}

const longestName = 128

/** 0 for the root's level, 4 for grassroots; -1 for a word that is no level. */
export function rankOf(level: string): number {
  return (levels as readonly string[]).indexOf(level)
}

/** What is wrong with a row by itself, if anything. */
export function faultOf(row: OrganisationRow): OrganisationFault | undefined {
  if (!organisationCode.test(row.code)) return 'bad_code'
  if (rankOf(row.level) < 0) return 'unknown_level'
  if (row.nameZh === '' || row.nameZh.length > longestName) return 'missing_name'
  return undefined
}

/**
 * Where `row` belongs below `parent`, or why it may not. A parent's level is always above its
 * child's, which is why no tree of ours can have a cycle; levels in between may be left out
 * (counties of Beijing are children of Beijing). Only a national organisation has no parent, and
 * there is one (`root`, its code, once it is known).
 */
export function placeOf(
  row: OrganisationRow,
  parent: Place | undefined,
  root: string | undefined,
): Place | OrganisationFault {
  const level = row.level as Level
  const place = { code: row.code, level, nameZh: row.nameZh }
  if (row.parentCode === '') {
    if (level !== 'national') return 'missing_parent'
    if (root !== undefined && root !== row.code) return 'second_root'
    return { ...place, parentCode: null, path: `${row.code}/` }
  }
  if (parent === undefined) return 'unknown_parent'
  if (parent.mergedInto) return 'closed'
  if (rankOf(parent.level) >= rankOf(level)) return 'level_order'
  return { ...place, parentCode: parent.code, path: `${parent.path}${row.code}/` }
}

/** GB/T 2260 division of an organisation: the first six digits of its code. */
export function regionOf(code: string): number {
  return Number(code.slice(0, 6))
}

/**
 * The subtree under `path` (its root included) as a range of paths: `path >= from and path < to`.
 * '0' is what follows '/', and every path ends with a '/'.
 */
export function subtreeRange(path: string): { readonly from: string; readonly to: string } {
  return { from: path, to: `${path.slice(0, -1)}0` }
}

/** True when the organisation at `path` is that at `scope` or below it. */
export function isWithin(path: string, scope: string): boolean {
  return path.startsWith(scope)
}
