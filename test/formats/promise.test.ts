import { describe, expect, it } from 'vitest'

import { toBase64url, utf8 } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { signPromise, verifyPromise } from '../../src/formats/promise.ts'
import { makeVkey, noteType } from '../../src/formats/tlog/note.ts'
import { ed25519FromSeed, verifyEd25519 } from '../../src/keys/ed25519.ts'

const pair = ed25519FromSeed(new Uint8Array(32).fill(3))
const key = makeVkey(sha256, 'ledger.example.org/promise', noteType, new Uint8Array(pair.publicKey))
const signer = { ...key, sign: pair.signApart }
const leaf = toBase64url(sha256(utf8('leaf')))
const at = 1_790_000_000_123
const made = await signPromise(signer, 'ledger.example.org/2026', leaf, at)

/** The same, with another header or other claims, and signed again if `again`. */
function changed(header: object, claims: object, again: boolean): string {
  const parts = made.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  const first = JSON.stringify({ ...JSON.parse(parts[0] ?? ''), ...header })
  const second = JSON.stringify({ ...JSON.parse(parts[1] ?? ''), ...claims })
  const signed = `${toBase64url(utf8(first))}.${toBase64url(utf8(second))}`
  const signature = again ? toBase64url(pair.sign(utf8(signed))) : made.split('.')[2]
  return `${signed}.${signature}`
}

describe('a promise', () => {
  it('says which leaf will be in which log, until when', async () => {
    expect(await verifyPromise(made, key, verifyEd25519)).toEqual({
      origin: 'ledger.example.org/2026',
      leafHash: new Uint8Array(sha256(utf8('leaf'))),
      at: 1_790_000_000_000,
      withinSeconds: 60,
    })
  })

  it('is the same however often it is asked for', async () => {
    expect(await signPromise(signer, 'ledger.example.org/2026', leaf, at)).toBe(made)
  })

  it.each([
    ['another claim', changed({}, { mmd: 61 }, false), 'JWS_SIGNATURE_INVALID'],
    ['another leaf', changed({}, { lh: toBase64url(new Uint8Array(32)) }, false), 'JWS_SIGN'],
    ['a key that is not asked for', changed({ kid: 'other+00000000' }, {}, true), 'JWS_SIGN'],
    ['another algorithm', changed({ alg: 'none' }, {}, true), 'JWS_ALG_REFUSED'],
    ['another type', changed({ typ: 'JWT' }, {}, true), 'JWS_TYP_UNEXPECTED'],
    ['a critical extension', changed({ crit: ['x'] }, {}, true), 'JWS_CRIT_REFUSED'],
    ['a short hash', changed({}, { lh: 'AAAA' }, true), 'CLAIM_MALFORMED'],
    ['no time', changed({}, { iat: null }, true), 'CLAIM_MALFORMED'],
    ['two parts', made.split('.').slice(0, 2).join('.'), 'JWS_MALFORMED'],
    ['four parts', `${made}.x`, 'JWS_MALFORMED'],
    ['3 kB', 'a'.repeat(3000), 'TOO_LARGE'],
  ])('is refused with %s', async (_, text, code) => {
    await expect(verifyPromise(text, key, verifyEd25519)).rejects.toMatchObject({
      code: expect.stringContaining(code),
    })
  })
})
