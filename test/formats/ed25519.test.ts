import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fromHex } from '../../src/base/bytes.ts'
import { verifyEd25519Plainly } from '../../src/formats/ed25519.ts'
import { ed25519FromSeed } from '../../src/keys/ed25519.ts'

const sha512 = (octets: Uint8Array) => new Uint8Array(createHash('sha512').update(octets).digest())
const verify = verifyEd25519Plainly.bind(undefined, sha512)
const hex = (text: string) => fromHex(text) ?? new Uint8Array(0)

describe('Ed25519 for browsers that have none', () => {
  it('verifies the test vectors of RFC 8032 section 7.1', () => {
    const first = [
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555' +
        'fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ] as const
    const second = [
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ] as const
    for (const [key, message, signature] of [first, second]) {
      expect(verify(hex(key), hex(message), hex(signature))).toBe(true)
    }
  })

  it('agrees with the platform, and takes nothing that was changed by a bit', () => {
    const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    const property = fc.property(
      ...([octets(32), fc.uint8Array({ maxLength: 80 }), fc.nat(767)] as const),
      (seed, text, bit) => {
        const message = new Uint8Array(text)
        const { publicKey, sign } = ed25519FromSeed(new Uint8Array(seed))
        const signature = sign(message)
        expect(verify(publicKey, message, signature)).toBe(true)
        const [key, signed] = [new Uint8Array(publicKey), new Uint8Array(signature)]
        const [which, at] = bit < 256 ? [key, bit] : [signed, bit - 256]
        which[at >> 3] = (which[at >> 3] ?? 0) ^ (1 << (at & 7))
        expect(verify(key, message, signed)).toBe(false)
      },
    )
    fc.assert(property, { numRuns: 20 })
  })

  it('refuses lengths, an S that is not below the order and a y that is not below the prime', () => {
    const { publicKey, sign } = ed25519FromSeed(new Uint8Array(32))
    const message = new Uint8Array(3)
    const signature = sign(message)
    expect(verify(publicKey.subarray(1), message, signature)).toBe(false)
    expect(verify(publicKey, message, signature.subarray(1))).toBe(false)
    const order = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
    const grown = new Uint8Array(signature)
    let carry = 0
    for (const [i, octet] of order.entries()) {
      const sum = (grown[32 + i] ?? 0) + octet + carry
      grown[32 + i] = sum & 255
      carry = sum >> 8
    }
    expect(verify(publicKey, message, grown)).toBe(false)
    expect(verify(new Uint8Array(32).fill(255), message, signature)).toBe(false)
  })
})
