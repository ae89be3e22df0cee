import { type Clock, hour } from '../base/clock.ts'
import { monthBefore } from '../benefits/criteria/month.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { confirmSilent } from '../merchants/agree-statement.ts'
import { closeStatement } from '../merchants/close-statement.ts'
import { merchantsToState } from '../merchants/statement-lines.ts'
import type { Store } from '../store/store.ts'

/** A month is closed at 02:00 on its second day after: no manager may undo anything of it then. */
const closesAfterMs = 26 * hour

/**
 * Closes last month for every merchant, each in a transaction of its own, and confirms what
 * merchants have been silent about. Any number of instances may do it; one statement comes of it.
 * Answers how many were closed.
 */
export async function closeStatements({
  store,
  node,
  clock,
}: {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
}): Promise<number> {
  const month = monthBefore(clock())
  await store.transaction((tx) => confirmSilent(tx, clock()))
  if (clock() < month.to + closesAfterMs) return 0
  let closed = 0
  for (const merchantId of await merchantsToState(store.read, month.to)) {
    const closing = { merchantId, month, by: null, now: clock() }
    const work = () => store.transaction((tx) => closeStatement(tx, node, closing), { bulk: true })
    if (await work()) closed++
  }
  return closed
}
