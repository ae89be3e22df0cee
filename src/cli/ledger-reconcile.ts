import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { type Reconciliation, reconcile } from '../ledger/reconcile.ts'
import { locate } from '../store/open.ts'
import { readSnapshot } from '../store/snapshot.ts'
import { type Environment, type Io, UsageError } from './io.ts'

/** `symbolon ledger reconcile`: 0 when every equation holds, 1 when one does not. Reads only. */
export async function runReconcile(
  argv: readonly string[],
  io: Io,
  env: Environment,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      db: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, db } = values
  if (!data && !db) throw new UsageError('reconcile needs --data or --db')
  const place = locate(db ?? env.DATABASE_URL, data ?? '')
  const found = await readSnapshot(place, (reader) => reconcile(reader, systemClock()))
  io.stdout.write(values.json ? `${JSON.stringify(found)}\n` : told(found))
  return found.good ? 0 : 1
}

/** The report for people. */
function told({ good, equations }: Reconciliation): string {
  const lines = equations.map((each) => {
    const { name, of, left, right, difference } = each
    const about = of === '' ? name : `${name} of ${of}`
    const sides = `${left.is} ${left.value} = ${right.is} ${right.value}`
    return each.good ? `green ${about}: ${sides}` : `RED   ${about}: ${sides}, off by ${difference}`
  })
  const red = equations.filter((each) => !each.good).length
  return `${[...lines, good ? 'good' : `NOT GOOD: ${red} equations`].join('\n')}\n`
}
