import { toBase64, utf8 } from '../../base/bytes.ts'
import {
  contentDigest,
  makeSignatureInput,
  requiredComponents,
  signatureBase,
} from '../../formats/http-signature.ts'
import { signJws } from '../../formats/jws.ts'
import { ask, askFile, randomId, withRightClock } from './ask.ts'
import { deviceKey, sha256 } from './device-key.ts'
import { keepSealed, recallSealed } from './kept.ts'
import { now } from './server-clock.ts'

/** What a terminal knows of itself once it is provisioned. */
export interface Terminal {
  readonly terminal_id: string
  readonly store_id: string
  readonly name: string
}

const api = '/api/v1'
const keyName = 'terminal key'
const terminalName = 'terminal'

/** The terminal that this browser is, if it is one. */
export function terminal(): Promise<Terminal | undefined> {
  return recallSealed<Terminal>(terminalName)
}

/** Makes this browser a terminal with a one-time token. Throws Refused. */
export async function initialize(token: string): Promise<Terminal> {
  const key = await deviceKey(keyName)
  const path = `${api}/terminal/initialize`
  const idempotencyKey = randomId()
  const made = await withRightClock(async () => {
    const dpop = await signJws(
      key.sign,
      { typ: 'dpop+jwt', jwk: { ...key.jwk } },
      {
        htm: 'POST',
        htu: `${location.origin}${path}`,
        iat: Math.floor(now() / 1000),
        jti: randomId(),
      },
    )
    return ask<Terminal>(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey, dpop },
      body: JSON.stringify({ token }),
    })
  })
  await keepSealed(terminalName, made)
  return made
}

/**
 * Asks the merchant API with a message signature (RFC 9421) by this terminal's key. A write is
 * given its idempotency key by its caller, so that it can be asked again. Throws Refused.
 */
export async function askTerminal<T>(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body: object = {},
  idempotencyKey: string = randomId(),
): Promise<T> {
  return withRightClock(async () =>
    ask<T>(`${api}${path}`, await signed(method, path, { body, idempotencyKey })),
  )
}

/** Fetches a file of the merchant API, signed in the same way. Throws Refused. */
export async function fileFromTerminal(path: string): Promise<Blob> {
  return withRightClock(async () =>
    askFile(`${api}${path}`, await signed('GET', path, { body: {}, idempotencyKey: '' })),
  )
}

async function signed(
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  { body, idempotencyKey }: { readonly body: object; readonly idempotencyKey: string },
): Promise<RequestInit> {
  const key = await deviceKey(keyName)
  const known = await terminal()
  const hasBody = method !== 'GET'
  const text = JSON.stringify(body)
  const covered: Record<string, string> = hasBody
    ? {
        'idempotency-key': idempotencyKey,
        'content-digest': contentDigest(sha256, utf8(text)),
      }
    : {}
  const input = makeSignatureInput({
    components: requiredComponents(hasBody),
    created: Math.floor(now() / 1000),
    keyId: known?.terminal_id ?? '',
    nonce: randomId(),
  })
  const targetUri = `${location.origin}${api}${path}`
  const base = signatureBase({ method, targetUri, headers: covered }, input)
  if (!base) throw new TypeError('a covered header is missing')
  const signature = toBase64(await key.sign(base))
  return {
    method,
    headers: {
      ...covered,
      ...(hasBody && { 'content-type': 'application/json' }),
      'signature-input': `${input.label}=${input.parameters}`,
      signature: `${input.label}=:${signature}:`,
    },
    ...(hasBody && { body: text }),
  }
}
