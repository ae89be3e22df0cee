import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { benefitsOnJoin, type WelcomeBenefit } from '../benefits/on-join.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'
import {
  endJoining,
  type Joining,
  keepWelcomeRefusal,
  openJoinings,
  welcome,
} from '../vouchers/welcome.ts'

const atOnce = 100

interface Running {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
}

/**
 * Gives those whose membership was approved what benefits say is given on joining. A refusal
 * leaves its trace and ends nothing. Any number of instances may run it. Answers how many joinings
 * were dealt with; a failure of one does not hold up the others, and is thrown at the end.
 */
export async function welcomeMembers({ store, node, clock }: Running): Promise<number> {
  const open = await openJoinings(store.read, atOnce)
  if (open.length === 0) return 0
  const benefits = await benefitsOnJoin(store.read)
  const failures: unknown[] = []
  for (const joining of open) {
    try {
      for (const given of benefits) await offer({ store, node, clock }, joining, given)
      await store.transaction((tx) => endJoining(tx, joining, clock()))
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
  return open.length
}

async function offer(
  { store, node, clock }: Running,
  joining: Joining,
  given: WelcomeBenefit,
): Promise<void> {
  const welcoming = { joining, given, now: clock() }
  await store
    .transaction((tx) => welcome(tx, node, welcoming), {
      onRefusal: (tx, refusal) => keepWelcomeRefusal(tx, welcoming, refusal),
    })
    .catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error // its trace is in `welcomes`
    })
}
