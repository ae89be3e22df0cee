import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'

import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { type Policy, parsePolicy } from '../formats/tlog/policy.ts'
import { directorySource, urlSource } from '../ledger/file-sources.ts'
import { databaseSource } from '../ledger/log-source.ts'
import { currentLog, logState } from '../ledger/log-state.ts'
import { type Report, type VerifyOptions, verifyLog } from '../ledger/verify.ts'
import { locate } from '../store/open.ts'
import { readSnapshot } from '../store/snapshot.ts'
import type { Reader } from '../store/store.ts'
import { type Environment, type Io, UsageError } from './io.ts'

interface Given {
  readonly policy?: string
  readonly dir?: string
  readonly url?: string
  readonly db?: string
  readonly data?: string
}

/** `symbolon ledger verify`: answers the exit code; throws what stops it from looking. */
export async function runVerify(
  argv: readonly string[],
  io: Io,
  env: Environment,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      policy: { type: 'string' },
      dir: { type: 'string' },
      url: { type: 'string' },
      db: { type: 'string' },
      data: { type: 'string' },
      since: { type: 'string' },
      receipt: { type: 'string', multiple: true, default: [] },
      'tree-only': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const places = [values.dir, values.url, values.db, values.data].filter((each) => each)
  if (!values.policy || places.length !== 1) {
    throw new UsageError('verify needs --policy and one of --dir, --url, --db, --data')
  }
  const policy = parsePolicy(sha256, await bytesOf(values.policy))
  const options = {
    treeOnly: values['tree-only'],
    receipts: await Promise.all(values.receipt.map(bytesOf)),
    ...(values.since && { since: await bytesOf(values.since) }),
    ...(io.stderr.isTTY && { progress: progressTo(io) }),
  }
  setFlagsFromString('--semi-space-growth-factor=2') // V8's own, which main.ts holds down
  const report = await look(values, policy, options, env)
  if (!values.json) io.stdout.write(told(report))
  else io.stdout.write(`${JSON.stringify(report)}\n`)
  return report.ok ? 0 : 1
}

function look(
  given: Given,
  policy: Policy,
  options: VerifyOptions,
  env: Environment,
): Promise<Report> {
  const { dir, url, db, data } = given
  if (dir) return verifyLog(directorySource(dir), policy, options)
  if (url) return verifyLog(urlSource(url), policy, options)
  return readSnapshot(locate(db ?? env.DATABASE_URL, data ?? ''), async (reader) => {
    const log = await logOf(reader, policy)
    return verifyLog(databaseSource(reader, log), policy, { ...options, database: reader })
  })
}

/** The log that the policy names, if the database has it; else the one being written. */
async function logOf(reader: Reader, policy: Policy): Promise<string> {
  for (const { vkey } of policy.logs) {
    if (await logState(reader, vkey.name)) return vkey.name
  }
  return currentLog(reader)
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new Weather(`cannot read ${file}`, error)
  }
}

/** One line, rewritten twice a second: leaves done, rate, time left. */
function progressTo({ stderr }: Io): (done: number, size: number) => void {
  const start = performance.now()
  let shown = start
  return (done, size) => {
    const now = performance.now()
    if (now - shown < 500 && done < size) return
    shown = now
    const rate = done / Math.max(0.001, (now - start) / 1000)
    const left = Math.ceil((size - done) / rate)
    stderr.write(`\r${done} of ${size} leaves, ${Math.round(rate)}/s, ${left} s left   `)
    if (done === size) stderr.write('\n')
  }
}

/** The report for people. */
function told(report: Report): string {
  const lines = report.origin ? [`log ${report.origin}`, `leaves ${report.leaves}`] : []
  if (report.root) lines.push(`root ${report.root}`)
  for (const witness of report.witnesses) lines.push(`witnessed by ${witness}`)
  for (const [kind, count] of Object.entries(report.kinds)) lines.push(`  ${kind} ${count}`)
  for (const [programme, balances] of Object.entries(report.trialBalance)) {
    lines.push(`trial balance of ${programme || 'the node'}, fen`)
    for (const [account, fen] of Object.entries(balances)) lines.push(`  ${account} ${fen}`)
  }
  for (const { check, index, message } of report.findings) {
    lines.push(`BAD ${check}${index === undefined ? '' : ` at leaf ${index}`}: ${message}`)
  }
  if (report.firstBad !== undefined) lines.push(`first bad leaf ${report.firstBad}`)
  lines.push(report.ok ? 'good' : `NOT GOOD: ${report.found} findings`)
  return `${lines.join('\n')}\n`
}
