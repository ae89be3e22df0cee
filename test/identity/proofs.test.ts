import { createPrivateKey, generateKeyPairSync } from 'node:crypto'

import fc from 'fast-check'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'

import { toBase64url } from '../../src/base/bytes.ts'
import { newId } from '../../src/base/id.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { consumeNonce, forgetNonces } from '../../src/identity/nonces.ts'
import { claimedSubject, verifyAssertion, verifyDpop } from '../../src/identity/proofs.ts'
import { newKey } from '../support/device.ts'
import { engines, freshStore } from '../support/engines.ts'

const now = 1_790_000_000_500
const key = newKey()
const other = newKey()
const url = 'https://nx.example/api/v1/me/vouchers'
const accessToken = 'an.access.token'

type Changes = {
  header?: Record<string, unknown>
  payload?: Record<string, unknown>
  sign?: Parameters<SignJWT['sign']>[0]
}

function dpop({ header, payload, sign = key.privateKey }: Changes = {}): Promise<string> {
  const claims = {
    jti: newId(now),
    htm: 'POST',
    htu: url,
    iat: Math.floor(now / 1000),
    ath: toBase64url(sha256(accessToken)),
    ...payload,
  }
  return new SignJWT(defined(claims))
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk, ...header } as never)
    .sign(sign)
}

function assertion({ header, payload, sign = key.privateKey }: Changes = {}): Promise<string> {
  const seconds = Math.floor(now / 1000)
  const claims = {
    iss: 'client-1',
    sub: 'client-1',
    aud: 'https://nx.example',
    jti: newId(now),
    iat: seconds,
    exp: seconds + 60,
    ...payload,
  }
  return new SignJWT(defined(claims)).setProtectedHeader({ alg: 'ES256', ...header }).sign(sign)
}

function defined(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined))
}

const verifyProof = (proof: string) => verifyDpop(proof, { method: 'POST', url, accessToken, now })
const verifyOurs = (text: string) =>
  verifyAssertion(text, {
    jwk: key.jwk,
    subject: 'client-1',
    audiences: ['https://nx.example', 'https://nx.example/token'],
    now,
  })

const privateJwk = createPrivateKey({
  key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
}).export({ format: 'jwk' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const seconds = Math.floor(now / 1000)

describe('a DPoP proof', () => {
  it('is good for its request, and names its key', async () => {
    const jti = newId(now)
    expect(await verifyProof(await dpop({ payload: { jti } }))).toEqual({
      jwk: key.jwk,
      thumbprint: key.thumbprint,
      nonce: {
        scope: `dpop:${key.thumbprint}`,
        nonce: jti,
        expiresAt: (seconds + 120) * 1000,
      },
    })
  })

  it('leaves query and fragment out of the address', async () => {
    const proof = await dpop({ payload: { htu: `${url}?state=active#x` } })
    await verifyDpop(proof, { method: 'POST', url: `${url}?limit=5`, accessToken, now })
  })

  it('is good for a minute either way', async () => {
    for (const off of [-59, 60]) await verifyProof(await dpop({ payload: { iat: seconds + off } }))
  })

  it('needs no ath where there is no token', async () => {
    const proof = await dpop({ payload: { ath: undefined } })
    await verifyDpop(proof, { method: 'POST', url, now })
  })

  const odd: Record<string, Changes> = {
    'for another method': { payload: { htm: 'GET' } },
    'for another address': { payload: { htu: 'https://nx.example/api/v1/me' } },
    'for another host': { payload: { htu: url.replace('nx.', 'evil.') } },
    'without an address': { payload: { htu: undefined } },
    'with an address that is no text': { payload: { htu: 7 } },
    'too old': { payload: { iat: seconds - 61 } },
    'from the future': { payload: { iat: seconds + 62 } },
    'without a time': { payload: { iat: undefined } },
    'with a time that is no number': { payload: { iat: 'now' } },
    'without an identifier': { payload: { jti: undefined } },
    'with a short identifier': { payload: { jti: '1234567' } },
    'with a long identifier': { payload: { jti: 'x'.repeat(129) } },
    'with an identifier that is no text': { payload: { jti: 12_345_678 } },
    'for another token': { payload: { ath: toBase64url(sha256('another')) } },
    'without the token’s hash': { payload: { ath: undefined } },
    'of another type': { header: { typ: 'JWT' } },
    'without a key': { header: { jwk: undefined } },
    'with another key than signed it': { header: { jwk: other.jwk } },
    'signed by another key': { sign: other.privateKey },
    'with a private key in it': { header: { jwk: privateJwk } },
    'with a key that is no point': { header: { jwk: { ...key.jwk, x: key.jwk.y } } },
    'with a key that is no object': { header: { jwk: 'key' } },
    'with a symmetric key': {
      header: { alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } },
      sign: new Uint8Array(32),
    },
    'with a P-384 key': {
      header: { alg: 'ES384', jwk: p384.publicKey.export({ format: 'jwk' }) },
      sign: p384.privateKey,
    },
    'with an RSA key': {
      header: { alg: 'PS256', jwk: rsa.publicKey.export({ format: 'jwk' }) },
      sign: rsa.privateKey,
    },
    'that has expired by itself': { payload: { exp: seconds - 1 } },
    'that is longer than any': { payload: { x: 'x'.repeat(9000) } },
  }
  it.each(Object.entries(odd))(
    '%s is PROOF_INVALID, with the server’s time',
    async (_, changes) => {
      await expect(verifyProof(await dpop(changes))).rejects.toMatchObject({
        code: 'PROOF_INVALID',
        detail: { server_time: now },
      })
    },
  )

  it('without a signature is PROOF_INVALID', async () => {
    const [head, body] = (await dpop()).split('.')
    const none = toBase64url(Buffer.from('{"alg":"none","typ":"dpop+jwt"}'))
    for (const text of [`${head}.${body}.`, `${head}.${body}`, `${none}.${body}.`]) {
      await expect(verifyProof(text)).rejects.toMatchObject({ code: 'PROOF_INVALID' })
    }
  })

  it('names one thumbprint only: another spelling of its key is PROOF_INVALID', async () => {
    const last = key.jwk.x.at(-1)!
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const next = alphabet[alphabet.indexOf(last) ^ 1]! // unused bits of the last character
    for (const x of [`${key.jwk.x}=`, key.jwk.x.slice(0, -1) + next, ` ${key.jwk.x}`]) {
      const header = { jwk: { ...key.jwk, x } }
      await expect(verifyProof(await dpop({ header }))).rejects.toMatchObject({
        code: 'PROOF_INVALID',
      })
    }
  })

  it('that is any text at all is PROOF_INVALID', async () => {
    const good = await dpop()
    const parts = good.split('.')
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.string({ unit: 'grapheme', maxLength: 3 }))
      .map(([at, text]) => good.slice(0, at) + text + good.slice(at + 1))
      .filter((text) => text !== good)
    const json = fc.json().map((text) => toBase64url(Buffer.from(text)))
    const shaped = fc.tuple(json, json, fc.base64String()).map((three) => three.join('.'))
    const swapped = json.map((text) => [text, parts[1], parts[2]].join('.'))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), mutated, shaped, swapped), async (text) => {
        const error = await verifyProof(text).catch((e: unknown) => e)
        expect(error).toBeInstanceOf(Refusal)
        expect(error).toMatchObject({ code: 'PROOF_INVALID' })
      }),
      { numRuns: 300 },
    )
  })
})

describe('an assertion', () => {
  it('is good for one of our audiences, and answers its nonce', async () => {
    const jti = newId(now)
    const nonce = await verifyOurs(await assertion({ payload: { jti } }))
    expect(nonce).toEqual({
      scope: 'assertion:client-1',
      nonce: jti,
      expiresAt: (seconds + 70) * 1000,
    })
    await verifyOurs(await assertion({ payload: { aud: ['x', 'https://nx.example/token'] } }))
  })

  it('tells whose it claims to be before it is verified', async () => {
    expect(claimedSubject(await assertion())).toBe('client-1')
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(['string', 'undefined']).toContain(typeof claimedSubject(text))
      }),
    )
    for (const text of ['null', '7', '[]', '{"sub":7}', '"x"']) {
      expect(claimedSubject(`e30.${toBase64url(Buffer.from(text))}.x`)).toBeUndefined()
    }
  })

  const odd: Record<string, Changes> = {
    'by another issuer': { payload: { iss: 'client-2' } },
    'about another subject': { payload: { sub: 'client-2' } },
    'for another audience': { payload: { aud: 'https://evil.example' } },
    'without an audience': { payload: { aud: undefined } },
    'without an end': { payload: { exp: undefined } },
    'that has expired': { payload: { exp: seconds - 6 } },
    'that lives too long': { payload: { exp: seconds + 301 } },
    'that is not valid yet': { payload: { nbf: seconds + 60 } },
    'without an identifier': { payload: { jti: undefined } },
    'with a short identifier': { payload: { jti: '1234567' } },
    'with an identifier that is no text': { payload: { jti: 12_345_678 } },
    'signed by another key': { sign: other.privateKey },
    'signed with a secret': { header: { alg: 'HS256' }, sign: new Uint8Array(32) },
  }
  it.each(Object.entries(odd))('%s is PROOF_INVALID', async (_, changes) => {
    await expect(verifyOurs(await assertion(changes))).rejects.toMatchObject({
      code: 'PROOF_INVALID',
    })
  })

  it('that is any text at all is PROOF_INVALID', async () => {
    const good = await assertion()
    const text = fc.oneof(
      fc.string(),
      fc.nat(good.length - 1).map((at) => good.slice(0, at)),
      fc.json().map((body) => good.replace(/\.[^.]+\./, `.${toBase64url(Buffer.from(body))}.`)),
    )
    await fc.assert(
      fc.asyncProperty(text, async (odd) => {
        await expect(verifyOurs(odd)).rejects.toMatchObject({ code: 'PROOF_INVALID' })
      }),
      { numRuns: 200 },
    )
  })
})

describe.each(engines)('a nonce on %s', (engine) => {
  it('is good once, however many show it at once, and until it expires', async () => {
    const store = await freshStore(engine)
    const { nonce } = await verifyProof(await dpop())
    const use = () => store.transaction((tx) => consumeNonce(tx, nonce))
    const all = await Promise.allSettled(Array.from({ length: 16 }, use))
    const codes = all.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    expect(codes).toEqual(Array(15).fill('PROOF_REPLAYED'))
    await store.transaction((tx) => consumeNonce(tx, { ...nonce, scope: 'another' }))
    await store.transaction((tx) => forgetNonces(tx, nonce.expiresAt - 1))
    await expect(use()).rejects.toMatchObject({ code: 'PROOF_REPLAYED' })
    await store.transaction((tx) => forgetNonces(tx, nonce.expiresAt))
    await use()
    await store.close()
  })
})
