import { lt, sql } from 'drizzle-orm'

import { toBase64url } from '../base/bytes.ts'
import { type Instant, minute } from '../base/clock.ts'
import { keyedHash } from '../keys/seal.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'

const windowMinutes = 10
const hoursKept = 24

/** Applications that are taken within ten minutes: by one code, and from one network. */
export const applicationsPerCode = 300
export const applicationsPerNetwork = 60

/** What an application counts against: a code's id, or the network it came from. */
export function codeScope(id: string): string {
  return `code:${id}`
}

/**
 * A network by its address, as a keyed hash, so that no address is kept: of IPv4 the whole address,
 * of IPv6 the first 64 bits, which are one household's.
 */
export function networkScope(node: ThisNode, address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1]
  const network = mapped ?? (address.includes(':') ? prefixOf(address) : address)
  return `network:${toBase64url(keyedHash(node.hashing, `network:${network}`).subarray(0, 16))}`
}

/**
 * Counts one against `scope`. The conditional statement decides: false when `limit` have been
 * counted in this window already. What it writes must be kept whatever becomes of the application.
 */
export async function countApplication(
  tx: Tx,
  { scope, limit, now }: { scope: string; limit: number; now: Instant },
): Promise<boolean> {
  const { applicationTries: t } = tx.tables
  const window = windowAt(now)
  const [taken] = await tx
    .insert(t)
    .values({ scope, window, tries: 1 })
    .onConflictDoUpdate({
      target: [t.scope, t.window],
      set: { tries: sql`${t.tries} + 1` },
      setWhere: lt(t.tries, limit),
    })
    .returning({ tries: t.tries })
  return taken !== undefined
}

/** Forgets what was counted a day ago. */
export async function forgetApplicationTries(tx: Tx, now: Instant): Promise<void> {
  const { applicationTries: t } = tx.tables
  await tx.delete(t).where(lt(t.window, windowAt(now) - (hoursKept * 60) / windowMinutes))
}

function windowAt(now: Instant): number {
  return Math.floor(now / (windowMinutes * minute))
}

/** The first four groups of an IPv6 address, with what `::` leaves out. */
function prefixOf(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter((group) => group !== '')
  const rest = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter(Boolean).length
  return [...groups, ...Array<string>(Math.max(rest, 0)).fill('0')].slice(0, 4).join(':')
}
