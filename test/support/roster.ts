import { spawnSync } from 'node:child_process'
import { Refusal } from '../../src/base/refusal.ts'
import type { Layout } from '../../src/identity/roster/headers.ts'
import { type RosterOptions, readRoster } from '../../src/identity/roster/read.ts'
import type { ParsedRow, RowFault } from '../../src/identity/roster/row.ts'

export const rosterRules: RosterOptions = {
  today: '2026-06-01',
  organisationExists: (code) => code !== '999999999999',
}

export interface WholeRoster {
  readonly layout: Layout | undefined
  readonly rows: readonly ParsedRow[]
  readonly faulty: readonly RowFault[]
  readonly batches: number
}

/** Bytes as they come over a wire, `size` at a time. */
export async function* inChunks(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** A whole roster at once, for small ones. */
export async function readWhole(
  bytes: Uint8Array,
  options: Partial<RosterOptions> = {},
  chunkSize?: number,
): Promise<WholeRoster> {
  const rows: ParsedRow[] = []
  const faulty: RowFault[] = []
  let layout: Layout | undefined
  let batches = 0
  const source = inChunks(bytes, chunkSize)
  for await (const batch of readRoster(source, { ...rosterRules, ...options })) {
    batches++
    layout = batch.layout
    rows.push(...batch.rows)
    faulty.push(...batch.faulty)
  }
  return { layout, rows, faulty, batches }
}

/** The code and detail of the refusal `reading` ends in; throws anything else on. */
export async function refusalOf(reading: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await reading
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, ...error.detail }
    throw error
  }
  return { code: 'none' }
}

/** A roster written by the generator, with what it planted. */
export function generated(...options: string[]): {
  bytes: Buffer
  planted: Record<string, number>
} {
  const script = new URL('make-members.mjs', import.meta.url).pathname
  const run = spawnSync(process.execPath, [script, ...options], { maxBuffer: 2 ** 28 })
  const { planted } = JSON.parse(run.stderr.toString()) as { planted: Record<string, number> }
  return { bytes: run.stdout, planted }
}
