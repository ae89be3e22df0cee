import type { Clock } from '../base/clock.ts'
import { tell } from '../identity/messages.ts'
import type { Store } from '../store/store.ts'
import { endingSoon, type Place } from '../vouchers/tell.ts'

const atOnce = 1000

/**
 * Tells members of vouchers that end soon, once each. Any number of instances may run it. Answers
 * how many vouchers it found.
 */
export async function noticeEnding({
  store,
  clock,
}: {
  readonly store: Store
  readonly clock: Clock
}): Promise<number> {
  let found = 0
  for (let after: Place | undefined = { bucket: -1, id: '' }; after; ) {
    const { tellings, next } = await endingSoon(store.read, { after, limit: atOnce, now: clock() })
    await store.transaction((tx) => tell(tx, tellings, clock()), { bulk: true })
    found += tellings.length
    after = next
  }
  return found
}
