import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { sha256 } from '../../src/base/sha256.ts'
import { run as runLedger } from '../../src/cli/ledger.ts'
import { cosign } from '../../src/formats/tlog/cosignature.ts'
import { leafHash, leafHashReader } from '../../src/formats/tlog/merkle.ts'
import { formatNote, parseNote, signNote } from '../../src/formats/tlog/note.ts'
import {
  bundlePath,
  encodeBundle,
  newTiles,
  tileData,
  tilePath,
} from '../../src/formats/tlog/tiles.ts'
import type { Report } from '../../src/ledger/verify.ts'
import { signerOf, specJson } from '../formats/tlog/support.ts'

const { keys } = specJson<{ keys: Parameters<typeof signerOf>[0][] }>('notes.json')
const spec = new URL('../spec/ledger/', import.meta.url)
const policy = new URL('policy-example.txt', spec).pathname
const checkpoint = readFileSync(new URL('checkpoint-70.txt', spec), 'utf8')
const { leaves_hex } = JSON.parse(readFileSync(new URL('merkle-roots.json', spec), 'utf8')) as {
  leaves_hex: string[]
}

/** The seventy leaves of the vectors, as a static log. */
function build(note: string, withEntries: boolean): string {
  const entries = leaves_hex.slice(0, 70).map((hex) => new Uint8Array(Buffer.from(hex, 'hex')))
  const read = leafHashReader(
    sha256,
    entries.map((entry) => leafHash(sha256, entry)),
  )
  const log = mkdtempSync(join(tmpdir(), 'symbolon-vectors-'))
  const put = (path: string, bytes: Uint8Array | string) => {
    mkdirSync(dirname(join(log, path)), { recursive: true })
    writeFileSync(join(log, path), bytes)
  }
  for (const tile of newTiles(0, 70)) put(tilePath(tile), tileData(tile, read))
  if (withEntries) put(bundlePath({ index: 0, width: 70 }), encodeBundle(entries))
  put('checkpoint', note)
  return log
}

async function verify(log: string, ...more: string[]) {
  let out = ''
  const code = await runLedger(['verify', '--policy', policy, '--dir', log, '--json', ...more], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => {} },
  })
  return { code, report: code < 2 ? (JSON.parse(out) as Report) : undefined }
}

describe('the log of the vectors, tree only', () => {
  let plain: string
  beforeAll(() => {
    plain = build(checkpoint, true)
  })

  it('is accepted, with and without its entries', async () => {
    const { code, report } = await verify(plain, '--tree-only')
    expect(code).toBe(0)
    expect(report).toMatchObject({
      leaves: 70,
      root: 'nnbvYmjJh00855hWwXwtSkR/kVUEA1OtWTSvmoUxOfg=',
      witnesses: ['witness.zj.example.org/w1', 'witness.audit.example.org/w1'],
    })
    expect(await verify(build(checkpoint, false), '--tree-only')).toMatchObject({ code: 0 })
  })

  it('is refused when its leaves are read, which are none', async () => {
    const { code, report } = await verify(plain)
    expect(code).toBe(1)
    expect(report).toMatchObject({ firstBad: 0, found: 70 })
  })

  const lines = checkpoint.split('\n')
  const root = lines[2] ?? ''
  const shortRoot = Buffer.from(root, 'base64').subarray(0, 31).toString('base64')
  const without = (i: number) => lines.filter((_, n) => n !== i).join('\n')
  it.each([
    ['another size', checkpoint.replace('\n70\n', '\n69\n'), 'checkpoint'],
    ['a leading zero', checkpoint.replace('\n70\n', '\n070\n'), 'checkpoint'],
    ['a root of 31 octets', checkpoint.replace(root, shortRoot), 'checkpoint'],
    [
      'base64 that is not canonical',
      checkpoint.replace(root, root.replace('Ofg=', 'Ofh=')),
      'checkpoint',
    ],
    ['base64 without padding', checkpoint.replace(root, root.slice(0, -1)), 'checkpoint'],
    ['an empty extension line', checkpoint.replace(`${root}\n`, `${root}\n\n`), 'checkpoint'],
    ['an unknown key', checkpoint.replace('fXXdHUgN', 'fXXdHkgN'), 'checkpoint'],
    ['another root', checkpoint.replace('nnbv', 'nnbw'), 'checkpoint'],
    ['another origin', checkpoint.replace('/2026\n70', '/2027\n70'), 'checkpoint'],
    ['no signature of the log', without(4), 'checkpoint'],
    ['a witness too few', without(6), 'checkpoint'],
    ['nothing in it', '', 'checkpoint'],
  ])('is refused with %s', async (_, note, check) => {
    const { code, report } = await verify(build(note, true), '--tree-only')
    expect(code).toBe(1)
    expect(report?.findings).toMatchObject([{ check }])
  })

  it.each([
    ['a leading zero', (text: string) => text.replace('\n70\n', '\n070\n')],
    ['a root of 31 octets', (text: string) => text.replace(root, shortRoot)],
    ['an empty extension line', (text: string) => `${text}\nmore\n`],
    ['base64 that is not canonical', (text: string) => text.replace('Ofg=', 'Ofh=')],
    ['a size that is no number', (text: string) => text.replace('\n70\n', '\n70a\n')],
  ])('is refused with %s, even when log and witnesses signed just that', async (_, change) => {
    const text = change(`${lines.slice(0, 3).join('\n')}\n`)
    const [log, , zj, audit] = keys.map(signerOf)
    const own = parseNote(signNote(text, [log!])).signatures
    const note = formatNote({
      text,
      signatures: [...own, cosign(zj!, 1, text), cosign(audit!, 1, text)],
    })
    const { code, report } = await verify(build(Buffer.from(note).toString(), true), '--tree-only')
    expect(code).toBe(1)
    expect(report?.findings).toMatchObject([{ check: 'checkpoint' }])
    expect(JSON.stringify(report?.findings)).not.toContain('does not verify')
  })
})
