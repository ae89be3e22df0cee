import { toBase64url, utf8 } from '../../base/bytes.ts'
import { signJws } from '../../formats/jws.ts'
import { ask, Refused, randomId, withRightClock } from './ask.ts'
import { type DeviceKey, deviceKey, sha256 } from './device-key.ts'
import { forget, keepSealed, recallSealed } from './kept.ts'
import { now } from './server-clock.ts'

/** What a phone knows of itself once it is enrolled. */
export interface Enrolment {
  readonly device_id: string
  readonly member_id: string
  readonly key_tag: number
  readonly node: number
}

const api = '/api/v1'
const keyName = 'member device key'
const enrolmentName = 'enrolment'
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

let token: { readonly text: string; readonly until: number } | undefined

/** The enrolment of this browser, if it has one. */
export function enrolment(): Promise<Enrolment | undefined> {
  return recallSealed<Enrolment>(enrolmentName)
}

/** This browser's key for codes, capsules and proofs. */
export function memberKey(): Promise<DeviceKey> {
  return deviceKey(keyName)
}

/** Enrols this browser with a one-time activation code. Throws Refused. */
export async function enrol(memberNo: string, code: string, name: string): Promise<Enrolment> {
  const body = { member_no: memberNo, activation_code: code, name }
  const made = await askWithKey<Enrolment>('POST', '/devices', body)
  await keepEnrolment(made)
  return made
}

/** Keeps who this browser is. */
export async function keepEnrolment(made: Enrolment): Promise<void> {
  await keepSealed(enrolmentName, made)
}

/**
 * Asks the public API with a proof by this browser's key, which need not be enrolled. Throws
 * Refused.
 */
export async function askWithKey<T>(
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  idempotencyKey: string = randomId(),
): Promise<T> {
  const key = await memberKey()
  return withRightClock(async () =>
    ask<T>(`${api}${path}`, {
      method,
      headers: {
        dpop: await proof(key, method, `${api}${path}`),
        ...(method === 'POST' && { 'idempotency-key': idempotencyKey }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }),
  )
}

/** Forgets everything that this browser knows of the member, its keys too. */
export async function leave(): Promise<void> {
  token = undefined
  await forget()
}

/**
 * Asks the member API, with a proof by this device's key. A write is given its idempotency key by
 * its caller, so that it can be asked again. Throws Refused.
 */
export async function askMember<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  idempotencyKey: string = randomId(),
): Promise<T> {
  const key = await memberKey()
  return withRightClock(async () => {
    const access = await accessToken(key)
    return ask<T>(`${api}${path}`, {
      method,
      headers: {
        authorization: `DPoP ${access}`,
        dpop: await proof(key, method, `${api}${path}`, access),
        ...(method !== 'GET' && { 'idempotency-key': idempotencyKey }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 401) token = undefined
      throw error
    })
  })
}

async function accessToken(key: DeviceKey): Promise<string> {
  if (token && token.until > now()) return token.text
  const known = await enrolment()
  if (!known) throw new Refused('AUTH_REQUIRED', 401)
  const seconds = Math.floor(now() / 1000)
  const assertion = await signJws(
    key.sign,
    { typ: 'JWT' },
    {
      iss: known.device_id,
      sub: known.device_id,
      aud: `${location.origin}/oauth/token`,
      iat: seconds,
      exp: seconds + 60,
      jti: randomId(),
    },
  )
  const answer = await ask<{ access_token: string; expires_in: number }>('/oauth/token', {
    method: 'POST',
    headers: { dpop: await proof(key, 'POST', '/oauth/token') },
    body: new URLSearchParams({ grant_type: jwtBearer, assertion }),
  })
  // A minute early: it is not to end on its way.
  token = { text: answer.access_token, until: now() + (answer.expires_in - 60) * 1000 }
  return token.text
}

/** A DPoP proof (RFC 9449 section 4). */
function proof(key: DeviceKey, method: string, path: string, access?: string): Promise<string> {
  return signJws(
    key.sign,
    { typ: 'dpop+jwt', jwk: { ...key.jwk } },
    {
      htm: method,
      htu: `${location.origin}${path.split('?')[0] ?? ''}`,
      iat: Math.floor(now() / 1000),
      jti: randomId(),
      ...(access !== undefined && { ath: toBase64url(sha256(utf8(access))) }),
    },
  )
}
