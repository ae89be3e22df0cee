import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { utf8 } from '../../../src/base/bytes.ts'
import { day, second } from '../../../src/base/clock.ts'
import type { KeyBinding } from '../../../src/formats/sd-jwt/key-binding.ts'
import { chooseDisclosures, presentSdJwt } from '../../../src/formats/sd-jwt/present.ts'
import { makeRoleKey, makeRoot } from '../../../src/keys/certificates.ts'
import { openKeyFolder } from '../../../src/keys/key-folder.ts'
import type { Role } from '../../../src/keys/role-keys.ts'
import { ownRoot } from '../../../src/keys/root.ts'
import { encryptFor } from '../../../src/wallet/encrypt.ts'
import type { HeldCredential } from '../../../src/wallet/platform.ts'
import { type PresentationRequest, resolveRequest } from '../../../src/wallet/request.ts'
import { newKey, sha256 } from '../../formats/es256.ts'
import { engines } from '../../support/engines.ts'
import {
  asked,
  nameQuery,
  newCredential,
  openVerifier,
  platformOf,
  presentTo,
  refusalOf,
  result,
  roleKey,
  signerOf,
  trusting,
  type VerifierTest,
} from './ground.ts'

describe.each(engines)('a presentation on %s', (engine) => {
  let ground: VerifierTest
  beforeAll(async () => {
    ground = await openVerifier(engine)
  })
  afterAll(() => ground.close())

  /** Presents with a binding that is not quite right; answers the verifier's code. */
  async function bound(changes: Partial<KeyBinding>, query: object = {}) {
    const { id, link } = await asked(ground, query)
    const platform = platformOf(ground.server)
    const request = await resolveRequest(
      platform,
      link,
      trusting(ground.server, () => ground.server.now),
    )
    const credential = await newCredential(ground)
    const code = await send(request, await token(request, credential, changes))
    expect(await result(ground, id)).toMatchObject({ state: 'pending', refused: code })
    return code
  }

  function token(request: PresentationRequest, held: HeldCredential, changes: Partial<KeyBinding>) {
    const { compact, key } = held
    return presentSdJwt({ sha256, sign: key.sign }, compact, [['name'], ['standing']], {
      audience: request.clientId,
      nonce: request.nonce,
      issuedSeconds: Math.floor(ground.server.now / second),
      transactionDataHashes: [],
      ...changes,
    })
  }

  /** Posts an answer of our own making, encrypted. */
  async function send(request: PresentationRequest, ...cards: string[]) {
    const answer = { vp_token: { card: cards }, state: request.state }
    return post(request, await sealed(request, answer))
  }

  function sealed({ encryption }: PresentationRequest, answer: object) {
    const plaintext = utf8(JSON.stringify(answer))
    return encryptFor(platformOf(ground.server), encryption, plaintext, 'A128GCM')
  }

  async function post({ responseUri }: PresentationRequest, response: string) {
    return posted(responseUri, { response })
  }

  async function posted(uri: string, form: Record<string, string>) {
    const answer = await fetch(uri, { method: 'POST', body: new URLSearchParams(form) })
    const body = (await answer.json()) as { error_description?: string }
    return body.error_description ?? 'accepted'
  }

  async function open(changes: object = {}) {
    const { id, link } = await asked(ground, changes)
    const platform = platformOf(ground.server)
    const policy = trusting(ground.server, () => ground.server.now)
    return { id, link, request: await resolveRequest(platform, link, policy) }
  }

  const presented = async (held: HeldCredential, query: object = {}) => {
    const { link } = await asked(ground, query)
    return refusalOf(presentTo(ground, link, [held]))
  }

  it('for another verifier is refused', async () => {
    expect(await bound({ audience: 'x509_hash:other' })).toBe('KEY_BINDING_AUDIENCE')
  })

  it('for another nonce is refused', async () => {
    expect(await bound({ nonce: 'other' })).toBe('KEY_BINDING_NONCE')
  })

  it('that was made for another request is refused', async () => {
    const first = await open()
    const second_ = await open()
    const credential = await newCredential(ground)
    const replayed = await token(first.request, credential, {})
    expect(await send(second_.request, replayed)).toBe('KEY_BINDING_NONCE')
  })

  it('bound a year ago is refused', async () => {
    const issuedSeconds = Math.floor((ground.server.now - 365 * day) / second)
    expect(await bound({ issuedSeconds })).toBe('KEY_BINDING_TOO_OLD')
  })

  it('bound in the future is refused', async () => {
    const issuedSeconds = Math.floor(ground.server.now / second) + 3600
    expect(await bound({ issuedSeconds })).toBe('KEY_BINDING_FROM_FUTURE')
  })

  it('without the hash of what was to be confirmed is refused', async () => {
    const transaction_data = [{ type: 'urn:symbolon:test:1', credential_ids: ['card'] }]
    const code = await bound({}, { transaction_data })
    expect(code).toBe('KEY_BINDING_TRANSACTION_DATA')
  })

  it('with the hash of something else is refused', async () => {
    const transaction_data = [{ type: 'urn:symbolon:test:1', credential_ids: ['card'] }]
    const wrong = { transactionDataHashes: ['x'.repeat(43)] }
    expect(await bound(wrong, { transaction_data })).toBe('KEY_BINDING_TRANSACTION_DATA')
  })

  it('that leaves out the credential that was to confirm is refused', async () => {
    const [card] = nameQuery(ground).credentials
    const dcql_query = {
      credentials: [card, { ...card, id: 'other' }],
      credential_sets: [{ options: [['card']] }, { options: [['other']], required: false }],
    }
    const transaction_data = [{ type: 'urn:symbolon:test:1', credential_ids: ['other'] }]
    const code = await bound({}, { dcql_query, transaction_data })
    expect(code).toBe('KEY_BINDING_TRANSACTION_DATA')
    const held = await newCredential(ground)
    const planned = await presented(held, { dcql_query, transaction_data })
    expect(planned).toBe('REQUEST_TRANSACTION_DATA')
  })

  it('without key binding is refused', async () => {
    const { request } = await open()
    const { compact } = await newCredential(ground)
    const bare = chooseDisclosures(sha256, compact, [['name'], ['standing']])
    expect(await send(request, bare)).toBe('KEY_BINDING_MISSING')
  })

  it('bound by another key is refused', async () => {
    const { request } = await open()
    const { compact } = await newCredential(ground)
    const stolen = await token(request, { compact, key: newKey() }, {})
    expect(await send(request, stolen)).toBe('JWS_SIGNATURE_INVALID')
  })

  it('from an issuer below another root is refused', async () => {
    const root = await makeRoot('other', ground.server.now - day)
    expect(await presented(await signedBelow(root, 'issuer'))).toBe('ROOT_UNTRUSTED')
  })

  it('signed by a key of another role is refused', async () => {
    const signer = roleKey(ground.server, 'status')
    expect(await presented(await newCredential(ground, { signer }))).toBe('ROLE_REFUSED')
  })

  it('whose issuer is not among the names of its certificate is refused', async () => {
    const held = await newCredential(ground, { plain: { iss: 'https://elsewhere.test' } })
    expect(await presented(held)).toBe('SAN_MISMATCH')
  })

  it('of a revoked credential is refused', async () => {
    expect(await presented(await newCredential(ground, { status: 1 }))).toBe('STATUS_REVOKED')
  })

  it('of a suspended credential is refused', async () => {
    expect(await presented(await newCredential(ground, { status: 2 }))).toBe('STATUS_SUSPENDED')
  })

  it('is refused when another entity signs the status list', async () => {
    const held = await newCredential(ground)
    const root = await makeRoot('other', ground.server.now - day)
    ground.statuses.state.signer = await keyBelow(root, 'status')
    try {
      expect(await presented(held)).toBe('ROOT_UNTRUSTED')
      ground.statuses.state.signer = roleKey(ground.server, 'verifier')
      expect(await presented(held)).toBe('ROLE_REFUSED')
      const { now, deployment } = ground.server
      const ours = ownRoot(openKeyFolder(join(deployment.data, 'keys'), undefined))!
      const neighbour = { name: 'gs', url: 'https://gs.test', now, role: 'status' } as const
      ground.statuses.state.signer = signerOf(await makeRoleKey(ours, neighbour))
      expect(await presented(held)).toBe('STATUS_SIGNER_REFUSED')
    } finally {
      ground.statuses.state.signer = roleKey(ground.server, 'status')
    }
  })

  it('of an expired credential is refused', async () => {
    const exp = Math.floor(ground.server.now / second) - 3600
    expect(await presented(await newCredential(ground, { plain: { exp } }))).toBe('TOKEN_EXPIRED')
  })

  it('that is not encrypted is refused', async () => {
    const { request } = await open()
    const vp_token = JSON.stringify({
      card: [await token(request, await newCredential(ground), {})],
    })
    const form = { vp_token, state: request.state ?? '' }
    expect(await posted(request.responseUri, form)).toBe('RESPONSE_NOT_ENCRYPTED')
  })

  it('that is encrypted for another key is refused', async () => {
    const [one, other] = [await open(), await open()]
    const answer = { vp_token: { card: ['x'] }, state: one.request.state }
    expect(await post(one.request, await sealed(other.request, answer))).toBe('RESPONSE_UNREADABLE')
    expect(await post(one.request, 'a.b.c.d.e')).toBe('RESPONSE_UNREADABLE')
  })

  it('with another state is refused', async () => {
    const { request } = await open()
    const card = await token(request, await newCredential(ground), {})
    const answer = { vp_token: { card: [card] }, state: 'other' }
    expect(await post(request, await sealed(request, answer))).toBe('RESPONSE_STATE')
  })

  it('without a claim that was asked for is refused', async () => {
    const { request } = await open()
    const { compact, key } = await newCredential(ground)
    const binding = {
      audience: request.clientId,
      nonce: request.nonce,
      issuedSeconds: Math.floor(ground.server.now / second),
      transactionDataHashes: [],
    }
    const less = await presentSdJwt({ sha256, sign: key.sign }, compact, [['name']], binding)
    expect(await send(request, less)).toBe('DCQL_UNSATISFIED')
  })

  it('with a claim of another value than asked for is refused', async () => {
    const { request } = await open()
    const held = await newCredential(ground, { selective: { standing: 'retired' } })
    expect(await send(request, await token(request, held, {}))).toBe('DCQL_UNSATISFIED')
  })

  it('of another type is refused', async () => {
    const query = nameQuery({ vct: 'https://other.test/vct/1' })
    const { request } = await open({ dcql_query: query })
    const card = await token(request, await newCredential(ground), {})
    expect(await send(request, card)).toBe('VCT_REFUSED')
  })

  it('twice where one was asked for is refused', async () => {
    const { request } = await open()
    const cards = [await newCredential(ground), await newCredential(ground)]
    const tokens = await Promise.all(cards.map((held) => token(request, held, {})))
    expect(await send(request, ...tokens)).toBe('DCQL_UNSATISFIED')
  })

  it('that comes too late is refused, and so is fetching the request', async () => {
    const { id, link, request } = await open({ expires_in_seconds: 60 })
    const before = ground.server.now
    ground.server.now = before + 61 * second
    try {
      const card = await token(request, await newCredential(ground), {})
      expect(await send(request, card)).toBe('REQUEST_EXPIRED')
      expect(await refusalOf(presentTo(ground, link, []))).toBe('REQUEST_EXPIRED')
      expect(await result(ground, id)).toMatchObject({ state: 'expired' })
    } finally {
      ground.server.now = before
    }
  })

  it('to a request that there is not is refused', async () => {
    const uri = `${ground.server.url}/vp/${'A'.repeat(22)}`
    expect((await fetch(uri)).status).toBe(404)
    expect(await posted(`${uri}/response`, { response: 'x' })).toBe('REQUEST_UNKNOWN')
    expect(await posted(`${ground.server.url}/vp/x/response`, {})).toBe('REQUEST_UNKNOWN')
  })

  it('that is refused does not end the request: the right one still counts', async () => {
    const { id, request } = await open()
    const held = await newCredential(ground)
    expect(await send(request, await token(request, held, { nonce: 'x' }))).toBe(
      'KEY_BINDING_NONCE',
    )
    expect(await send(request, await token(request, held, {}))).toBe('accepted')
    expect(await result(ground, id)).toMatchObject({ state: 'verified' })
  })

  async function keyBelow(root: Awaited<ReturnType<typeof makeRoot>>, role: Role) {
    const { url, now } = ground.server
    return signerOf(await makeRoleKey(root, { name: 'other', url, now: now - day, role }))
  }

  async function signedBelow(root: Awaited<ReturnType<typeof makeRoot>>, role: Role) {
    return newCredential(ground, { signer: await keyBelow(root, role) })
  }
})
