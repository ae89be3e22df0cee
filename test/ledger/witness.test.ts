import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { openCheckpoint } from '../../src/formats/tlog/checkpoint.ts'
import { cosignatureVerifier, parseCosignature } from '../../src/formats/tlog/cosignature.ts'
import { noteVerifier, parseSignatures, parseVkey } from '../../src/formats/tlog/note.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { createKeyFolder } from '../../src/keys/key-folder.ts'
import { readWitnessKey, writeWitnessKey } from '../../src/keys/witness-key.ts'
import {
  type Cosigned,
  judge,
  keepCosigned,
  latestCosigned,
  seenSize,
  trustLog,
} from '../../src/ledger/witness.ts'
import { openStore } from '../../src/store/open.ts'
import type { Store } from '../../src/store/store.ts'
import { spec, specJson } from '../formats/tlog/support.ts'
import { engines, freshDatabase } from '../support/engines.ts'
import { logKey, tree } from './trees.ts'

const folder = createKeyFolder(mkdtempSync(join(tmpdir(), 'symbolon-witness-')), 'a passphrase')
const witness = writeWitnessKey(folder, 'audit.example.org/witness')
const now = 1_790_000_000_000

describe('the key of a witness', () => {
  it('is sealed like the others, read back, and made once', () => {
    expect(readWitnessKey(folder)?.vkey).toBe(witness.vkey)
    expect(folder.readPublic('witness.key')).toMatch(/^sealed:/)
    expect(() => writeWitnessKey(folder, 'other')).toThrow('already')
    expect(parseVkey(sha256, witness.vkey).type).toBe(4)
  })
})

describe.each(engines)('a witness on %s', (engine) => {
  let store: Store
  let second: Store
  beforeAll(async () => {
    const location = await freshDatabase(engine)
    store = await openStore(location)
    second = await openStore(location)
  })
  afterAll(async () => {
    await store.close()
    await second.close()
  })

  /** Judges and keeps, as the route does. */
  async function submit(body: Uint8Array, at = store) {
    const judged = await judge(at.read, witness, body, now)
    if (!('cosigned' in judged)) return judged
    const kept = await at.transaction((tx) => keepCosigned(tx, judged.cosigned, now))
    return kept ? judged : { conflict: await seenSize(at.read, judged.cosigned.origin) }
  }
  const believe = (vkey: string) => store.transaction((tx) => trustLog(tx, vkey, now))
  let logs = 0
  async function newLog() {
    const key = logKey(`log.example.org/${engine}/${logs++}`)
    await believe(key.vkey)
    return key
  }

  it('cosigns the vector from 64 to 70, and anybody can verify it', async () => {
    const [vkey = ''] = spec('vkeys.txt').toString().split('\n')
    const body = new Uint8Array(spec('add-checkpoint-64-to-70.txt'))
    expect(await submit(body)).toEqual({ refused: 'unknown' })
    const origin = await believe(vkey)
    expect(await submit(body)).toEqual({ conflict: 0 })
    const { checkpoints } = specJson<{ checkpoints: { size: number; signed: string }[] }>(
      'notes.json',
    )
    const at64 = checkpoints.find(({ size }) => size === 64)?.signed ?? ''
    expect(await submit(utf8(`old 0\n\n${at64}`))).toHaveProperty('cosigned')
    const made = (await submit(body)) as { cosigned: Cosigned }
    const [line] = parseSignatures(made.cosigned.line)
    expect(parseCosignature(line!.signature).timeSeconds).toBe(now / 1000)
    const published = (await latestCosigned(store.read, (name) => name === origin))!
    const opened = await openCheckpoint(
      published,
      [noteVerifier(parseVkey(sha256, vkey), verifyEd25519)],
      [cosignatureVerifier(parseVkey(sha256, witness.vkey), verifyEd25519)],
    )
    expect(opened.checkpoint.size).toBe(70)
    expect(opened.cosignatures).toHaveLength(1)
  })

  it('refuses what is malformed, shrunk, unsigned or a fork, in that order of doors', async () => {
    const key = await newLog()
    const ours = tree('ours')
    await submit(ours.submission(key, 0, 100))
    const stranger = logKey(key.name, 9)
    const fork = tree('fork')
    const tampered = new TextDecoder().decode(ours.submission(key, 100, 120))
    const refusals = [
      [utf8('nonsense'), { refused: 'malformed' }],
      [utf8('old 100\n\nnonsense'), { refused: 'malformed' }],
      [ours.submission(stranger, 100, 120), { refused: 'unsigned' }],
      [utf8(tampered.replace('\n120\n', '\n121\n')), { refused: 'unsigned' }],
      [ours.submission(key, 101, 100), { refused: 'shrunk' }],
      [ours.submission(key, 0, 120), { conflict: 100 }],
      [ours.submission(key, 80, 90), { conflict: 100 }],
      [fork.submission(key, 100, 120), { refused: 'inconsistent' }],
      [fork.submission(key, 100, 100), { refused: 'inconsistent' }],
      [tree('late', 99).submission(key, 100, 120), { refused: 'inconsistent' }],
    ] as const
    for (const [body, expected] of refusals) expect(await submit(body)).toEqual(expected)
    expect(await seenSize(store.read, key.name)).toBe(100)
    // the same tree again is no change, and is cosigned at the new time
    expect(await submit(ours.submission(key, 100, 100))).toHaveProperty('cosigned')
    expect(await submit(ours.submission(key, 100, 300))).toHaveProperty('cosigned')
  })

  it('refuses a proof where there is nothing to prove from', async () => {
    const key = await newLog()
    const body = new TextDecoder().decode(tree('ours').submission(key, 0, 10))
    const hash = Buffer.alloc(32).toString('base64')
    const padded = utf8(body.replace('old 0\n', `old 0\n${hash}\n`))
    expect(await submit(padded)).toEqual({ refused: 'inconsistent' })
  })

  it('lets one of two forks through, however many submit them at once', async () => {
    for (let round = 0; round < 8; round++) {
      const forks = [tree('left', 64), tree('right', 64)] as const
      const fresh = await newLog()
      await submit(forks[0].submission(fresh, 0, 64))
      const bodies = Array.from({ length: 16 }, (_, i) =>
        forks[i % 2]!.submission(fresh, 64, 70 + (i % 2)),
      )
      const answers = await Promise.all(
        bodies.map((body, i) => submit(body, i % 4 < 2 ? store : second)),
      )
      const trees = answers.flatMap((answer) =>
        'cosigned' in answer ? [Buffer.from(answer.cosigned.to.root).toString('hex')] : [],
      )
      expect(trees.length).toBe(1)
      const conflicts = answers.filter((answer) => 'conflict' in answer)
      expect(conflicts).toHaveLength(15)
    }
  })

  it('goes on under a second key of the log, and believes no key of a witness', async () => {
    const key = await newLog()
    const ours = tree('ours')
    await submit(ours.submission(key, 0, 10))
    const next = logKey(key.name, 2)
    expect(await submit(ours.submission(next, 10, 20))).toEqual({ refused: 'unsigned' })
    await believe(next.vkey)
    expect(await submit(ours.submission(next, 10, 20))).toHaveProperty('cosigned')
    await expect(believe(witness.vkey)).rejects.toThrow('not the key of a log')
    await expect(believe('nonsense')).rejects.toMatchObject({ code: 'VKEY_MALFORMED' })
  })
})
