import { describe, expect, it } from 'vitest'

import { sha256 } from '../../src/base/sha256.ts'
import { SeenHashes } from '../../src/identity/roster-seen.ts'

describe('the hashes seen', () => {
  it('are exactly those that were added, however many', () => {
    const seen = new SeenHashes()
    for (let i = 0; i < 20_000; i += 2) seen.add(sha256(`${i}`))
    for (let i = 0; i < 20_000; i++) expect(seen.has(sha256(`${i}`))).toBe(i % 2 === 0)
    seen.add(sha256('0'))
    expect(seen.size).toBe(10_000)
  })

  it('may begin with zeros', () => {
    const seen = new SeenHashes()
    const zeros = new Uint8Array(32)
    expect(seen.has(zeros)).toBe(false)
    seen.add(zeros)
    expect(seen.has(zeros)).toBe(true)
  })
})
