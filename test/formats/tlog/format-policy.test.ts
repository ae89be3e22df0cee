import { describe, expect, it } from 'vitest'

import { utf8 } from '../../../src/base/bytes.ts'
import { sha256 } from '../../../src/base/sha256.ts'
import { formatPolicy } from '../../../src/formats/tlog/format-policy.ts'
import { cosignatureType, formatVkey, makeVkey, noteType } from '../../../src/formats/tlog/note.ts'
import { parsePolicy } from '../../../src/formats/tlog/policy.ts'

describe('a policy that is written', () => {
  it('is read as it was, groups of groups too', () => {
    const key = (name: string, type: 1 | 4, fill: number) =>
      formatVkey(makeVkey(sha256, name, type, new Uint8Array(32).fill(fill)))
    const file = [
      `log ${key('log.example/1', noteType, 1)}`,
      `witness a ${key('a.example', cosignatureType, 2)}`,
      `witness b ${key('b.example', cosignatureType, 3)}`,
      `witness c ${key('c.example', cosignatureType, 4)}`,
      'group inner any a b',
      'group outer 2 inner c',
      'quorum outer',
    ]
    const policy = parsePolicy(sha256, utf8(`${file.join('\n')}\n`))
    expect(parsePolicy(sha256, utf8(formatPolicy(policy)))).toEqual(policy)
    const bare = parsePolicy(sha256, utf8(`${file[0]}\nquorum none\n`))
    expect(parsePolicy(sha256, utf8(formatPolicy(bare)))).toEqual(bare)
  })
})
