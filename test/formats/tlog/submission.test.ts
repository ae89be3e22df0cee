import { describe, expect, it } from 'vitest'

import { utf8 } from '../../../src/base/bytes.ts'
import { parseCheckpoint } from '../../../src/formats/tlog/checkpoint.ts'
import { parseNote } from '../../../src/formats/tlog/note.ts'
import {
  formatSubmission,
  parseSizeAnswer,
  parseSubmission,
} from '../../../src/formats/tlog/submission.ts'
import { spec } from './support.ts'

const vector = new Uint8Array(spec('add-checkpoint-64-to-70.txt'))
const text = new TextDecoder().decode(vector)

describe('a submission to a witness', () => {
  it('reads the vector, and writes it back octet by octet', () => {
    const read = parseSubmission(vector)
    expect(read.oldSize).toBe(64)
    expect(read.proof).toHaveLength(1)
    expect(parseCheckpoint(parseNote(read.checkpoint).text).size).toBe(70)
    expect(formatSubmission(read)).toEqual(vector)
  })

  it('may have no proof', () => {
    const read = parseSubmission(utf8('old 0\n\ncheckpoint'))
    expect(read).toMatchObject({ oldSize: 0, proof: [] })
  })

  const line = text.split('\n')[1] ?? ''
  it.each([
    ['nothing', ''],
    ['no empty line', 'old 0\n'],
    ['a leading zero', text.replace('old 64', 'old 064')],
    ['a sign', text.replace('old 64', 'old +64')],
    ['a size past 2^53', text.replace('old 64', 'old 9007199254740992')],
    ['no old size', text.replace('old 64\n', '')],
    ['another word', text.replace('old 64', 'new 64')],
    ['a short hash', text.replace(line, line.slice(4))],
    ['base64 that is not canonical', text.replace('XF6c=', 'XF6d=')],
    ['base64 of the other alphabet', text.replace('+', '-')],
    ['64 hashes', text.replace(line, Array.from({ length: 64 }, () => line).join('\n'))],
    ['a carriage return', text.replace('old 64\n', 'old 64\r\n')],
  ])('is refused with %s', (_, body) => {
    expect(() => parseSubmission(utf8(body))).toThrow(
      expect.objectContaining({ code: 'SUBMISSION_MALFORMED' }),
    )
  })

  it('is refused when it is not UTF-8, or too long', () => {
    for (const body of [Uint8Array.of(0xff, 0x0a, 0x0a), new Uint8Array(70_000).fill(0x41)]) {
      expect(() => parseSubmission(body)).toThrow(
        expect.objectContaining({ code: 'SUBMISSION_MALFORMED' }),
      )
    }
  })
})

it('reads the size in a conflict, and nothing that is like one', () => {
  expect(parseSizeAnswer('70\n')).toBe(70)
  for (const wrong of ['70', '070\n', '70\n\n', '-1\n', '', '\n', '7e1\n']) {
    expect(parseSizeAnswer(wrong)).toBeUndefined()
  }
})
