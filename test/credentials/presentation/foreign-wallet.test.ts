import { createHash, X509Certificate } from 'node:crypto'

import { type CallbackContext, setGlobalConfig } from '@openid4vc/oauth2'
import { Openid4vpClient } from '@openid4vc/openid4vp'
import { CompactEncrypt, compactVerify, importJWK } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { second, systemClock } from '../../../src/base/clock.ts'
import { transactionDataHash } from '../../../src/formats/sd-jwt/key-binding.ts'
import { presentSdJwt } from '../../../src/formats/sd-jwt/present.ts'
import { random, sha256 } from '../../formats/es256.ts'
import { engines } from '../../support/engines.ts'
import { asked, newCredential, openVerifier, result, type VerifierTest } from './ground.ts'

/** What `@openid4vc/openid4vp` wants from its wallet: WebCrypto, jose and Node, nothing of ours. */
const callbacks: Omit<CallbackContext, 'decryptJwe' | 'signJwt'> &
  Pick<CallbackContext, 'decryptJwe' | 'signJwt'> = {
  fetch,
  hash: (data, alg) => createHash(alg.replace('-', '')).update(data).digest(),
  generateRandom: random,
  clientAuthentication: () => {},
  signJwt: () => Promise.reject(new Error('nothing is signed here')),
  decryptJwe: () => Promise.reject(new Error('nothing is decrypted here')),
  async verifyJwt(signer, { compact }) {
    if (signer.method !== 'x5c') return { verified: false }
    const certificate = new X509Certificate(Buffer.from(signer.x5c[0] ?? '', 'base64'))
    await compactVerify(compact, certificate.publicKey)
    const { kty = '', ...rest } = certificate.publicKey.export({ format: 'jwk' })
    return { verified: true, signerJwk: { kty, ...rest } as never }
  },
  async encryptJwe({ publicJwk, alg, enc }, data) {
    const key = await importJWK(publicJwk as never, alg)
    const { kid } = publicJwk
    const jwe = await new CompactEncrypt(Buffer.from(data))
      .setProtectedHeader({ alg, enc, ...(kid && { kid }) })
      .encrypt(key)
    return { encryptionJwk: publicJwk, jwe }
  },
  getX509CertificateMetadata(encoded) {
    const names = new X509Certificate(Buffer.from(encoded, 'base64')).subjectAltName ?? ''
    const all = (kind: string) =>
      names.split(', ').flatMap((each) => (each.startsWith(kind) ? [each.slice(kind.length)] : []))
    return { sanDnsNames: all('DNS:'), sanUriNames: all('URI:') }
  },
}

describe.each(engines)('the wallet library @openid4vc/openid4vp on %s', (engine) => {
  let ground: VerifierTest
  beforeAll(async () => {
    setGlobalConfig({ allowInsecureUrls: true })
    ground = await openVerifier(engine, systemClock()) // the library has no other clock
  })
  afterAll(async () => {
    setGlobalConfig({ allowInsecureUrls: false })
    await ground.close()
  })

  it.each(['x509_hash', 'x509_san_dns'] as const)(
    'resolves a request by %s and answers it',
    async (client_id_prefix) => {
      const transaction_data = [
        { type: 'urn:symbolon:test:1', credential_ids: ['card'], words: '确认' },
      ]
      const { id, link } = await asked(ground, { client_id_prefix, transaction_data })
      const client = new Openid4vpClient({ callbacks })
      const { params } = client.parseOpenid4vpAuthorizationRequest({ authorizationRequest: link })
      const resolved = await client.resolveOpenId4vpAuthorizationRequest({
        authorizationRequestPayload: params as never,
        wallet: {
          requestObjectSigningAlgsSupported: ['ES256'],
          nonce: 'wallet-nonce-1',
        } as never,
      })
      expect(resolved.version).toBe(100)
      expect(resolved.client.prefix).toBe(client_id_prefix)
      const payload = resolved.authorizationRequestPayload
      const [entry] = (payload.transaction_data ?? []) as string[]
      const { compact, key } = await newCredential(ground)
      const shown = await presentSdJwt(
        { sha256, sign: key.sign },
        compact,
        [['name'], ['standing']],
        {
          audience: String((payload as { client_id?: string }).client_id),
          nonce: payload.nonce,
          issuedSeconds: Math.floor(ground.server.now / second),
          transactionDataHashes: [transactionDataHash(sha256, entry ?? '')],
        },
      )
      const answer = await client.createOpenid4vpAuthorizationResponse({
        authorizationRequestPayload: payload,
        authorizationResponsePayload: { vp_token: { card: [shown] } },
        jarm: {
          encryption: { nonce: 'apu' },
          serverMetadata: {
            authorization_signing_alg_values_supported: [],
            authorization_encryption_alg_values_supported: ['ECDH-ES'],
            authorization_encryption_enc_values_supported: ['A256GCM', 'A128GCM'],
          },
        },
      })
      const sent = await client.submitOpenid4vpAuthorizationResponse({
        authorizationRequestPayload: payload as never,
        authorizationResponsePayload: answer.authorizationResponsePayload,
        ...(answer.jarm && { jarm: { responseJwt: answer.jarm.responseJwt } }),
      } as never)
      expect([sent.response.status, await sent.response.json()]).toEqual([200, {}])
      const { state, credentials } = await result(ground, id)
      expect(state).toBe('verified')
      expect(credentials).toMatchObject({ card: [{ claims: { name: '李雷' } }] })
    },
  )
})
