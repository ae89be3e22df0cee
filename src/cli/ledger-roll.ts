import { parseArgs } from 'node:util'

import { toBase64 } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { nextKey, rollTo, unionYear } from '../jobs/roll-log.ts'
import { writeAnchor } from '../ledger/anchor.ts'
import { yearOf } from '../ledger/roll.ts'
import { type Environment, type Io, UsageError } from './io.ts'

/**
 * `symbolon ledger next-key` makes the key of a year's log (the one after the open log's, unless
 * said), for other instances to be given; `symbolon ledger roll` closes the open log and opens that
 * of a year (this one, unless said). Both may be run again. An Error where the year is not later
 * than the open log's, or where many instances may run and the folder does not hold the key.
 */
export async function runRoll(
  command: 'roll' | 'next-key',
  argv: readonly string[],
  io: Io,
  env: Environment,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      year: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, year: text } = values
  if (!data) throw new UsageError(`${command} needs --data`)
  if (text !== undefined && !/^\d{4}$/.test(text)) throw new UsageError('--year is four digits')
  const config = readConfig(env)
  const deployment = await openDeployment({ data, config })
  const tell = (told: object) => {
    const lines = Object.entries(told).map(([name, value]) => `${name} ${value}\n`)
    io.stdout.write(values.json ? `${JSON.stringify(told)}\n` : lines.join(''))
  }
  try {
    const { logs, store } = deployment
    const open = yearOf(logs.name) ?? 0
    const year = Number(text ?? (command === 'roll' ? unionYear(systemClock) : open + 1))
    if (year <= open) throw new Error(`log ${logs.name} is open: ${year} has none after it`)
    if (command === 'next-key') {
      tell({ vkey: nextKey(deployment, year) })
      return 0
    }
    const rolled = await rollTo({ ...deployment, clock: systemClock }, year)
    if (config.anchorFile) await writeAnchor(store.read, config.anchorFile)
    if (!rolled) throw new Error(`log ${logs.name} was opened by another instance meanwhile`)
    const { closed, size, root, opened, vkey } = rolled
    tell({ closed, size, root: toBase64(root), opened, vkey })
    return 0
  } finally {
    await deployment.close()
  }
}
