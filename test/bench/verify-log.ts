import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { toBase64, toBase64url } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { encodeLeaf, type LeafObject } from '../../src/formats/leaf.ts'
import { Frontier, leafHash } from '../../src/formats/tlog/merkle.ts'
import { bundlePath, encodeBundle, tilePath } from '../../src/formats/tlog/tiles.ts'
import { createKeyring } from '../../src/keys/keyring.ts'
import { checkpointText } from '../../src/ledger/log-state.ts'

const perChunk = 10_000
const origin = 'bench/log/nx/2026'

/**
 * Writes a log of `size` leaves as static files: one budget, chunks of 10 000 vouchers, and
 * redemptions of nearly all of them in an order of their own. Answers its verifier key.
 */
export function writeLog(folder: string, size: number): string {
  const [key] = createKeyring(join(folder, 'data'), origin).logs
  if (!key) throw new TypeError('no log key')
  const chunks = Math.ceil(size / (perChunk + 1))
  const tree = new Frontier(sha256)
  const tiles: Uint8Array[][] = []
  const note = (level: number, _index: number, hash: Uint8Array) => {
    if (level % 8 !== 0) return
    const row = tiles[level / 8] ?? []
    tiles[level / 8] = row
    row.push(hash)
  }
  let entries: Uint8Array[] = []
  const flush = (all: boolean) => {
    if (entries.length === 256 || (all && entries.length > 0)) {
      const index = Math.floor((tree.size - 1) / 256)
      write(folder, bundlePath({ index, width: entries.length }), encodeBundle(entries))
      entries = []
    }
  }
  const append = (leaf: LeafObject) => {
    const bytes = encodeLeaf(leaf)
    const hash = leafHash(sha256, bytes)
    tree.append(hash, note)
    entries.push(bytes)
    flush(false)
    return hash
  }
  const about = (n: number) => ({
    v: 1,
    id: `019af000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
    n: 'nx',
    t: Date.UTC(2026, 5, 1) + n,
    ccy: 'CNY',
    pg: 'f3b1c2d4-0000-4000-8000-000000000001',
    d: Array.from({ length: 6 }, (_, i) => toBase64url(sha256(`${n}/${i}`))).sort(),
  })
  const moves = (amount: number, debit: string, credit: string) => ({
    amt: amount,
    p: [[debit, amount] as const, [credit, -amount] as const],
  })
  const total = chunks * perChunk * 1000
  append({ ...about(0), k: 'budget.allocate', ...moves(total, 'fund_bank', 'budget_available') })
  const issued: Uint8Array[] = []
  for (let c = 0; c < chunks; c++) {
    const digests = Array.from({ length: perChunk }, (_, i) =>
      sha256(`voucher ${c * perChunk + i}`).slice(0, 16),
    )
    const root = new Frontier(sha256)
    for (const digest of digests) root.append(leafHash(sha256, digest))
    issued.push(
      append({
        ...about(tree.size),
        k: 'batch.issue',
        cnt: perChunk,
        vr: toBase64url(root.root()),
        ...moves(perChunk * 1000, 'budget_available', 'voucher_liability'),
      }),
    )
    write(folder, `issued/${c + 1}`, Buffer.concat(digests))
  }
  for (let i = 0; tree.size < size; i++) {
    const n = (i * 7919) % (chunks * perChunk) // coprime to it: each voucher once
    append({
      ...about(tree.size),
      k: 'voucher.redeem',
      vh: toBase64url(sha256(`voucher ${n}`).slice(0, 16)),
      sv: 2,
      prev: toBase64url(issued[Math.floor(n / perChunk)] ?? new Uint8Array(0)),
      ...moves(1000, 'voucher_liability', 'merchant_payable'),
    })
  }
  flush(true)
  for (const [level, hashes] of tiles.entries()) {
    for (let at = 0; at < hashes.length; at += 256) {
      const some = hashes.slice(at, at + 256)
      write(folder, tilePath({ level, index: at / 256, width: some.length }), Buffer.concat(some))
    }
  }
  write(folder, 'checkpoint', checkpointText(key, tree.size, tree.root()))
  write(folder, 'policy.txt', `log ${key.vkey}\nquorum none\n`)
  return toBase64(tree.root())
}

function write(folder: string, path: string, bytes: Uint8Array | string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}
