import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

import type { Instant } from '../../src/base/clock.ts'
import { issueActivation } from '../../src/identity/activations.ts'
import { type Device, enrolDevice, thumbprintOf } from '../../src/identity/devices.ts'
import type { PublicJwk } from '../../src/keys/es256.ts'
import type { Deployment } from './deployment.ts'

/** A P-256 key, as a device or a terminal keeps one. */
export interface TestKey {
  readonly privateKey: KeyObject
  readonly jwk: PublicJwk
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  readonly thumbprint: string
}

/** An enrolled device, with its key. */
export type HeldDevice = Device & TestKey

export function newKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const jwk = { kty: 'EC', crv: 'P-256', x, y } as const
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return { privateKey, jwk, spki, thumbprint: thumbprintOf(jwk) }
}

/** ES256: r || s. */
export function signEs256({ privateKey }: Pick<TestKey, 'privateKey'>, octets: Uint8Array) {
  return new Uint8Array(sign('sha256', octets, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
}

/** Enrols a device for a member, as the member does: with an activation code. */
export async function enrol(
  { store, node, now }: Deployment & { readonly now: Instant },
  { memberId, memberNo }: { readonly memberId: string; readonly memberNo: string },
  key: TestKey = newKey(),
): Promise<HeldDevice> {
  const device = await store.transaction(async (tx) => {
    const { code } = await issueActivation(tx, node, { memberId, now })
    return enrolDevice(tx, node, { memberNo, code, jwk: key.jwk, name: '手机', now })
  })
  return { ...device, ...key }
}
