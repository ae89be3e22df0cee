import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, toHex, utf8 } from '../../../src/base/bytes.ts'
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from '../../../src/formats/tlog/checkpoint.ts'
import {
  cosign,
  cosignatureMessage,
  cosignatureVerifier,
  parseCosignature,
} from '../../../src/formats/tlog/cosignature.ts'
import { TlogError } from '../../../src/formats/tlog/error.ts'
import {
  formatSignature,
  noteVerifier,
  parseNote,
  parseVkey,
} from '../../../src/formats/tlog/note.ts'
import { verifyConsistency } from '../../../src/formats/tlog/proof.ts'
import { type NoteVectors, sha256, signerOf, spec, specJson, verifyEd25519 } from './support.ts'

const { keys, checkpoints, cases } = specJson<NoteVectors>('notes.json')
const vkeys = keys.map(({ vkey }) => parseVkey(sha256, vkey))
const log = noteVerifier(vkeys[0]!, verifyEd25519)
const witnesses = vkeys.slice(2).map((vkey) => cosignatureVerifier(vkey, verifyEd25519))
const { roots_hex_by_size: roots } = specJson<{ roots_hex_by_size: string[] }>('merkle-roots.json')

describe('the text of a checkpoint', () => {
  it('is read and written back as in every vector', () => {
    for (const { size, body } of checkpoints) {
      const checkpoint = parseCheckpoint(body)
      expect(checkpoint.origin).toBe('ledger.example.org/gd/2026')
      expect(checkpoint.size).toBe(size)
      expect(toHex(checkpoint.root)).toBe(roots[size])
      expect(formatCheckpoint(checkpoint)).toBe(body)
    }
  })

  const root = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  it.each([
    ['nothing', ''],
    ['an empty origin', `\n1\n${root}\n`],
    ['two lines', 'o\n1\n'],
    ['no final newline', `o\n1\n${root}`],
    ['a leading zero', `o\n01\n${root}\n`],
    ['a sign', `o\n+1\n${root}\n`],
    ['an exponent', `o\n1e3\n${root}\n`],
    ['a size of 2^53', `o\n9007199254740992\n${root}\n`],
    ['a size of 400 digits', `o\n${'9'.repeat(400)}\n${root}\n`],
    ['no size', `o\n\n${root}\n`],
    ['a root of 31 octets', `o\n1\n${'A'.repeat(42)}==\n`],
    ['a root of 33 octets', `o\n1\n${'A'.repeat(44)}\n`],
    ['trailing bits in the root', `o\n1\n${root.replace('U=', 'V=')}\n`],
    ['no padding', `o\n1\n${root.slice(0, -1)}\n`],
    ['an empty extension line', `o\n1\n${root}\n\n`],
    ['an empty extension line between others', `o\n1\n${root}\na\n\nb\n`],
  ])('is refused with %s', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(
      expect.objectContaining({ name: 'TlogError', code: 'CHECKPOINT_MALFORMED' }),
    )
  })

  it('may have extension lines, which are dropped, and the largest size', () => {
    expect(parseCheckpoint(`o\n1\n${root}\next value\n`)).toEqual(
      parseCheckpoint(`o\n1\n${root}\n`),
    )
    expect(parseCheckpoint(`o\n9007199254740991\n${root}\n`).size).toBe(2 ** 53 - 1)
  })

  it('is never written malformed', () => {
    const checkpoint = { origin: 'o', size: 1, root: new Uint8Array(32) }
    for (const wrong of [
      { origin: 'a b' },
      { size: -1 },
      { size: 0.5 },
      { root: new Uint8Array(31) },
    ]) {
      expect(() => formatCheckpoint({ ...checkpoint, ...wrong })).toThrow(TypeError)
    }
  })
})

describe('opening a checkpoint', () => {
  it.each(cases)('$why: $expect', async ({ note, expect: expected }) => {
    const opening = openCheckpoint(utf8(note), [log], witnesses)
    if (expected === 'reject') return expect(opening).rejects.toBeInstanceOf(TlogError)
    const { checkpoint, logSignatures } = await opening
    expect(checkpoint.size).toBe(70)
    expect(logSignatures).toHaveLength(1)
  })

  it('tells the log from its witnesses', async () => {
    for (const { body, signed, cosigned } of checkpoints) {
      const alone = await openCheckpoint(utf8(signed), [log], witnesses)
      expect(alone.cosignatures).toEqual([])
      const opened = await openCheckpoint(utf8(cosigned), [log], witnesses)
      expect(opened.text).toBe(body)
      expect(opened.logSignatures.map(({ keyId }) => keyId)).toEqual([log.keyId])
      expect(opened.cosignatures.map(({ keyId }) => keyId)).toEqual(witnesses.map((w) => w.keyId))
    }
    const file = await openCheckpoint(spec('checkpoint-70.txt'), [log], witnesses)
    expect(file.checkpoint.size).toBe(70)
  })

  it('is refused when only witnesses, or only the key of another log, signed it', async () => {
    const { text, signatures } = parseNote(utf8(checkpoints[3]!.cosigned))
    const lines = signatures.slice(1).map(formatSignature).join('')
    const opening = openCheckpoint(utf8(`${text}\n${lines}`), [log], witnesses)
    await expect(opening).rejects.toMatchObject({ code: 'CHECKPOINT_UNSIGNED' })
    const other = { name: 'other', keyId: '00000000', verify: () => true }
    const foreign = utf8(`${text}\n— other AAAAAAA=\n`)
    const refused = { code: 'CHECKPOINT_UNSIGNED' }
    await expect(openCheckpoint(foreign, [log, other])).rejects.toMatchObject(refused)
  })
})

describe('what a log submits to a witness', () => {
  it('carries in the vector a proof from the old checkpoint to the new one', async () => {
    const [head, ...rest] = spec('add-checkpoint-64-to-70.txt').toString().split('\n\n')
    const [old, ...lines] = head!.split('\n')
    const { checkpoint } = await openCheckpoint(utf8(rest.join('\n\n')), [log])
    const before = parseCheckpoint(checkpoints.find(({ size }) => size === 64)!.body)
    expect(old).toBe('old 64')
    verifyConsistency(sha256, {
      first: before.size,
      second: checkpoint.size,
      firstRoot: before.root,
      secondRoot: checkpoint.root,
      proof: lines.map((line) => fromBase64(line)!),
    })
  })
})

describe('a cosignature', () => {
  it('made again gives the line of every vector', () => {
    for (const { cosigned } of checkpoints) {
      const { text, signatures } = parseNote(utf8(cosigned))
      for (const [i, signature] of signatures.slice(1).entries()) {
        const { timeSeconds } = parseCosignature(signature.signature)
        expect(cosign(signerOf(keys[2 + i]!), timeSeconds, text)).toEqual(signature)
      }
    }
  })

  it('covers the time and the whole text', () => {
    const message = new TextDecoder().decode(cosignatureMessage(1767225600, 'o\n1\nr\n'))
    expect(message).toBe('cosignature/v1\ntime 1767225600\no\n1\nr\n')
  })

  it('carries times beyond 32 bits and refuses those beyond 2^53-1', () => {
    const signer = signerOf(keys[2]!)
    for (const time of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      expect(parseCosignature(cosign(signer, time, 'a\n').signature).timeSeconds).toBe(time)
    }
    expect(() => parseCosignature(new Uint8Array(72).fill(255))).toThrow(TlogError)
    for (const time of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => cosign(signer, time, 'a\n')).toThrow(TypeError)
    }
  })

  it('of another length than 72 refuses the note', async () => {
    const { text } = parseNote(utf8(checkpoints[0]!.signed))
    const short = { ...witnesses[0]!, signature: new Uint8Array(71) }
    const note = utf8(`${text}\n${formatSignature(short)}`)
    const opening = openCheckpoint(note, [log], witnesses)
    await expect(opening).rejects.toMatchObject({ code: 'COSIGNATURE_MALFORMED' })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        fc.pre(bytes.length !== 72)
        expect(() => parseCosignature(bytes)).toThrow(TlogError)
      }),
    )
  })
})

describe('random text', () => {
  it('is refused with nothing but the declared error', () => {
    const pieces = fc.constantFrom(
      'o',
      '\n',
      '0',
      '1',
      '70',
      'A'.repeat(43),
      '=',
      '\n\n',
      '9'.repeat(17),
    )
    const text = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (candidate) => {
        try {
          parseCheckpoint(candidate)
        } catch (error) {
          expect(error).toBeInstanceOf(TlogError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
