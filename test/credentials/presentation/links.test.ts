import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { offerLink } from '../../../src/credentials/issuance/offers.ts'
import { clientIdOf, requestLink } from '../../../src/credentials/presentation/request-object.ts'
import { encodeQr } from '../../../src/formats/qr.ts'
import { engines } from '../../support/engines.ts'
import {
  asked,
  nameQuery,
  newCredential,
  openVerifier,
  presentTo,
  result,
  type VerifierTest,
} from './ground.ts'

describe.each(['https://wallet.nxgh.example', 'https://union.example/nodes/nx'])(
  'the links of a node at %s',
  (url) => {
    const fits = (link: string) => encodeQr(link).version

    it('make QR codes of version 9 for a request and 7 for an offer', async () => {
      const hash = `x509_hash:${'Qk3v'.repeat(11).slice(1)}`
      const names = [hash, clientIdOf('x509_san_dns', { x5c: [] } as never, url)]
      for (const clientId of names) {
        const link = requestLink(url, { requestId: 'A'.repeat(22), clientId })
        expect(fits(link)).toBeLessThanOrEqual(9)
        const read = new URL(link).searchParams
        expect(read.get('client_id')).toBe(clientId)
        expect(read.get('request_uri')).toBe(`${url}/vp/${'A'.repeat(22)}`)
      }
      const offer = offerLink(url, 'A'.repeat(22))
      expect(fits(offer)).toBeLessThanOrEqual(7)
      const uri = new URL(offer).searchParams.get('credential_offer_uri')
      expect(uri).toBe(`${url}/offers/${'A'.repeat(22)}`)
    })
  },
)

describe.each(engines)('a verifier on %s', (engine) => {
  let ground: VerifierTest
  afterEach(() => ground.close())

  it('is asked and answered at a path of its host, by either name', async () => {
    ground = await openVerifier(engine, undefined, { path: '/nodes/nx' })
    for (const client_id_prefix of ['x509_hash', 'x509_san_dns']) {
      const { id, link } = await asked(ground, { client_id_prefix })
      expect(link).toContain('/nodes/nx/vp/')
      await presentTo(ground, link, [await newCredential(ground)])
      expect(await result(ground, id)).toMatchObject({ state: 'verified' })
    }
  })

  it('says so when nobody has certified it', async () => {
    ground = await openVerifier(engine)
    const { server } = ground
    for (const end of ['key', 'crt']) {
      rmSync(join(server.deployment.data, 'keys', `role-verifier-1.${end}`))
    }
    await server.restart()
    const refused = await ground.ask('POST', '/verifications', { dcql_query: nameQuery(ground) })
    expect(refused).toMatchObject({ status: 422, body: { code: 'VERIFIER_UNAVAILABLE' } })
  })
})
