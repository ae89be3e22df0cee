import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'

import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { type Policy, parsePolicy } from '../formats/tlog/policy.ts'
import { directorySource, urlSource } from '../ledger/file-sources.ts'
import { type Report, type VerifyOptions, verifyLogs } from '../ledger/verify.ts'
import { type Environment, type Io, UsageError } from './io.ts'

interface Given {
  readonly policy?: string
  readonly dir: readonly string[]
  readonly url: readonly string[]
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
      dir: { type: 'string', multiple: true, default: [] },
      url: { type: 'string', multiple: true, default: [] },
      db: { type: 'string' },
      data: { type: 'string' },
      since: { type: 'string' },
      receipt: { type: 'string', multiple: true, default: [] },
      'tree-only': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const { dir, url, db, data } = values
  const places = [dir.length, url.length, db, data].filter((each) => each)
  if (!values.policy || places.length !== 1) {
    throw new UsageError('verify needs --policy and one kind of --dir, --url, --db, --data')
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

async function look(
  given: Given,
  policy: Policy,
  options: VerifyOptions,
  env: Environment,
): Promise<Report> {
  const { dir, url, db, data } = given
  if (dir.length > 0) return verifyLogs(dir.map(directorySource), policy, options)
  if (url.length > 0) return verifyLogs(url.map(urlSource), policy, options)
  const { databaseSources } = await import('../ledger/log-source.ts')
  const { locate } = await import('../store/open.ts')
  const { readSnapshot } = await import('../store/snapshot.ts')
  return readSnapshot(locate(db ?? env.DATABASE_URL, data ?? ''), async (reader) => {
    const sources = await databaseSources(reader)
    return verifyLogs(sources, policy, { ...options, database: reader })
  })
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
  const lines: string[] = []
  for (const { origin, size, root, witnesses } of report.logs) {
    lines.push(`log ${origin}`, `leaves ${size}`, `root ${root}`)
    for (const witness of witnesses) lines.push(`witnessed by ${witness}`)
  }
  for (const [kind, count] of Object.entries(report.kinds)) lines.push(`  ${kind} ${count}`)
  for (const [programme, balances] of Object.entries(report.trialBalance)) {
    lines.push(`trial balance of ${programme || 'the node'}, fen`)
    for (const [account, fen] of Object.entries(balances)) lines.push(`  ${account} ${fen}`)
  }
  const where = (log: string | undefined) => (log === undefined ? '' : ` of ${log}`)
  for (const { check, log, index, message } of report.findings) {
    const at = index === undefined ? where(log) : ` at leaf ${index}${where(log)}`
    lines.push(`BAD ${check}${at}: ${message}`)
  }
  const { firstBad, firstBadLog } = report
  if (firstBad !== undefined) lines.push(`first bad leaf ${firstBad}${where(firstBadLog)}`)
  lines.push(report.ok ? 'good' : `NOT GOOD: ${report.found} findings`)
  return `${lines.join('\n')}\n`
}
