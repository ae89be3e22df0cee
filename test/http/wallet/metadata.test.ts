import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { toBase64, utf8 } from '../../../src/base/bytes.ts'
import { sha256 } from '../../../src/base/sha256.ts'
import { parseJws, verifyJws } from '../../../src/formats/jws.ts'
import { verifySdJwt } from '../../../src/formats/sd-jwt/verify.ts'
import { readStatusReference } from '../../../src/formats/status-list.ts'
import { checkIntegrity, readTypeMetadata } from '../../../src/formats/type-metadata.ts'
import { spkiOf } from '../../../src/keys/es256.ts'
import { verifyEs256 } from '../../../src/keys/verify-es256.ts'
import { checkCertificatePath } from '../../../src/trust/certificate-path.ts'
import { copiesOf, openUnion, signedIn, type Union } from '../../support/wallet-agent.ts'

const verify = async (jwk: Parameters<typeof spkiOf>[0], signed: Uint8Array, by: Uint8Array) =>
  verifyEs256(spkiOf(jwk) ?? new Uint8Array(), signed, by)

describe.each([
  ['a host', ''],
  ['a path', '/nodes/nx'],
])('an issuer at %s', (_where, path) => {
  let union: Union
  let url: string
  beforeAll(async () => {
    union = await openUnion('sqlite', { path })
    url = union.server.url
  })
  afterAll(() => union.server.close())

  const wellKnown = (name: string) => new URL(`/.well-known/${name}${path}`, url).href
  const issuerKey = (x5c: readonly Uint8Array[] = []) => {
    const { now, deployment } = union.server
    const roots = deployment.keyring.trustRoots
    return checkCertificatePath(x5c.map(toBase64), { roots, role: 'issuer', now, uri: url }).jwk
  }

  it('tells its metadata where the specification says, in both languages', async () => {
    const answer = await fetch(wellKnown('openid-credential-issuer'))
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const metadata = (await answer.json()) as Record<string, Record<string, never>>
    expect(metadata).toMatchObject({
      credential_issuer: url,
      credential_endpoint: `${url}/openid4vci/credential`,
      batch_credential_issuance: { batch_size: 10 },
    })
    const offered = metadata.credential_configurations_supported?.['union-membership']
    expect(offered).toMatchObject({
      format: 'dc+sd-jwt',
      vct: `${url}/vct/union-membership/1`,
      credential_metadata: { display: [{ locale: 'zh-CN' }, { locale: 'en' }] },
    })
    expect(JSON.stringify(offered)).toContain('"name":"会员编号"')
  })

  it('signs its metadata when that is asked for', async () => {
    const headers = { accept: 'application/jwt' }
    const answer = await fetch(wellKnown('openid-credential-issuer'), { headers })
    expect(answer.headers.get('content-type')).toBe('application/jwt')
    const types = ['openidvci-issuer-metadata+jwt']
    const shape = { types, algorithms: ['ES256'] as const, maxLength: 65_536 }
    const jws = parseJws(await answer.text(), shape)
    await verifyJws(verify, jws, issuerKey(jws.header.x5c))
    expect(jws.payload).toMatchObject({ sub: url, credential_issuer: url })
  })

  it('is discovered as an authorization server with its grants', async () => {
    const answer = await fetch(wellKnown('oauth-authorization-server'))
    expect(await answer.json()).toMatchObject({
      issuer: url,
      token_endpoint: `${url}/oauth/token`,
      grant_types_supported: expect.arrayContaining([
        'urn:ietf:params:oauth:grant-type:pre-authorized_code',
        'refresh_token',
      ]),
      dpop_signing_alg_values_supported: ['ES256'],
    })
  })

  it('issues what a strict verifier accepts, with the type that it serves', async () => {
    const wallet = await signedIn(union, union.people[0]!)
    const [copy = ''] = copiesOf(await wallet.credentials(wallet.token))
    const vct = `${url}/vct/union-membership/1`
    let index = -1
    const verified = await verifySdJwt({ sha256, verifyEs256: verify }, copy, {
      types: [vct],
      algorithms: ['ES256'],
      clock: { nowSeconds: union.server.now / 1000, skewSeconds: 60 },
      trust: ({ x5c }) => issuerKey(x5c),
      keyBinding: 'not-asked',
      status: (reference) => {
        index = reference.index
        return 0
      },
    })
    expect(verified.issuer).toBe(url)
    expect(index).toBe(readStatusReference(verified.claims).index)
    const octets = new Uint8Array(await (await fetch(vct)).arrayBuffer())
    checkIntegrity(sha256, octets, String(verified.claims['vct#integrity']))
    expect(readTypeMetadata(octets, vct).names.get('zh-CN')).toBe('工会会员证')
  })

  it('conceals as many digests for every member, and no more than a year', async () => {
    const wallet = await signedIn(union, union.people[1]!)
    const copies = copiesOf(await wallet.credentials(wallet.token, 2))
    for (const copy of copies) {
      const [jwt = ''] = copy.split('~')
      const shape = { types: ['dc+sd-jwt'], algorithms: ['ES256'] as const, maxLength: 65_536 }
      const { payload } = parseJws(jwt, shape)
      expect(payload._sd).toHaveLength(20)
      expect(Object.keys(payload).sort()).toEqual([
        ...['_sd', '_sd_alg', 'cnf', 'exp', 'iat', 'iss', 'nbf', 'status', 'vct', 'vct#integrity'],
      ])
      const { iat, exp } = payload
      expect(Number(exp) - Number(iat)).toBeLessThanOrEqual(365 * 86_400)
      expect(Number(iat) % 86_400).toBe(0)
      expect(utf8(copy).length).toBeLessThan(8192)
    }
  })

  it('says nothing in its log of who was issued what', () => {
    const log = union.server.lines.join('\n')
    for (const memberNo of union.people) expect(log).not.toContain(memberNo)
    expect(log).not.toMatch(/\.[ar]\.[\w-]{43}/)
  })
})
