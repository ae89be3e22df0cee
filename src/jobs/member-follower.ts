import type { Clock } from '../base/clock.ts'
import { followMember, unfollowed } from '../credentials/follow-member.ts'
import type { Store } from '../store/store.ts'

const atOnce = 100

/**
 * Lets credentials follow what happened to their members. Any number of instances may run it.
 * Answers how many events it followed.
 */
export async function followMembers({
  store,
  clock,
}: {
  readonly store: Store
  readonly clock: Clock
}): Promise<number> {
  let followed = 0
  for (const event of await unfollowed(store.read, atOnce)) {
    const done = await store.transaction((tx) => followMember(tx, event, clock()))
    if (done) followed++
  }
  return followed
}
