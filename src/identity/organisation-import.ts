import { eq, inArray, isNull } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import type { Tx } from '../store/store.ts'
import type { OrganisationRow } from './organisation-file.ts'
import {
  faultOf,
  type OrganisationFault,
  type Place,
  placeOf,
  rankOf,
  regionOf,
} from './organisation-rules.ts'
import { movePaths } from './organisations.ts'

/** What an import of organisations did, and which rows it refused, in the order of the file. */
export interface OrganisationsImported {
  readonly read: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly refused: readonly { readonly row: number; readonly code: OrganisationFault }[]
}

const lookUpSize = 1_000
const insertSize = 5_000

/**
 * Writes a file's organisations, in whatever order it has them: new ones are added, another name
 * or parent changes one (and the paths of everything below it), and the same file again changes
 * nothing. The first of two rows with one code counts. A refused row leaves those below it without
 * a parent, so they are refused too, unless the tree has one already.
 */
export async function importOrganisations(
  tx: Tx,
  rows: readonly OrganisationRow[],
  now: Instant,
): Promise<OrganisationsImported> {
  const tree = await readTree(tx, rows)
  const refused: { row: number; code: OrganisationFault }[] = []
  const seen = new Set<string>()
  const added: Place[] = []
  const count = { added: 0, changed: 0, unchanged: 0 }
  // By level: a parent's is above its child's, so it comes first wherever the file has it.
  for (const row of rows.toSorted((a, b) => rankOf(a.level) - rankOf(b.level))) {
    const place = judge(row, tree, seen)
    if (typeof place === 'string') {
      refused.push({ row: row.row, code: place })
      continue
    }
    seen.add(row.code)
    const before = tree.places.get(row.code)
    if (before === undefined) {
      added.push(place)
      tree.places.set(place.code, place)
      tree.root ??= place.code
      count.added++
    } else if (before.parentCode === place.parentCode && before.nameZh === place.nameZh) {
      count.unchanged++
    } else {
      await insert(tx, added.splice(0), now)
      await change(tx, tree, before, place)
      count.changed++
    }
  }
  await insert(tx, added, now)
  return { read: rows.length, ...count, refused: refused.sort((a, b) => a.row - b.row) }
}

/** The part of the tree that a file speaks of, as it stands after the rows dealt with. */
interface Tree {
  readonly places: Map<string, Place>
  root: string | undefined
}

function judge(
  row: OrganisationRow,
  { places, root }: Tree,
  seen: ReadonlySet<string>,
): Place | OrganisationFault {
  const fault = faultOf(row)
  if (fault !== undefined) return fault
  if (seen.has(row.code)) return 'duplicate_code'
  const before = places.get(row.code)
  if (before?.mergedInto) return 'closed'
  // What is below it was placed by its old level.
  if (before && before.level !== row.level) return 'level_changed'
  return placeOf(row, places.get(row.parentCode), root)
}

async function readTree(tx: Tx, rows: readonly OrganisationRow[]): Promise<Tree> {
  const { organisations: o } = tx.tables
  const columns = {
    code: o.code,
    parentCode: o.parentCode,
    level: o.level,
    nameZh: o.nameZh,
    path: o.path,
    mergedInto: o.mergedInto,
  }
  const codes = [...new Set(rows.flatMap(({ code, parentCode }) => [code, parentCode]))]
  const places = new Map<string, Place>()
  for (let at = 0; at < codes.length; at += lookUpSize) {
    const some = codes.slice(at, at + lookUpSize)
    const known = await tx.select(columns).from(o).where(inArray(o.code, some))
    for (const place of known) places.set(place.code, place)
  }
  const [root] = await tx.select({ code: o.code }).from(o).where(isNull(o.parentCode))
  return { places, root: root?.code }
}

async function insert(tx: Tx, places: readonly Place[], now: Instant): Promise<void> {
  for (let at = 0; at < places.length; at += insertSize) {
    const rows = places
      .slice(at, at + insertSize)
      .map((place) => ({ ...place, region: regionOf(place.code), createdAt: now }))
    await tx.insertMany(tx.tables.organisations, rows)
  }
}

async function change(tx: Tx, tree: Tree, before: Place, after: Place): Promise<void> {
  const { organisations: o } = tx.tables
  if (before.path !== after.path) {
    await movePaths(tx, before.path, after.path)
    for (const place of tree.places.values()) {
      if (!place.path.startsWith(before.path)) continue
      const path = after.path + place.path.slice(before.path.length)
      tree.places.set(place.code, { ...place, path })
    }
  }
  tree.places.set(after.code, after)
  const { parentCode, nameZh } = after
  await tx.update(o).set({ parentCode, nameZh }).where(eq(o.code, after.code))
}
