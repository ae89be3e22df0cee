import type { Clock } from '../base/clock.ts'
import { dueHooks, noteDelivered, takeHook, tellHook } from '../credentials/presentation/deliver.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'

/** What telling results needs. */
export interface Teller {
  readonly store: Store
  readonly node: ThisNode
  readonly roles: RoleKeys
  readonly clock: Clock
  /** Plain http to this machine will do. */
  readonly development: boolean
}

/**
 * Tells results of verifications to the addresses that were given for them, each outside of any
 * transaction: a slow one holds up nothing but its neighbours in this turn. Answers how many it
 * tried.
 */
export async function tellResults(teller: Teller): Promise<number> {
  const { store, node, roles, clock, development } = teller
  const due = await dueHooks(store.read, clock())
  const tried = await Promise.all(
    due.map(async ({ hook, verification }) => {
      const now = clock()
      if (!(await store.transaction((tx) => takeHook(tx, hook, now)))) return 0
      const given = { node, key: roles.current('verifier'), development, now }
      if (await tellHook({ hook, verification }, given)) {
        await store.transaction((tx) => noteDelivered(tx, hook, clock()))
      }
      return 1
    }),
  )
  return tried.reduce<number>((sum, one) => sum + one, 0)
}
