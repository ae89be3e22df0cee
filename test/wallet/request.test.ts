import { beforeAll, describe, expect, it } from 'vitest'

import { toBase64url } from '../../src/base/bytes.ts'
import { day, second } from '../../src/base/clock.ts'
import { readCertificate } from '../../src/formats/certificate.ts'
import { FormatError } from '../../src/formats/error.ts'
import type { JsonObject } from '../../src/formats/json.ts'
import { signJws } from '../../src/formats/jws.ts'
import { makeRoleKey, makeRoot } from '../../src/keys/certificates.ts'
import type { RoleKey } from '../../src/keys/role-keys.ts'
import { checkCertificatePath } from '../../src/trust/certificate-path.ts'
import { TrustError } from '../../src/trust/error.ts'
import { WalletError } from '../../src/wallet/error.ts'
import type { Platform } from '../../src/wallet/platform.ts'
import { type RequestPolicy, resolveRequest } from '../../src/wallet/request.ts'
import { signerOf } from '../credentials/presentation/ground.ts'
import { codeOf, newKey, random, sha256, verifyEs256 } from '../formats/es256.ts'

const now = Date.UTC(2026, 5, 1)
const url = 'https://verifier.test'
const requestUri = `${url}/vp/1`
type Signer = Pick<RoleKey, 'x5c' | 'sign'>

describe('a wallet that is asked', () => {
  let root: Awaited<ReturnType<typeof makeRoot>>
  let signer: Signer
  beforeAll(async () => {
    root = await makeRoot('root', now - day)
    signer = signerOf(await makeRoleKey(root, { name: 'v', url, now, role: 'verifier' }))
  })

  const leafOf = ({ x5c }: Signer) => Buffer.from(x5c[0] ?? '', 'base64')
  const hashId = (by: Signer) => `x509_hash:${toBase64url(sha256(leafOf(by)))}`

  interface Changes {
    readonly by?: Signer
    readonly clientId?: string
    readonly payload?: JsonObject
    readonly typ?: string
    readonly post?: boolean
    readonly policy?: Partial<RequestPolicy>
  }

  /** A request as it should be, but for `changes`; answers what the wallet makes of it. */
  async function ask({ by = signer, payload, typ, post = true, policy, ...changes }: Changes = {}) {
    const clientId = changes.clientId ?? hashId(by)
    const platform: Platform = {
      ...{ subtle: crypto.subtle, sha256, verifyEs256, random, now: () => now },
      fetch: async (_url, given) => {
        const wallet_nonce = new URLSearchParams(given?.body ?? '').get('wallet_nonce')
        const request = {
          ...{ client_id: clientId, aud: 'https://self-issued.me/v2', nonce: 'n-123', state: 's' },
          ...{ response_type: 'vp_token', response_mode: 'direct_post.jwt' },
          ...{ response_uri: `${requestUri}/response`, iat: now / second },
          dcql_query: {
            credentials: [{ id: 'c', format: 'dc+sd-jwt', meta: { vct_values: ['v'] } }],
          },
          client_metadata: {
            jwks: { keys: [{ ...newKey().jwk, use: 'enc', alg: 'ECDH-ES', kid: 'k' }] },
            encrypted_response_enc_values_supported: ['A128GCM', 'A256GCM'],
          },
          ...(wallet_nonce !== null && { wallet_nonce }),
          ...payload,
        }
        const head = { typ: typ ?? 'oauth-authz-req+jwt', x5c: by.x5c }
        return new Response(await signJws((octets) => by.sign(octets), head, request))
      },
    }
    const link = new URL('openid4vp://')
    link.search = new URLSearchParams({
      ...{ client_id: clientId, request_uri: requestUri },
      ...(post && { request_uri_method: 'post' }),
    }).toString()
    return resolveRequest(platform, link.href, {
      trust: (x5c) =>
        checkCertificatePath(
          x5c.map((der) => Buffer.from(der).toString('base64')),
          { roots: [root.certificate], role: 'verifier', now },
        ).jwk,
      ...{ transactionTypes: ['urn:known'], origin: 'not-asked', ...policy },
    })
  }

  async function refused(changes: Changes): Promise<string> {
    try {
      await ask(changes)
      return 'accepted'
    } catch (error) {
      const known = [WalletError, FormatError, TrustError].some((kind) => error instanceof kind)
      if (!known) throw error
      return (error as WalletError).code
    }
  }

  const entry = (value: object) => toBase64url(Buffer.from(JSON.stringify(value)))

  it('reads who asks, for what, and prefers the longer key', async () => {
    const transaction_data = [entry({ type: 'urn:known', credential_ids: ['c'], amount: 1 })]
    const request = await ask({ payload: { transaction_data } })
    expect(request).toMatchObject({
      ...{ clientId: hashId(signer), nonce: 'n-123', state: 's' },
      encryption: { kid: 'k', enc: 'A256GCM' },
      transactionData: [{ type: 'urn:known', members: { amount: 1 } }],
    })
    await ask({ clientId: 'x509_san_dns:verifier.test' })
    await ask({ post: false })
  })

  it('refuses a client that is not the certificate’s', async () => {
    const code = 'REQUEST_CLIENT_ID'
    expect(await refused({ clientId: `x509_hash:${'A'.repeat(43)}` })).toBe(code)
    expect(await refused({ clientId: 'x509_san_dns:other.test' })).toBe(code)
    expect(await refused({ clientId: 'verifier' })).toBe(code)
    expect(await refused({ clientId: 'redirect_uri:https://verifier.test' })).toBe(code)
    expect(await refused({ payload: { client_id: 'other' } })).toBe(code)
  })

  it('refuses an answer’s address of another host than the name it knows', async () => {
    const payload = { response_uri: 'https://elsewhere.test/x' }
    const clientId = 'x509_san_dns:verifier.test'
    expect(await refused({ clientId, payload })).toBe('REQUEST_CLIENT_ID')
  })

  it('refuses a verifier below another root, and one without the role', async () => {
    const other = await makeRoot('other', now - day)
    const given = { name: 'v', url, now }
    const foreign = signerOf(await makeRoleKey(other, { ...given, role: 'verifier' }))
    expect(await refused({ by: foreign })).toBe('ROOT_UNTRUSTED')
    const issuer = signerOf(await makeRoleKey(root, { ...given, role: 'issuer' }))
    expect(await refused({ by: issuer })).toBe('ROLE_REFUSED')
  })

  it('refuses a request that somebody else has signed', async () => {
    const by = { x5c: signer.x5c, sign: newKey().sign as Signer['sign'] }
    expect(await refused({ by })).toBe('JWS_SIGNATURE_INVALID')
  })

  it.each<[string, Changes, string]>([
    ['of another type', { typ: 'JWT' }, 'JWS_TYP_UNEXPECTED'],
    ['for somebody else', { payload: { aud: 'https://other.test' } }, 'REQUEST_AUDIENCE'],
    ['without our nonce', { payload: { wallet_nonce: 'old' } }, 'REQUEST_WALLET_NONCE'],
    ['that has expired', { payload: { exp: now / second - 3600 } }, 'TOKEN_EXPIRED'],
    ['of the future', { payload: { iat: now / second + 3600 } }, 'TOKEN_FROM_FUTURE'],
    ['in the clear', { payload: { response_mode: 'direct_post' } }, 'REQUEST_MODE'],
    ['for a code', { payload: { response_type: 'code' } }, 'REQUEST_MODE'],
    ['with a redirect_uri', { payload: { redirect_uri: url } }, 'REQUEST_MODE'],
    ['without TLS', { payload: { response_uri: 'http://verifier.test/' } }, 'REQUEST_MALFORMED'],
    ['without nonce', { payload: { nonce: '' } }, 'REQUEST_MALFORMED'],
    ['without query', { payload: { dcql_query: {} } }, 'DCQL_MALFORMED'],
    ['without a key', { payload: { client_metadata: {} } }, 'REQUEST_ENCRYPTION'],
    ['of another page', { policy: { origin: 'https://page.test' } }, 'REQUEST_ORIGIN'],
  ])('refuses a request %s', async (_, changes, code) => {
    expect(await refused(changes)).toBe(code)
  })

  it('takes a request of the page that it came by', async () => {
    const payload = { expected_origins: ['https://page.test'] }
    await ask({ payload, policy: { origin: 'https://page.test' } })
  })

  it('refuses transaction data that it cannot show', async () => {
    const data = (value: object) => refused({ payload: { transaction_data: [entry(value)] } })
    const code = 'REQUEST_TRANSACTION_DATA'
    expect(await data({ type: 'urn:other', credential_ids: ['c'] })).toBe(code)
    expect(await data({ type: 'urn:known' })).toBe(code)
    const hashes = { transaction_data_hashes_alg: ['sha-512'] }
    expect(await data({ type: 'urn:known', credential_ids: ['c'], ...hashes })).toBe(code)
    expect(await refused({ payload: { transaction_data: ['%'] } })).toBe(code)
  })

  it('reads names and key of a certificate as its maker wrote them', () => {
    const { dnsNames, uris, jwk, authorityKey } = readCertificate(leafOf(signer))
    expect({ dnsNames, uris }).toEqual({ dnsNames: ['verifier.test'], uris: [url] })
    expect(jwk?.crv).toBe('P-256')
    expect(authorityKey?.length).toBe(20)
  })

  it('refuses octets that are no certificate', async () => {
    const leaf = leafOf(signer)
    for (const length of [0, 1, 4, 100, leaf.length - 1]) {
      const cut = leaf.subarray(0, length)
      expect(await codeOf(() => readCertificate(cut))).toBe('CERTIFICATE_MALFORMED')
    }
    for (let at = 0; at < leaf.length; at += 7) {
      const changed = Uint8Array.from(leaf)
      changed[at] = 0xff
      const code = await codeOf(() => readCertificate(changed))
      expect(['CERTIFICATE_MALFORMED', 'accepted']).toContain(code)
    }
  })
})
