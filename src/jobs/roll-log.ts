import type { Clock } from '../base/clock.ts'
import { unionZone } from '../benefits/criteria/month.ts'
import { dayIn } from '../benefits/criteria/zone.ts'
import type { KeyFolder } from '../keys/key-folder.ts'
import { findLogKey, writeLogKey } from '../keys/log-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Logs } from '../ledger/logs.ts'
import { originOfYear, type Rolled, rollLog, yearOf } from '../ledger/roll.ts'
import type { Store } from '../store/store.ts'

/** What a roll works on. */
export interface Rolling {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
  readonly logs: Logs
  readonly keyFolder: () => KeyFolder
}

/**
 * Opens the log of the calendar year (of the union's time zone) once it has begun. Answers
 * `undefined` while the log that is open is of this year, or of a name that tells no year.
 */
export async function rollYear(given: Rolling): Promise<Rolled | undefined> {
  const { logs, clock } = given
  const open = yearOf(logs.name)
  const year = unionYear(clock)
  return open === undefined || open >= year ? undefined : rollTo(given, year)
}

/** The calendar year where the union keeps its books. */
export function unionYear(clock: Clock): number {
  return Number(dayIn(unionZone, clock()).slice(0, 4))
}

/**
 * Closes the log that is open and opens a year's. Its key is made first, if the folder has none: a
 * crash after that leaves a key which the next try finds. Where many instances may run (PostgreSQL)
 * the key must be there already, because each of them needs it: an Error otherwise. Answers
 * `undefined` when another has opened that log, or a later one.
 */
export async function rollTo(given: Rolling, year: number): Promise<Rolled | undefined> {
  const { store, node, clock, logs } = given
  await logs.look(store.read)
  const origin = originOfYear(logs.name, year)
  const shared = store.engine === 'postgres'
  if (!shared) nextKey(given, year)
  const next = logs.find(origin)
  if (!next) {
    const how = 'make it by symbolon ledger next-key and copy it to the keys of every instance'
    throw new Error(`the key folder does not hold the key of ${origin}: ${how}`)
  }
  const rolling = { keyOf: logs.keyOf, next, shared }
  const work = (tx: Parameters<typeof rollLog>[0]) =>
    rollLog(tx, node, { ...rolling, now: clock() })
  const rolled = await store.transaction(work, { bulk: true })
  await logs.look(store.read)
  return rolled
}

/** Makes the key of a year's log, unless the folder has it. Answers its verifier key. */
export function nextKey(
  { keyFolder, logs }: Pick<Rolling, 'keyFolder' | 'logs'>,
  year: number,
): string {
  const origin = originOfYear(logs.name, year)
  const folder = keyFolder()
  return (findLogKey(folder, origin) ?? writeLogKey(folder, origin)).vkey
}
