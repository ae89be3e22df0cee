import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { toBase64url } from '../base/bytes.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import { FormatError } from '../formats/error.ts'
import { parseLeaf } from '../formats/leaf.ts'
import { verifyPromise } from '../formats/promise.ts'
import { parseCosignature } from '../formats/tlog/cosignature.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { parseVkey, type Vkey } from '../formats/tlog/note.ts'
import { type Policy, parsePolicy } from '../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import { type Environment, type Io, UsageError } from './io.ts'

/** What `--help` prints. */
export const usage = `usage:
  symbolon receipt verify --policy FILE [--promise-key VKEY] [--json] FILE...

Checks receipts (.tlog-proof) and promises (.promise) without asking anybody: exit code 0 when all of
them hold, 1 when one does not, 2 when one could not be looked at. A receipt is witnessed when the
policy asks for a quorum. A promise needs the node's promise key and proves no more than itself.
`

interface Checked {
  readonly file: string
  readonly ok: boolean
  readonly level?: 'promise' | 'inclusion' | 'witnessed'
  readonly [detail: string]: unknown
}

interface Trusted {
  readonly policy: Policy
  readonly promises: Vkey | undefined
}

/** `symbolon receipt …`: answers the exit code. Never throws. */
export async function run(
  argv: readonly string[],
  io: Io,
  _env: Environment = process.env,
): Promise<number> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: {
        policy: { type: 'string' },
        'promise-key': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    const [verb, ...files] = positionals
    const { policy, 'promise-key': promises, json } = values
    if (verb !== 'verify' || !policy || files.length === 0) {
      throw new UsageError('verify needs --policy and files')
    }
    const trusted = {
      policy: parsePolicy(sha256, await bytesOf(policy)),
      promises: promises === undefined ? undefined : parseVkey(sha256, promises),
    }
    const octets = await Promise.all(files.map(bytesOf))
    const checked: Checked[] = []
    for (const [i, file] of files.entries()) {
      checked.push(await check(file, octets[i] ?? new Uint8Array(0), trusted))
    }
    io.stdout.write(json ? `${JSON.stringify({ receipts: checked })}\n` : told(checked))
    return checked.every(({ ok }) => ok) ? 0 : 1
  } catch (error) {
    const words = error instanceof Error ? error.message : 'an unknown reason'
    io.stderr.write(`cannot verify: ${words}\n`)
    if (error instanceof UsageError) io.stderr.write(usage)
    return 2
  }
}

async function check(file: string, bytes: Uint8Array, trusted: Trusted): Promise<Checked> {
  try {
    const text = new TextDecoder().decode(bytes)
    if (/^[\w-]+\.[\w-]+\.[\w-]+\s*$/.test(text)) return await checkPromise(file, text, trusted)
    return await checkReceipt(file, bytes, trusted)
  } catch (error) {
    if (!(error instanceof TlogError) && !(error instanceof FormatError)) throw error
    return { file, ok: false, code: error.code, why: error.message }
  }
}

async function checkReceipt(
  file: string,
  bytes: Uint8Array,
  { policy }: Trusted,
): Promise<Checked> {
  const made = await verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(bytes))
  const witnesses = made.cosignatures.map(({ name, signature }) => {
    return { name, time: parseCosignature(signature).timeSeconds }
  })
  return {
    ...{ file, ok: true, level: policy.quorum.kind === 'none' ? 'inclusion' : 'witnessed' },
    ...{ origin: made.checkpoint.origin, index: made.index, size: made.checkpoint.size },
    ...{ leaf_hash: toBase64url(made.leafHash), witnesses, leaf: leafOf(made.entry) },
  }
}

async function checkPromise(file: string, text: string, trusted: Trusted): Promise<Checked> {
  if (!trusted.promises) throw new UsageError('a promise needs --promise-key')
  const made = await verifyPromise(text.trim(), trusted.promises, verifyEd25519)
  const { origin, leafHash, at, withinSeconds } = made
  const due = new Date(at + withinSeconds * 1000).toISOString()
  return { file, ok: true, level: 'promise', origin, leaf_hash: toBase64url(leafHash), due }
}

/** The leaf in its own words, if it is one of ours. */
function leafOf(entry: Uint8Array): unknown {
  try {
    return parseLeaf(entry)
  } catch {
    return undefined
  }
}

function told(checked: readonly Checked[]): string {
  const lines = checked.map((one) => {
    if (!one.ok) return `BAD  ${one.file}: ${String(one.code)}, ${String(one.why)}`
    const where = one.level === 'promise' ? `due ${String(one.due)}` : `leaf ${String(one.index)}`
    return `good ${one.file}: ${one.level}, ${where} of ${String(one.origin)}`
  })
  return `${lines.join('\n')}\n`
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new Weather(`cannot read ${file}`, error)
  }
}
