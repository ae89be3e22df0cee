import { createHmac } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { toBase64url, utf8 } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import {
  type DrawFiles,
  drawMessage,
  drawRoot,
  type LoggedLeaf,
  rankEntrants,
  verifyDraw,
  writeDrawList,
} from '../../src/formats/draw.ts'
import { encodeLeaf, type LeafObject } from '../../src/formats/leaf.ts'
import { leafHash } from '../../src/formats/tlog/merkle.ts'
import { cosignatureType, formatVkey, makeVkey } from '../../src/formats/tlog/note.ts'
import { ed25519FromSeed, verifyEd25519 } from '../../src/keys/ed25519.ts'

const names = Array.from({ length: 20 }, (_, i) => toBase64url(new Uint8Array(16).fill(i))).sort()
const seed = new Uint8Array(32).fill(9)
const outside = ed25519FromSeed(new Uint8Array(32).fill(4))
const witness = formatVkey(makeVkey(sha256, 'bank.example/w', cosignatureType, outside.publicKey))
const b64 = toBase64url

/** Leaves as they would be in a log: what a receipt opens to is handed in. */
function told(changes: { result?: LeafObject; opening?: LeafObject; years?: number[] } = {}) {
  const common = { v: 1, id: '019e0000-0000-7000-8000-000000000000', n: 'nx', d: [], draw: 'one' }
  const open = { ...common, k: 'draw.open', t: 1000, closes: 2000, units: 3, witness }
  const leaves: LoggedLeaf[] = []
  const add = (leaf: LeafObject) => {
    const entry = encodeLeaf(leaf)
    const origin = `log.nx.test/${changes.years?.[leaves.length] ?? 2026}`
    const index = leaves.filter(({ checkpoint }) => checkpoint.origin === origin).length
    const checkpoint = { origin }
    leaves.push({ entry, leafHash: leafHash(sha256, entry), index, checkpoint })
    return leaves.at(-1)!
  }
  const opening = add({ ...open, seed: b64(sha256(seed)), ...changes.opening })
  const root = b64(drawRoot(sha256, names))
  const ref = b64(opening.leafHash)
  const closing = add({ ...common, k: 'draw.close', t: 2000, entrants: 20, root, ref })
  const signature = outside.sign(drawMessage(closing.leafHash))
  const by = { seed: b64(seed), signature: b64(signature) }
  add({ ...common, k: 'draw.run', t: 2001, ...by, ...changes.result })
  const ranked = rankEntrants(sha256, { seed, signature, pseudonyms: names })
  const files: DrawFiles = {
    ...{ opening: utf8('0'), closing: utf8('1'), result: utf8('2') },
    ...{ entrants: writeDrawList(names), winners: writeDrawList(ranked.slice(0, 3)) },
  }
  const open_ = async (receipt: Uint8Array) => leaves[Number(new TextDecoder().decode(receipt))]!
  return { files, tools: { sha256, verifyEd25519, open: open_ }, signature, ranked }
}

const checks = async ({ files, tools }: Pick<ReturnType<typeof told>, 'files' | 'tools'>) =>
  (await verifyDraw(files, tools)).findings.map(({ check }) => check)

describe('verifying a draw', () => {
  it('ranks by HMAC-SHA-256 under the seed and the signature', () => {
    const { signature, ranked } = told()
    const key = Buffer.concat([seed, signature])
    const lot = (name: string) =>
      createHmac('sha256', key).update(Buffer.from(name, 'base64url')).digest('hex')
    expect(ranked).toEqual(names.toSorted((a, b) => (lot(a) < lot(b) ? -1 : 1)))
  })

  it('finds nothing wrong with a good one, and names its outside key', async () => {
    const { files, tools, ranked } = told()
    const report = await verifyDraw(files, tools)
    expect(report).toMatchObject({ ok: true, witness: 'bank.example/w', entrants: 20, units: 3 })
    expect(report.winners).toEqual(ranked.slice(0, 3))
  })

  it('follows it from one year’s log into the next, by time', async () => {
    expect(await checks(told({ years: [2026, 2027, 2027] }))).toEqual([])
    expect(await checks(told({ years: [2026, 2026, 2027] }))).toEqual([])
    const early = { years: [2026, 2026, 2027], result: { t: 1999 } }
    expect(await checks(told(early))).toEqual(['result'])
  })

  it('notices another seed than the one that was committed to', async () => {
    const other = b64(new Uint8Array(32).fill(8))
    expect(await checks(told({ result: { seed: other } }))).toEqual(['seed'])
  })

  it('says that the signature is missing, is another’s, or has no result yet', async () => {
    const { files, tools } = told()
    const bare = told()
    const unsigned = told({ result: { signature: b64(new Uint8Array(64)) } })
    expect(await checks(unsigned)).toEqual(['signature'])
    const { result: _, ...undrawn } = files
    const report = await verifyDraw(undrawn, tools)
    expect(report.findings.map(({ check }) => check)).toEqual(['result', 'signature'])
    expect(report.findings[1]?.message).toContain('missing')
    expect(await checks(bare)).toEqual([])
  })

  it('notices one changed, dropped or added entrant, and winners of another order', async () => {
    const { files, tools, ranked } = told()
    const with_ = (entrants: readonly string[]) =>
      checks({ files: { ...files, entrants: writeDrawList(entrants) }, tools })
    const stranger = toBase64url(new Uint8Array(16).fill(99))
    expect(await with_(names.slice(1))).toContain('entrants')
    expect(await with_([...names, stranger].sort())).toContain('entrants')
    expect(await with_(names.toReversed())).toContain('entrants')
    const winners = writeDrawList([ranked[1]!, ranked[0]!, ranked[2]!])
    expect(await checks({ files: { ...files, winners }, tools })).toEqual(['winners'])
    const malformed = utf8('not a name\n')
    expect(await checks({ files: { ...files, entrants: malformed }, tools })).toEqual(['entrants'])
  })

  it('notices a leaf of another draw', async () => {
    expect(await checks(told({ result: { draw: 'two' } }))).toEqual(['result', 'signature'])
  })
})
