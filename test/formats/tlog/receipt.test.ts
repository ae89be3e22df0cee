import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { TlogError } from '../../../src/formats/tlog/error.ts'
import { leafHash, leafHashReader, proveInclusion } from '../../../src/formats/tlog/merkle.ts'
import { parsePolicy } from '../../../src/formats/tlog/policy.ts'
import {
  formatReceipt,
  parseReceipt,
  type Receipt,
  verifyReceipt,
} from '../../../src/formats/tlog/receipt.ts'
import { hex, type NoteVectors, sha256, spec, specJson, verifyEd25519 } from './support.ts'

const policy = parsePolicy(sha256, spec('policy-example.txt'))
const { leaves_hex } = specJson<{ leaves_hex: string[] }>('merkle-roots.json')
const entries = leaves_hex.map(hex)
const read = leafHashReader(
  sha256,
  entries.map((entry) => leafHash(sha256, entry)),
)
const { checkpoints } = specJson<NoteVectors>('notes.json')
const cosigned = new Map(checkpoints.map(({ size, cosigned }) => [size, utf8(cosigned)]))
const verify = verifyReceipt.bind(null, sha256, verifyEd25519, policy)

describe('a receipt', () => {
  it('for every leaf under every checkpoint of the vectors is read and verified', async () => {
    for (const [size, index] of [
      [1, 0],
      [2, 1],
      [7, 6],
      [8, 0],
      [64, 33],
      [70, 0],
      [70, 69],
    ]) {
      const receipt = receiptOf(index!, size!)
      const bytes = formatReceipt(receipt)
      const again = parseReceipt(bytes)
      expect(formatReceipt(again)).toEqual(bytes)
      const verified = await verify(again)
      expect(verified.entry).toEqual(entries[index!])
      expect(verified.checkpoint.size).toBe(size)
      expect(verified.cosignatures).toHaveLength(2)
    }
  })

  it('reads as the specification writes it', () => {
    const text = new TextDecoder().decode(formatReceipt(receiptOf(1, 2)))
    const lines = text.split('\n')
    expect(lines.slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', 'extra AA==', 'index 1'])
    expect(lines[3]).toBe('bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=')
    expect(lines[4]).toBe('')
    expect(text.endsWith(`\n\n${checkpoints[2]!.cosigned}`)).toBe(true)
  })

  it('without the entry proves an entry that is given, and nothing alone', async () => {
    const { index, proof, checkpoint } = receiptOf(5, 70)
    const bare = parseReceipt(formatReceipt({ index, proof, checkpoint }))
    expect(bare.extra).toBeUndefined()
    await expect(verify(bare, entries[5])).resolves.toMatchObject({ index: 5 })
    await expect(verify(bare)).rejects.toMatchObject({ code: 'RECEIPT_WITHOUT_ENTRY' })
  })

  it('verifies for no other entry, index, proof or tree, nor with too few witnesses', async () => {
    const good = receiptOf(5, 70)
    const signed = utf8(checkpoints.at(-1)!.signed)
    const spoilt: [Partial<Receipt>, string][] = [
      [{ extra: entries[6]! }, 'INCLUSION_INVALID'],
      [{ index: 4 }, 'INCLUSION_INVALID'],
      [{ index: 70 }, 'INCLUSION_INVALID'],
      [{ proof: good.proof.slice(1) }, 'INCLUSION_INVALID'],
      [{ checkpoint: cosigned.get(64)! }, 'INCLUSION_INVALID'],
      [{ checkpoint: signed }, 'QUORUM_NOT_MET'],
      [{ checkpoint: utf8('') }, 'NOTE_MALFORMED'],
    ]
    for (const [change, code] of spoilt) {
      await expect(verify({ ...good, ...change })).rejects.toMatchObject({ code })
    }
  })

  const hash = 'bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0='
  const first = 'c2sp.org/tlog-proof@v1\n'
  it.each([
    ['nothing', ''],
    ['another first line', 'c2sp.org/tlog-proof@v2\nindex 0\n\n'],
    ['no empty line', `${first}index 0\n`],
    ['no index', `${first}${hash}\n\n`],
    ['index and extra in the wrong order', `${first}index 0\nextra AA==\n\n`],
    ['two extras', `${first}extra AA==\nextra AA==\nindex 0\n\n`],
    ['an extra that is not base64', `${first}extra AB==\nindex 0\n\n`],
    ['an extra that is too long', `${first}extra ${'AAAA'.repeat(21_846)}\nindex 0\n\n`],
    ['a leading zero', `${first}index 00\n\n`],
    ['an index of 2^53', `${first}index 9007199254740992\n\n`],
    ['a hash of 31 octets', `${first}index 0\n${'A'.repeat(42)}==\n\n`],
    ['a hash with trailing bits', `${first}index 0\n${hash.replace('0=', '1=')}\n\n`],
    ['a carriage return', `${first}index 0\r\n\n`],
    ['64 hashes', `${first}index 0\n${`${hash}\n`.repeat(64)}\n`],
    ['64 hashes after an extra', `${first}extra \nindex 0\n${`${hash}\n`.repeat(64)}\n`],
    ['many hashes', `${first}index 0\n${`${hash}\n`.repeat(20_000)}\n`],
    ['2 MB', `${first}index 0\n\n${'a'.repeat(2_000_000)}`],
  ])('is refused with %s', (_, text) => {
    expect(() => parseReceipt(utf8(text))).toThrow(
      expect.objectContaining({ code: 'RECEIPT_MALFORMED' }),
    )
  })

  it('may have 63 hashes and an empty extra', () => {
    const text = `${first}extra \nindex 0\n${`${hash}\n`.repeat(63)}\n`
    expect(parseReceipt(utf8(text))).toMatchObject({ extra: new Uint8Array(0), index: 0 })
  })

  it('with any octet changed is refused, with nothing but the declared error', async () => {
    const bytes = formatReceipt(receiptOf(5, 70))
    const at = fc.nat(bytes.length - 1)
    await fc.assert(
      fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), async (i, change) => {
        const changed = bytes.with(i, bytes[i]! ^ change)
        try {
          await verify(parseReceipt(changed))
          expect.unreachable(`octet ${i} is not covered`)
        } catch (error) {
          if (!(error instanceof TlogError)) throw error
        }
      }),
      { numRuns: 300 },
    )
  })

  it('is never written malformed', () => {
    const good = receiptOf(0, 1)
    expect(() => formatReceipt({ ...good, index: -1 })).toThrow(TypeError)
    expect(() => formatReceipt({ ...good, proof: [new Uint8Array(31)] })).toThrow(TypeError)
  })
})

function receiptOf(index: number, size: number): Receipt {
  return {
    extra: entries[index]!,
    index,
    proof: proveInclusion(sha256, index, size, read),
    checkpoint: cosigned.get(size)!,
  }
}
