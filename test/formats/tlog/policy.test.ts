import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/base/bytes.ts'
import { TlogError } from '../../../src/formats/tlog/error.ts'
import { cosignatureType, formatVkey, makeVkey } from '../../../src/formats/tlog/note.ts'
import {
  openUnderPolicy,
  parsePolicy,
  type Quorum,
  quorumMet,
} from '../../../src/formats/tlog/policy.ts'
import { type NoteVectors, sha256, spec, specJson, verifyEd25519 } from './support.ts'

const { keys, checkpoints } = specJson<NoteVectors>('notes.json')
const [log, next, zj, audit] = keys.map(({ vkey }) => vkey)
const example = parsePolicy(sha256, spec('policy-example.txt'))
const { signed, cosigned } = checkpoints.at(-1)!

describe('the example', () => {
  it('trusts one log and two witnesses, both of them needed', () => {
    expect(example.logs.map(({ vkey }) => formatVkey(vkey))).toEqual([log])
    expect(example.witnesses.map(({ vkey }) => formatVkey(vkey))).toEqual([zj, audit])
    expect(example.quorum).toMatchObject({ kind: 'group', threshold: 2 })
  })

  it('opens every cosigned checkpoint of the vectors', async () => {
    for (const { cosigned, size } of checkpoints) {
      const { checkpoint } = await openUnderPolicy(example, utf8(cosigned), verifyEd25519)
      expect(checkpoint.size).toBe(size)
    }
  })

  it('refuses a checkpoint with no witness, with one, or with one counted twice', async () => {
    const lines = cosigned.split('\n')
    const one = lines.toSpliced(6, 1).join('\n')
    const twice = lines.toSpliced(6, 1, lines[5]!).join('\n')
    for (const note of [signed, one, twice]) {
      await expect(openUnderPolicy(example, utf8(note), verifyEd25519)).rejects.toMatchObject({
        code: 'QUORUM_NOT_MET',
      })
    }
  })
})

describe('a quorum', () => {
  it('may be none, one witness, any or some of a group, or groups of groups', () => {
    const witnesses = Array.from({ length: 6 }, (_, i) => witness(`w${i}`))
    const head = witnesses.map((vkey, i) => `witness w${i} ${vkey}\n`).join('')
    const met = (rules: string, ...signers: number[]) => {
      const { quorum, witnesses } = parse(head + rules)
      return quorumMet(
        quorum,
        signers.map((i) => witnesses[i]!.vkey),
      )
    }
    expect(met('quorum none\n')).toBe(true)
    expect(met('quorum w1\n', 0)).toBe(false)
    expect(met('quorum w1\n', 0, 1)).toBe(true)
    expect(met('group g any w0 w1\nquorum g\n', 1)).toBe(true)
    expect(met('group g all w0 w1\nquorum g\n', 1)).toBe(false)
    const nested = 'group x 2 w0 w1 w2\ngroup y any w3 w4 w5\ngroup both all x y\nquorum both\n'
    expect(met(nested, 0, 1, 2)).toBe(false)
    expect(met(nested, 0, 3, 4, 5)).toBe(false)
    expect(met(nested, 0, 2, 5)).toBe(true)
  })

  it('is decided for a thousand groups, one in the other', () => {
    const groups = Array.from({ length: 1020 }, (_, i) => `group g${i + 1} any g${i}\n`)
    const { quorum } = parse(`witness g0 ${zj}\n${groups.join('')}quorum g1020\n`)
    expect(quorumMet(quorum, [])).toBe(false)
  })
})

describe('a policy', () => {
  it('may have comments, empty lines, tabs and addresses', () => {
    const witness = `witness 浙江 ${zj} https://w\n`
    const text = `# us\n\n \t log\t${log}  https://log.example \n${witness}quorum 浙江\n`
    const policy = parse(text)
    expect(policy.logs[0]?.url).toBe('https://log.example')
    expect(policy.witnesses[0]?.url).toBe('https://w')
    expect(policy.quorum.kind).toBe('witness')
  })

  it('may list two keys of one log, while keys are rotated', () => {
    expect(parse(`log ${log}\nlog ${next}\nquorum none\n`).logs).toHaveLength(2)
  })

  it('may be without logs and witnesses', () => {
    const expected: Quorum = { kind: 'none' }
    expect(parse('quorum none\n')).toEqual({ logs: [], witnesses: [], quorum: expected })
  })

  it.each([
    ['nothing', ''],
    ['no quorum', `log ${log}\n`],
    ['two quorums', 'quorum none\nquorum none\n'],
    ['no final newline', 'quorum none'],
    ['an unknown word', 'logs x\nquorum none\n'],
    ['an upper-case word', 'Quorum none\n'],
    ['a carriage return', 'quorum none\r\n'],
    ['a delete character', 'quorum none # \u007f\n'],
    ['a quorum that is not defined', 'quorum w\n'],
    ['a quorum that is defined later', `quorum w\nwitness w ${zj}\n`],
    ['a quorum of two words', `witness w ${zj}\nquorum w w\n`],
    ['a log without a key', 'log\nquorum none\n'],
    ['a log with three words', `log ${log} a b\nquorum none\n`],
    ['a log listed twice', `log ${log}\nlog ${log}\nquorum none\n`],
    ['a witness listed twice', `witness a ${zj}\nwitness b ${zj}\nquorum none\n`],
    ['a name defined twice', `witness a ${zj}\nwitness a ${audit}\nquorum none\n`],
    ['a witness called none', `witness none ${zj}\nquorum none\n`],
    ['a key of a witness for a log', `log ${zj}\nquorum none\n`],
    ['a key of a log for a witness', `witness w ${log}\nquorum none\n`],
    ['a group of nobody', 'group g all\nquorum none\n'],
    ['a group of itself', 'group g all g\nquorum none\n'],
    ['a group of none', 'group g all none\nquorum none\n'],
    ['a threshold of 0', `witness w ${zj}\ngroup g 0 w\nquorum none\n`],
    ['a threshold of 01', `witness w ${zj}\ngroup g 01 w\nquorum none\n`],
    ['a threshold beyond the members', `witness w ${zj}\ngroup g 2 w\nquorum none\n`],
    ['a member twice in a group', `witness w ${zj}\ngroup g 2 w w\nquorum none\n`],
    ['a member of two groups', `witness w ${zj}\ngroup g 1 w\ngroup h 1 w\nquorum none\n`],
    ['too many lines', `${'\n'.repeat(2000)}quorum none\n`],
    ['too many octets', `#${'x'.repeat(300_000)}\nquorum none\n`],
  ])('is refused with %s', (_, text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'POLICY_MALFORMED' }))
  })

  it('is refused with a malformed key, or octets that are not UTF-8', () => {
    const bad = `log ${log!.slice(0, -1)}\nquorum none\n`
    expect(() => parse(bad)).toThrow(expect.objectContaining({ code: 'VKEY_MALFORMED' }))
    expect(() => parsePolicy(sha256, Uint8Array.of(0xff, 0x0a))).toThrow(TlogError)
  })

  it('of random words is refused with nothing but the declared error', () => {
    const words = fc.constantFrom(
      ...[
        'log',
        'witness',
        'group',
        'quorum',
        'none',
        'all',
        'any',
        '1',
        'a',
        'b',
        '\n',
        '\t',
        '#',
      ],
      ...[log!, zj!, audit!],
    )
    const text = fc.array(words, { maxLength: 30 }).map((parts) => `${parts.join(' ')}\n`)
    fc.assert(
      fc.property(fc.oneof(text.map(utf8), fc.uint8Array()), (bytes) => {
        try {
          quorumMet(parsePolicy(sha256, bytes).quorum, [])
        } catch (error) {
          if (!(error instanceof TlogError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function parse(text: string) {
  return parsePolicy(sha256, utf8(text))
}

function witness(name: string): string {
  const publicKey = new Uint8Array(sha256(utf8(name)))
  return formatVkey(makeVkey(sha256, name, cosignatureType, publicKey))
}
