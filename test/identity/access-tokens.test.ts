import fc from 'fast-check'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'

import { minute } from '../../src/base/clock.ts'
import { issueAccessToken, verifyAccessToken } from '../../src/identity/access-tokens.ts'
import type { ThisNode } from '../../src/keys/this-node.ts'

const issuer = 'https://nx.example'
const now = 1_790_000_000_000
const tokens = new Uint8Array(32).fill(7)
const node: ThisNode = {
  ...{ number: 64, code: 'nx', nameZh: '宁夏', tokens, promising: tokens },
  ...{ sealing: tokens, hashing: tokens, wrapping: tokens },
}
const device = { kind: 'device', id: 'd-1', thumbprint: 'tp' } as const
const client = { kind: 'principal', id: 'p-1' } as const
const verify = (token: string, at = now, by = node) =>
  verifyAccessToken(by, { issuer, token, now: at })

/** A token of ours, but for `claims` and `header`. */
function odd(claims: object, header: object = {}, secret = tokens): Promise<string> {
  const seconds = now / 1000
  const good = { sub: 'p-1', knd: 'principal', iss: issuer, aud: issuer, exp: seconds + 60 }
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', ...header })
    .sign(secret)
}

describe('an access token', () => {
  it.each([client, device])('says whose it is', async (subject) => {
    const { token, expiresInSeconds } = await issueAccessToken(node, { issuer, subject, now })
    expect(expiresInSeconds).toBe(600)
    expect(await verify(token, now + 10 * minute - 1)).toEqual(subject)
  })

  it('is refused as expired from the tenth minute on', async () => {
    const { token } = await issueAccessToken(node, { issuer, subject: client, now })
    await expect(verify(token, now + 10 * minute)).rejects.toMatchObject({
      code: 'AUTH_REQUIRED',
      detail: { expired: true },
    })
  })

  it('is AUTH_REQUIRED when it is not ours', async () => {
    const elsewhere = { ...node, tokens: new Uint8Array(32).fill(8) }
    const { token } = await issueAccessToken(elsewhere, { issuer, subject: client, now })
    for (const text of [
      token,
      await odd({ iss: 'https://evil.example' }),
      await odd({ aud: 'https://evil.example' }),
      await odd({}, { typ: 'JWT' }),
      await odd({ knd: 'admin' }),
      await odd({ knd: 'device' }),
      await odd({ knd: 'device', cnf: { jkt: 7 } }),
      await odd({ exp: 'soon' }),
      await odd({}, { alg: 'HS512' }, new Uint8Array(64)),
      'e30.e30.',
      '',
    ]) {
      await expect(verify(text)).rejects.toMatchObject({ code: 'AUTH_REQUIRED' })
    }
  })

  it('is AUTH_REQUIRED when it is any text at all', async () => {
    const { token } = await issueAccessToken(node, { issuer, subject: device, now })
    const cut = fc.nat(token.length - 1).map((at) => token.slice(0, at))
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), cut), async (text) => {
        await expect(verify(text)).rejects.toMatchObject({ code: 'AUTH_REQUIRED' })
      }),
    )
  })
})
