import { describe, expect, it } from 'vitest'

import { sha256 } from '../../src/base/sha256.ts'
import { VoucherTable } from '../../src/ledger/voucher-table.ts'

const digests = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => sha256(`voucher ${from + i}`).slice(0, 16))

describe('what the auditor remembers of vouchers', () => {
  it('is found by the digest alone, through every growth, and each is there once', () => {
    const table = new VoucherTable()
    const list = Buffer.concat(digests(0, 5000))
    for (let row = 0; row < 5000; row++) {
      expect(table.add(list, 16 * row)).toBe(row)
      table.at(row).last = row
    }
    for (const [row, digest] of digests(0, 5000).entries()) {
      expect(table.find(digest)).toBe(row)
      expect(table.at(row).last).toBe(row)
      expect(table.add(digest)).toBe(-1)
    }
    for (const digest of digests(5000, 10_000)) expect(table.find(digest)).toBe(-1)
    const near = Uint8Array.from(digests(0, 1)[0] ?? [])
    near[15] = (near[15] ?? 0) ^ 1 // the same hash, another digest
    expect(table.find(near)).toBe(-1)
    expect(table.add(near)).toBe(5000)
    expect(table.find(near)).toBe(5000)
  })
})
