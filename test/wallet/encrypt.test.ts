import { compactDecrypt, exportJWK, generateKeyPair } from 'jose'
import { expect, it } from 'vitest'

import { encryptFor } from '../../src/wallet/encrypt.ts'
import { random } from '../formats/es256.ts'

it.each(['A128GCM', 'A256GCM'] as const)('encrypts with %s what jose opens', async (enc) => {
  const { publicKey, privateKey } = await generateKeyPair('ECDH-ES', { crv: 'P-256' })
  const { x = '', y = '' } = await exportJWK(publicKey)
  const recipient = { jwk: { kty: 'EC', crv: 'P-256', x, y } as const, kid: 'k-1' }
  const plaintext = Buffer.from('{"vp_token":{"a":["中文"]}}')
  for (let i = 0; i < 5; i++) {
    const platform = { subtle: crypto.subtle, random }
    const jwe = await encryptFor(platform, recipient, plaintext, enc)
    const opened = await compactDecrypt(jwe, privateKey)
    expect(Buffer.from(opened.plaintext).equals(plaintext)).toBe(true)
    expect(opened.protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc, kid: 'k-1' })
  }
})
