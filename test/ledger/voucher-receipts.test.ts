import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { fromBase64, fromBase64url, utf8 } from '../../src/base/bytes.ts'
import { bucketOf } from '../../src/base/id.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { parseLeaf } from '../../src/formats/leaf.ts'
import { leafHash } from '../../src/formats/tlog/merkle.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { verifyInclusion } from '../../src/formats/tlog/proof.ts'
import { parseReceipt, verifyReceipt } from '../../src/formats/tlog/receipt.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { keepWitnessed } from '../../src/ledger/cosigned.ts'
import { logState } from '../../src/ledger/log-state.ts'
import { type IssueProof, type LeafReceipt, receiptsOf } from '../../src/ledger/voucher-receipts.ts'
import { engines } from '../support/engines.ts'
import { type Books, type Held, issue, openBooks, origin } from './books.ts'

describe.each(engines)('the receipts of a voucher, on %s', (engine) => {
  let books: Books
  beforeAll(async () => {
    books = await openBooks(engine)
  })
  afterAll(() => books.store.close())

  const receipts = ({ id, version, last }: Held) => {
    const voucher = { bucket: bucketOf(id), id, version, lastLeaf: last, batchId: null }
    return receiptsOf(books.store.read, voucher)
  }
  async function open({ receipt }: LeafReceipt) {
    const policy = parsePolicy(sha256, utf8(`log ${books.key.vkey}\nquorum none\n`))
    return verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(receipt!.bytes))
  }
  /** What an outsider does: from the leaf in the receipt to the voucher's digest in its list. */
  async function proveIssued(of: LeafReceipt, { digest, position, proof }: IssueProof) {
    const { entry } = await open(of)
    const { cnt, vr } = parseLeaf(entry)
    verifyInclusion(sha256, {
      ...{ index: position, size: Number(cnt), leafHash: leafHash(sha256, digest) },
      ...{ proof: proof.map((hash) => fromBase64(hash)!), root: fromBase64url(String(vr))! },
    })
  }

  it.each([1, 2, 7, 100])('prove that it is one of a chunk of %i', async (count) => {
    const chunk = await issue(books, count)
    for (const held of [chunk[0]!, chunk[Math.floor(count / 2)]!, chunk.at(-1)!]) {
      const [issued, ...rest] = await receipts(held)
      expect(rest).toEqual([])
      expect(issued).toMatchObject({ kind: 'batch.issue', version: 1 })
      expect(issued?.issue).toMatchObject({ count })
      await proveIssued(issued!, issued!.issue!)
      const other = { ...issued!.issue!, digest: new Uint8Array(16) }
      await expect(proveIssued(issued!, other)).rejects.toMatchObject({ code: 'INCLUSION_INVALID' })
    }
  })

  it('are at the first checkpoint with the leaf that a quorum has cosigned', async () => {
    const [held] = await issue(books, 3)
    const { store, now } = books
    expect((await receipts(held!))[0]?.receipt?.level).toBe('inclusion')
    const state = (await logState(store.read, origin))!
    await store.transaction((tx) => keepWitnessed(tx, origin, state, now))
    await issue(books, 300)
    const later = (await logState(store.read, origin))!
    await store.transaction((tx) => keepWitnessed(tx, origin, later, now))
    const [issued] = await receipts(held!)
    expect(issued?.receipt?.level).toBe('witnessed')
    expect((await open(issued!)).checkpoint.size).toBe(state.size)
    const [, older] = await issue(books, 5)
    expect((await receipts(older!))[0]?.receipt?.level).toBe('inclusion')
  })
})
