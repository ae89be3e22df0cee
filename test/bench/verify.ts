import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { sha256 } from '../../src/base/sha256.ts'
import { Frontier, leafHash } from '../../src/formats/tlog/merkle.ts'
import { bundlePath, decodeBundle, tileWidth } from '../../src/formats/tlog/tiles.ts'
import { median } from './database.ts'
import { writeLog } from './verify-log.ts'

const leaves = 1_000_000

/**
 * `ledger verify` of a million leaves as static files, in a process of its own, against the bare
 * tree: reading the bundles, hashing the leaves, folding the root.
 */
export async function benchVerify(_engine: string, pairs: number) {
  const folder = keptLog()
  const runs: { seconds: number; floor: number; rss: number }[] = []
  for (let i = 0; i < pairs; i++) {
    const { seconds, rss } = await verifyApart(folder)
    runs.push({ seconds, rss, floor: bareRoot(folder) })
  }
  const times = runs.map(({ seconds }) => seconds)
  const round = (value: number) => Math.round(value * 100) / 100
  return {
    leaves,
    ours: Math.round(leaves / median(times)),
    floor: Math.round(leaves / median(runs.map(({ floor }) => floor))),
    ratio: round(median(runs.map(({ seconds, floor }) => floor / seconds))),
    p50_ms: Math.round(median(times) * 1000),
    p99_ms: Math.round(Math.max(...times) * 1000),
    rss_mb: Math.round(Math.max(...runs.map(({ rss }) => rss)) / 1e6),
  }
}

/** The log below `data/`: written the first time, and once more where writing it was cut short. */
function keptLog(): string {
  const folder = join('data', 'bench-verify')
  if (existsSync(join(folder, 'policy.txt'))) return folder // what is written last
  rmSync(folder, { recursive: true, force: true })
  writeLog(folder, leaves)
  return folder
}

/** Seconds from the start of a process to its end, and its largest resident memory, octets. */
async function verifyApart(folder: string): Promise<{ seconds: number; rss: number }> {
  const begun = performance.now()
  const child = fork(new URL('./verify-process.ts', import.meta.url), [
    ...['ledger', 'verify', '--policy', join(folder, 'policy.txt'), '--dir', folder, '--json'],
  ])
  const [{ rss, code }] = (await once(child, 'message')) as [{ rss: number; code: number }]
  if (code !== 0) throw new Error(`ledger verify answered ${code}`)
  return { seconds: (performance.now() - begun) / 1000, rss }
}

function bareRoot(folder: string): number {
  const begun = performance.now()
  const tree = new Frontier(sha256)
  for (let index = 0; tree.size < leaves; index++) {
    const width = Math.min(tileWidth, leaves - tree.size)
    const bundle = readFileSync(join(folder, bundlePath({ index, width })))
    for (const entry of decodeBundle(bundle, width)) tree.append(leafHash(sha256, entry))
  }
  tree.root()
  return (performance.now() - begun) / 1000
}
