import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { sha256 } from '../base/sha256.ts'
import { parsePolicy } from '../formats/tlog/policy.ts'
import { directorySource, urlSource } from '../ledger/file-sources.ts'
import { type Reconciliation, reconcile } from '../ledger/reconcile.ts'
import { type PeerReconciliation, reconcilePeer } from '../ledger/reconcile-peer.ts'
import { type Location, locate } from '../store/open.ts'
import { readSnapshot } from '../store/snapshot.ts'
import { type Environment, type Io, UsageError } from './io.ts'

/**
 * `symbolon ledger reconcile`: 0 when every equation holds, 1 when one does not. Reads only. With
 * `--peer` it joins the books with that node's logs instead: `--dir` or `--url`, oldest first, and
 * `--policy` with the keys of all of them.
 */
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
      peer: { type: 'string' },
      policy: { type: 'string' },
      dir: { type: 'string', multiple: true, default: [] },
      url: { type: 'string', multiple: true, default: [] },
    },
  })
  const { data, db } = values
  if (!data && !db) throw new UsageError('reconcile needs --data or --db')
  const place = locate(db ?? env.DATABASE_URL, data ?? '')
  if (values.peer !== undefined) return runPeer(values, place, io)
  const found = await readSnapshot(place, (reader) => reconcile(reader, systemClock()))
  io.stdout.write(values.json ? `${JSON.stringify(found)}\n` : told(found))
  return found.good ? 0 : 1
}

interface PeerValues {
  readonly peer?: string
  readonly policy?: string
  readonly dir: readonly string[]
  readonly url: readonly string[]
  readonly json: boolean
}

async function runPeer(values: PeerValues, place: Location, io: Io): Promise<number> {
  const { policy: file, dir, url } = values
  const peer = /^[0-9]{1,5}$/.test(values.peer ?? '') ? Number(values.peer) : undefined
  if (peer === undefined || !file || dir.length > 0 === url.length > 0) {
    throw new UsageError('--peer NUMBER needs --policy and one kind of --dir and --url')
  }
  const policy = parsePolicy(sha256, await readFile(file))
  const sources = dir.length > 0 ? dir.map(directorySource) : url.map(urlSource)
  const found = await readSnapshot(place, (reader) =>
    reconcilePeer(reader, { peer, sources, policy, now: systemClock() }),
  )
  io.stdout.write(values.json ? `${JSON.stringify(found)}\n` : toldOfPeer(found))
  return found.good ? 0 : 1
}

function toldOfPeer({ peer, joined, dueFrom, dueTo, findings, good }: PeerReconciliation): string {
  const side = (name: string, { ours, theirs, pending }: PeerReconciliation['dueTo']) =>
    `${name} node ${peer}: ${ours} fen here, ${theirs} there, ${pending} not booked yet`
  const lines = [`${joined} leaves joined`, side('due from', dueFrom), side('due to', dueTo)]
  const bad = findings.map((finding) => `BAD ${finding}`)
  const verdict = good ? 'good' : `NOT GOOD: ${findings.length} findings`
  return `${[...lines, ...bad, verdict].join('\n')}\n`
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
