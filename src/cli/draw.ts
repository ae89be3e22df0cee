import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { second } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import {
  type DrawFiles,
  type DrawReport,
  type DrawTools,
  drawFileNames,
  verifyDraw,
} from '../formats/draw.ts'
import { type Policy, parsePolicy } from '../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import { type Io, UsageError } from './io.ts'

/** What `--help` prints. */
export const usage = `usage:
  symbolon draw verify --policy FILE (--dir DIR | --url URL) [--receipt FILE]... [--json]

Reproduces the winners of a draw from its published files (URL ends in /draws/ID/; DIR holds
copies) and checks that the log holds its opening, its closing and its result. --receipt takes an
entrant's receipt, who must then be in the list. Exit code 0: good, 1: not good, 2: it could not be
looked at.
`

/** Ten million names. */
const maxFile = 240_000_000
const timeLimitMs = 60 * second

/**
 * Runs `symbolon draw …`; `argv` begins behind `draw`. Answers 0 good, 1 the draw presents
 * something wrongly or is not over, 2 it could not be looked at. Never throws.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  const [command, ...rest] = argv
  try {
    if (command === 'verify') return await verify(rest, io)
    io.stderr.write(usage)
  } catch (error) {
    io.stderr.write(`cannot verify: ${error instanceof Error ? error.message : String(error)}\n`)
    if (error instanceof UsageError) io.stderr.write(usage)
  }
  return 2
}

async function verify(argv: readonly string[], io: Io): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      policy: { type: 'string' },
      dir: { type: 'string' },
      url: { type: 'string' },
      receipt: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
    },
  })
  const { policy, dir, url } = values
  if (!policy || (dir === undefined) === (url === undefined)) {
    throw new UsageError('verify needs --policy and one of --dir, --url')
  }
  const believed = parsePolicy(sha256, await fileAt(policy))
  const read = dir === undefined ? fromUrl(url ?? '') : fromFolder(dir)
  const receipts = await Promise.all(values.receipt.map(fileAt))
  const report = await verifyDraw(await filesOf(read), toolsOf(believed), receipts)
  io.stdout.write(values.json ? `${JSON.stringify(report)}\n` : told(report))
  return report.ok ? 0 : 1
}

function toolsOf(policy: Policy): DrawTools {
  const open = async (receipt: Uint8Array) =>
    verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(receipt))
  return { sha256, verifyEd25519, open }
}

type ReadName = (name: string) => Promise<Uint8Array | undefined>

async function filesOf(read: ReadName): Promise<DrawFiles> {
  const opening = await read(drawFileNames.opening)
  if (!opening) throw new Weather('there is no draw', undefined)
  const [closing, entrants, result, winners] = await Promise.all(
    (['closing', 'entrants', 'result', 'winners'] as const).map((key) => read(drawFileNames[key])),
  )
  return { opening, closing, entrants, result, winners }
}

function fromFolder(folder: string): ReadName {
  return async (name) => {
    try {
      return await readFile(join(folder, name))
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'ENOENT') return undefined
      throw new Weather(`cannot read ${name}`, error)
    }
  }
}

function fromUrl(url: string): ReadName {
  const base = url.replace(/\/+$/, '')
  return async (name) => {
    const response = await fetch(`${base}/${name}`, { signal: AbortSignal.timeout(timeLimitMs) })
    if (response.status === 404 || response.status === 410) return undefined
    if (response.status !== 200) throw new Weather(`status ${response.status}`, undefined)
    const parts: Uint8Array[] = []
    let length = 0
    for await (const part of response.body ?? []) {
      length += part.length
      if (length > maxFile) throw new Weather(`${name} is too long`, undefined)
      parts.push(part)
    }
    return Buffer.concat(parts)
  }
}

async function fileAt(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new Weather(`cannot read ${file}`, error)
  }
}

/** The report for people. */
function told(report: DrawReport): string {
  const { draw, closes, units, entrants, witness, winners } = report
  const lines = draw === undefined ? [] : [`draw ${draw}`]
  if (closes !== undefined) lines.push(`closed for entrants at ${new Date(closes).toISOString()}`)
  if (entrants !== undefined) lines.push(`${entrants} entrants for ${units} units`)
  if (witness !== undefined) lines.push(`signed by the outside key ${witness}, unless said below`)
  else lines.push('no outside key: that the operator chose no other seed must be believed')
  if (winners.length > 0) lines.push(`${winners.length} winners reproduced`)
  for (const { check, message } of report.findings) lines.push(`BAD ${check}: ${message}`)
  lines.push(report.ok ? 'good' : `NOT GOOD: ${report.findings.length} findings`)
  return `${lines.join('\n')}\n`
}
