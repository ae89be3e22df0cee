import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  capsuleText,
  encodeCapsule,
  encodePass,
  merchantTag,
  type Pass,
  passOctets,
  type Showing,
  showingOctets,
} from '../../src/formats/capsule.ts'
import { thumbprint } from '../../src/formats/jwk.ts'
import {
  type CachedStatusList,
  checkOffline,
  type OfflineCache,
  type OfflineQuestion,
  offlineWords,
} from '../../src/formats/offline-check.ts'
import { newStatusList, writeStatus } from '../../src/formats/status-list.ts'
import type { TrustedNode, TrustedService, TrustList } from '../../src/formats/trust-list.ts'
import { crypto, newKey, sha256 } from './es256.ts'

const issuer = newKey()
const holder = newKey()
const now = Date.UTC(2026, 10, 22, 10)
const nowSeconds = now / 1000
const type = 'https://union.example/vct/union-membership/1'

const service: TrustedService = {
  role: 'issuer',
  certificates: [],
  keys: [newKey().jwk, issuer.jwk],
  vkeys: [],
  types: [type],
  status: 'granted',
  since: 0,
}
const node: TrustedNode = {
  url: 'https://union.example',
  number: 64,
  names: [],
  services: [service],
}
const trustList: TrustList = {
  sequence: 1,
  issued: now - 1000,
  nextUpdate: now + 86_400_000,
  operator: [],
  nodes: [node],
}
const list = newStatusList(2, 1024)
writeStatus(list, 8, 1)
writeStatus(list, 9, 2)
writeStatus(list, 10, 3)
const cached: CachedStatusList = { list, expires: now + 1000 }
const cache: OfflineCache = {
  trustList,
  statusList: (_, number) => (number === 3 ? cached : undefined),
}

const pass: Pass = {
  node: 64,
  keyTag: thumbprint(sha256, issuer.jwk)[0] ?? 0,
  statusList: 3,
  statusIndex: 7,
  validUntilSeconds: nowSeconds + 3600,
  tier: 1,
  holderKey: holder.jwk,
  maskedName: '李**',
  photoHash: '00'.repeat(8),
}
const challenge = { merchant: merchantTag(sha256, 'store-1'), nonce: '0a0b0c0d0e0f' }
const bare: Showing = {
  purpose: 'identity',
  timeSeconds: nowSeconds,
  counter: 1,
  challenge: undefined,
  voucher: undefined,
}
const answered: Showing = { ...bare, challenge }
const value: Showing = { ...bare, purpose: 'value', challenge, voucher: 'ab'.repeat(16) }
const question: OfflineQuestion = { purpose: 'identity', challenge: 'none', type, now }
const valueQuestion: OfflineQuestion = { ...question, purpose: 'value', challenge }

async function show(
  showing: Showing,
  given: Partial<Pass> = {},
  keys = { issuer, holder },
): Promise<string> {
  const made = { ...pass, ...given }
  const half = encodePass(made, await keys.issuer.sign(passOctets(made)))
  const signature = await keys.holder.sign(showingOctets(half, showing))
  return capsuleText(encodeCapsule(half, showing, signature))
}

async function answer(
  showing: Showing,
  given: Partial<Pass> = {},
  asked = question,
  known: Partial<OfflineCache> = {},
): Promise<string> {
  const text = await show(showing, given)
  return (await checkOffline(crypto, text, { ...cache, ...known }, asked)).code
}

describe('an offline check', () => {
  it('lets a good capsule through, and says what it found', async () => {
    const found = await checkOffline(crypto, await show(value), cache, valueQuestion)
    expect(found).toMatchObject({
      code: 'valid',
      node: { number: 64 },
      capsule: { pass: { maskedName: '李**' }, showing: { voucher: 'ab'.repeat(16), counter: 1 } },
    })
    expect(await answer(bare)).toBe('valid')
    expect(
      await answer({ ...bare, purpose: 'discount' }, {}, { ...question, purpose: 'discount' }),
    ).toBe('valid')
  })

  it.each<[string, number]>([
    ['valid', 7],
    ['revoked', 8],
    ['suspended', 9],
    ['status_unknown', 10],
    ['status_unknown', 1024],
  ])('answers %s for the status at %i', async (code, statusIndex) => {
    expect(await answer(bare, { statusIndex })).toBe(code)
  })

  it('knows no status without its list, or with one that has expired', async () => {
    expect(await answer(bare, { statusList: 4 })).toBe('status_unknown')
    const stale = { ...cached, expires: now }
    expect(await answer(bare, {}, question, { statusList: () => stale })).toBe('status_unknown')
  })

  it('tells a node that is not on the list, and a list that is out of date', async () => {
    expect(await answer(bare, { node: 65 })).toBe('unknown_node')
    const old = { ...trustList, nextUpdate: now - 1 }
    expect(await answer(bare, {}, question, { trustList: old })).toBe('trust_list_stale')
  })

  it.each<[string, Partial<TrustedService>]>([
    ['withdrawn', { status: 'withdrawn' }],
    ['for another role', { role: 'status' }],
    ['for another type', { types: ['https://union.example/vct/other/1'] }],
    ['with other keys', { keys: [] }],
  ])('does not trust a node whose service is %s', async (_, given) => {
    const nodes = [{ ...node, services: [{ ...service, ...given }] }]
    const known = { trustList: { ...trustList, nodes } }
    expect(await answer(bare, {}, question, known)).toBe('unknown_node')
  })

  it('refuses both halves when others signed them', async () => {
    const other = newKey()
    for (const keys of [
      { issuer: other, holder },
      { issuer, holder: other },
    ]) {
      const found = await checkOffline(crypto, await show(bare, {}, keys), cache, question)
      expect(found).toEqual({ code: 'bad_signature', capsule: undefined })
    }
  })

  it('refuses a pass that has ended, or that lives longer than any', async () => {
    expect(await answer(bare, { validUntilSeconds: nowSeconds })).toBe('expired')
    expect(await answer(bare, { validUntilSeconds: nowSeconds + 73 * 3600 })).toBe('clock_wrong')
    expect(await answer(bare, { validUntilSeconds: nowSeconds + 72 * 3600 })).toBe('valid')
  })

  it.each<[number, string, string]>([
    [0, 'valid', 'valid'],
    [90, 'valid', 'valid'],
    [-90, 'valid', 'valid'],
    [91, 'needs_challenge', 'valid'],
    [-91, 'needs_challenge', 'valid'],
    [600, 'needs_challenge', 'valid'],
    [-600, 'needs_challenge', 'valid'],
    [601, 'clock_wrong', 'clock_wrong'],
    [-601, 'clock_wrong', 'clock_wrong'],
  ])('with a clock %i s off answers %s, and %s with a challenge', async (off, without, having) => {
    const timeSeconds = nowSeconds + off
    expect(await answer({ ...bare, timeSeconds })).toBe(without)
    const asked = { ...question, challenge }
    expect(await answer({ ...answered, timeSeconds } as Showing, {}, asked)).toBe(having)
  })

  it('does not take a challenge for a proof of freshness that was not its own', async () => {
    const late = { ...answered, timeSeconds: nowSeconds - 300 } as Showing
    expect(await answer(late)).toBe('needs_challenge')
    expect(await answer(late, {}, { ...question, challenge })).toBe('valid')
  })

  it('wants for value the challenge of this terminal', async () => {
    const ask = (given: Partial<OfflineQuestion>) =>
      answer(value, {}, { ...valueQuestion, ...given })
    expect(await ask({})).toBe('valid')
    expect(await ask({ challenge: 'none' })).toBe('needs_challenge')
    expect(await answer(bare, {}, valueQuestion)).toBe('needs_challenge')
    expect(await answer(answered, {}, valueQuestion)).toBe('wrong_purpose')
    const elsewhere = { ...challenge, merchant: merchantTag(sha256, 'store-2') }
    expect(await ask({ challenge: elsewhere })).toBe('wrong_merchant')
    expect(await ask({ challenge: { ...challenge, nonce: '000000000000' } })).toBe(
      'wrong_challenge',
    )
    expect(await answer(value)).toBe('wrong_purpose')
  })

  it('refuses a capsule with any single letter changed', async () => {
    const text = await show(bare)
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom(...alphabet),
        async (at, letter) => {
          fc.pre(text[at] !== letter)
          const changed = text.slice(0, at) + letter + text.slice(at + 1)
          expect((await checkOffline(crypto, changed, cache, question)).code).not.toBe('valid')
        },
      ),
    )
  })

  it('answers any text in words, and never throws', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.uint8Array({ minLength: 195, maxLength: 225 }).map((b) => {
        return capsuleText(Uint8Array.of(2, 0x11, ...b.subarray(2)))
      }),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { code } = await checkOffline(crypto, text, cache, question)
        expect(offlineWords[code].zh).not.toBe('')
      }),
    )
  })

  it('has different words for every answer', () => {
    for (const language of ['zh', 'en'] as const) {
      const words = Object.values(offlineWords).map((each) => each[language])
      expect(new Set(words).size).toBe(words.length)
    }
  })
})
