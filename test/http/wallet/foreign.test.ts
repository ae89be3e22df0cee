import { createHash, randomBytes } from 'node:crypto'

import {
  clientAuthenticationAnonymous,
  Oauth2ClientErrorResponseError,
  type SignJwtCallback,
  setGlobalConfig,
} from '@openid4vc/oauth2'
import {
  Openid4vciClient,
  Openid4vciRetrieveCredentialsError,
  setGlobalConfig as setIssuanceConfig,
} from '@openid4vc/openid4vci'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../../src/cli/demo/desk.ts'
import { type Es256Key, newEs256Key, signJws } from '../../../src/keys/sign-jws.ts'
import {
  configuration,
  offer,
  openUnion,
  preAuthorized,
  type Union,
  walletAgent,
} from '../../support/wallet-agent.ts'

/** A wallet of the @openid4vc library, with keys that are kept here. */
function foreignWallet() {
  const keys = new Map<string, Es256Key>()
  const newSigner = () => {
    const key = newEs256Key()
    keys.set(key.jwk.x, key)
    return { method: 'jwk', alg: 'ES256', publicJwk: { ...key.jwk } } as const
  }
  const signJwt: SignJwtCallback = (signer, { header, payload }) => {
    const jwk = signer.method === 'jwk' ? signer.publicJwk : undefined
    const key = keys.get(String(jwk?.x))
    if (!key || !jwk) throw new TypeError('there is no such key')
    return { jwt: signJws(key, header, payload), signerJwk: jwk }
  }
  const client = new Openid4vciClient({
    callbacks: {
      hash: (data) => createHash('sha256').update(data).digest(),
      generateRandom: (length) => randomBytes(length),
      clientAuthentication: clientAuthenticationAnonymous(),
      signJwt,
    },
  })
  const start = async (link: string, txCode: string) => {
    const credentialOffer = await client.resolveCredentialOffer(link)
    const issuerMetadata = await client.resolveIssuerMetadata(credentialOffer.credential_issuer)
    const signer = newSigner()
    const { accessTokenResponse, dpop } =
      await client.retrievePreAuthorizedCodeAccessTokenFromOffer({
        ...{ credentialOffer, issuerMetadata, txCode, dpop: { signer } },
      })
    const accessToken = accessTokenResponse.access_token
    return { issuerMetadata, accessToken, tokens: accessTokenResponse, ...(dpop && { dpop }) }
  }
  type Started = Awaited<ReturnType<typeof start>>
  const obtain = async (given: Started, count: number) => {
    const { issuerMetadata, accessToken } = given
    const { c_nonce: nonce } = await client.requestNonce({ issuerMetadata })
    const proofs = Array.from({ length: count }, async () => {
      const asked = { issuerMetadata, nonce, signer: newSigner() }
      const made = await client.createCredentialRequestJwtProof({
        ...{ ...asked, credentialConfigurationId: configuration },
      })
      return made.jwt
    })
    return client.retrieveCredentials({
      ...{ issuerMetadata, accessToken, credentialConfigurationId: configuration },
      ...{ proofs: { jwt: await Promise.all(proofs) }, ...(given.dpop && { dpop: given.dpop }) },
    })
  }
  return { client, start, obtain }
}

describe.each([
  ['a host', ''],
  ['a path', '/nodes/nx'],
])('foreign software at a node at %s', (_where, path) => {
  let union: Union
  const wallet = foreignWallet()
  beforeAll(async () => {
    setGlobalConfig({ allowInsecureUrls: true })
    setIssuanceConfig({ allowInsecureUrls: true })
    union = await openUnion('sqlite', { path })
    union.server.now = Date.now() // they look at their own clocks
    union.staff = { ...union.staff, ...(await union.staff.signIn()) }
  })
  afterAll(() => union.server.close())

  it('@openid4vc obtains three copies with a transaction code and says so', async () => {
    const { link, txCode } = await offer(union.staff, union.people[0]!)
    const started = await wallet.start(link, txCode)
    expect(started.tokens).toMatchObject({ token_type: 'DPoP', expires_in: 600 })
    const { credentialResponse } = await wallet.obtain(started, 3)
    expect(credentialResponse.credentials).toHaveLength(3)
    const { issuerMetadata, accessToken, dpop } = started
    const sent = await wallet.client.sendNotification({
      ...{ issuerMetadata, accessToken, ...(dpop && { dpop }) },
      notification: {
        notificationId: String(credentialResponse.notification_id),
        event: 'credential_accepted',
      },
    })
    expect(sent.response.status).toBe(204)
    const { issuances } = union.server.store.read.tables
    const [kept] = await union.server.store.read.select().from(issuances)
    expect(kept?.notified).toBe('credential_accepted')
  })

  it('@openid4vc is told of a wrong transaction code', async () => {
    const { link, txCode } = await offer(union.staff, union.people[0]!)
    const wrong = txCode === '000000' ? '000001' : '000000'
    const error = await wallet.start(link, wrong).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(Oauth2ClientErrorResponseError)
    expect(error).toMatchObject({ errorResponse: { error: 'invalid_grant' } })
  })

  it('@openid4vc waits for a deferred credential, and gets it once', async () => {
    const { link, txCode, id } = await offer(union.staff, union.people[1]!, true)
    const started = await wallet.start(link, txCode)
    const { credentialResponse, response } = await wallet.obtain(started, 2)
    expect(response.status).toBe(202)
    expect(credentialResponse.notification_id).toBeUndefined()
    const { issuerMetadata, accessToken, dpop } = started
    const transactionId = String(credentialResponse.transaction_id)
    const again = () =>
      wallet.client.retrieveDeferredCredentials({
        ...{ issuerMetadata, accessToken, transactionId, ...(dpop && { dpop }) },
      })
    const still = await again()
    expect(still.response.status).toBe(202)
    expect(still.deferredCredentialResponse.transaction_id).toBe(transactionId)
    await must(union.staff.ask('POST', `/admin/credential-offers/${id}/approve`, {}))
    expect((await again()).deferredCredentialResponse.credentials).toHaveLength(2)
    const error = await again().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(Openid4vciRetrieveCredentialsError)
    expect((error as Error).message).toContain('invalid_transaction_id')
  })

  it('oauth4webapi discovers, exchanges, refreshes and asks with DPoP', async () => {
    const insecure = { [oauth.allowInsecureRequests]: true }
    const issuer = new URL(union.server.url)
    const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
    const as = await oauth.processDiscoveryResponse(issuer, found)
    const client: oauth.Client = { client_id: 'wallet' }
    const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
    const { code, txCode } = await offer(union.staff, union.people[2]!)
    const form = { 'pre-authorized_code': code, tx_code: txCode }
    const ask = async () => {
      const options = { DPoP, ...insecure }
      const answer = await oauth.genericTokenEndpointRequest(
        ...([as, client, oauth.None(), preAuthorized, form, options] as const),
      )
      return oauth.processGenericTokenEndpointResponse(as, client, answer)
    }
    const refused = await ask().catch((caught: unknown) => caught)
    expect(oauth.isDPoPNonceError(refused)).toBe(true)
    const tokens = await ask()
    expect(tokens.token_type).toBe('dpop')
    const refreshed = await oauth.processRefreshTokenResponse(
      ...([as, client] as const),
      await oauth.refreshTokenGrantRequest(
        ...([as, client, oauth.None(), String(tokens.refresh_token)] as const),
        { DPoP, ...insecure },
      ),
    )
    const answer = await oauth.protectedResourceRequest(
      ...([refreshed.access_token, 'POST'] as const),
      new URL(`${union.server.url}/openid4vci/credential`),
      new Headers({ 'content-type': 'application/json' }),
      JSON.stringify({
        credential_configuration_id: configuration,
        proofs: { jwt: [await proofOf(union)] },
      }),
      { DPoP, ...insecure },
    )
    expect(answer.status).toBe(200)
  })
})

async function proofOf({ server }: Union): Promise<string> {
  const agent = walletAgent(server)
  return agent.keyProof(await agent.nonceOf())
}
