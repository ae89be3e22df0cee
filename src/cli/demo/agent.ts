import { toBase64url, utf8 } from '../../base/bytes.ts'
import { type Clock, second } from '../../base/clock.ts'
import { sha256 } from '../../base/sha256.ts'
import {
  contentDigest,
  makeSignatureInput,
  requiredComponents,
  signatureBase,
} from '../../formats/http-signature.ts'
import { codeText, encodeVoucherCode, signedOctets, stepAt } from '../../formats/voucher-code.ts'
import { type Es256Key, newEs256Key, signJws } from '../../keys/sign-jws.ts'

/** What a server answered. `body` is what its JSON says, or the text. */
export interface Reply {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly code?: string }
  readonly headers: Headers
}

/** How an agent asks: with a proof of its own on every request. */
export type Ask = (
  method: string,
  path: string,
  body?: object,
  options?: { readonly key?: string },
) => Promise<Reply>

const api = '/api/v1'
const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A server as agents see it: an address, and a clock that agrees with its own. */
export interface Server {
  readonly url: string
  readonly clock: Clock
}

/** A program of the union's that signs itself in by `private_key_jwt` and asks as an admin. */
export async function adminAgent(server: Server, clientId: string, key: Es256Key) {
  const token = await tokenFor(server, {
    grant_type: 'client_credentials',
    client_assertion_type: assertionType,
    client_assertion: assertion(server, clientId, key),
  })
  const ask: Ask = (method, path, body, options = {}) =>
    send(`${server.url}${api}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...keyed(method, options.key) },
      ...(body && { body: JSON.stringify(body) }),
    })
  /** Signs the digest of a dry run: the approver's word. */
  const approval = (batch: string, digest: string, decision = 'approve') =>
    signJws(
      key,
      { typ: 'symbolon-approval+jwt' },
      {
        iss: clientId,
        aud: server.url,
        iat: Math.floor(server.clock() / second),
        nonce: crypto.randomUUID(),
        batch,
        digest,
        decision,
      },
    )
  return { ask, approval, token, clientId }
}

/** A member's phone: enrolled by an activation code, it makes voucher codes without a network. */
export async function memberAgent(
  server: Server,
  given: { memberNo: string; activationCode: string; key?: Es256Key },
) {
  const key = given.key ?? newEs256Key()
  const enrolled = await send(`${server.url}${api}/devices`, {
    method: 'POST',
    headers: { ...dpop(server, key, 'POST', `${api}/devices`), ...keyed('POST') },
    body: JSON.stringify({
      member_no: given.memberNo,
      activation_code: given.activationCode,
      name: 'phone',
    }),
  })
  if (enrolled.status !== 201) throw new Error(`not enrolled: ${enrolled.body.code}`)
  const { device_id, key_tag, node } = enrolled.body
  const device = { device_id: String(device_id), key_tag: Number(key_tag), node: Number(node) }
  return deviceAgent(server, device, key)
}

/** A device as the node calls it. */
export interface EnrolledDevice {
  readonly device_id: string
  readonly key_tag: number
  readonly node: number
}

/** Whoever has a key that is enrolled nowhere yet: each request has a proof by it. */
export function keyAgent(server: Server, key: Es256Key = newEs256Key()) {
  const ask: Ask = (method, path, body, options = {}) =>
    send(`${server.url}${api}${path}`, {
      method,
      headers: { ...dpop(server, key, method, `${api}${path}`), ...keyed(method, options.key) },
      ...(body && { body: JSON.stringify(body) }),
    })
  return { ask, key }
}

/** An enrolled device that signs itself in. */
export async function deviceAgent(server: Server, device: EnrolledDevice, key: Es256Key) {
  const token = await tokenFor(
    server,
    { grant_type: jwtBearer, assertion: assertion(server, device.device_id, key) },
    dpop(server, key, 'POST', '/oauth/token'),
  )
  const ask: Ask = (method, path, body, options = {}) =>
    send(`${server.url}${api}${path}`, {
      method,
      headers: {
        authorization: `DPoP ${token}`,
        ...dpop(server, key, method, `${api}${path}`, token),
        ...keyed(method, options.key),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  /** The text of the QR code for a voucher now; `steps` shifts its time. */
  const code = (voucher: string, steps = 0) => {
    const step = stepAt(server.clock()) + steps
    const content = { node: device.node, voucher, keyTag: device.key_tag, step }
    return codeText(encodeVoucherCode(content, key.sign(signedOctets(content))))
  }
  return { ask, code, token, key, device }
}

/** A merchant's terminal: it signs every request (RFC 9421). */
export async function terminalAgent(
  server: Server,
  provisioningToken: string,
  key = newEs256Key(),
) {
  const path = `${api}/terminal/initialize`
  const made = await send(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...dpop(server, key, 'POST', path), ...keyed('POST') },
    body: JSON.stringify({ token: provisioningToken }),
  })
  if (made.status !== 201) throw new Error(`not provisioned: ${made.body.code}`)
  const terminalId = String(made.body.terminal_id)
  const ask: Ask = (method, route, body, options = {}) => {
    const request = signedRequest(
      server,
      { terminalId, key },
      method,
      `${api}${route}`,
      body,
      options,
    )
    return send(`${server.url}${api}${route}`, request)
  }
  return { ask, terminalId, key }
}

/** What signs requests: ES256, r || s. */
export interface SigningKey {
  sign(octets: Uint8Array): Uint8Array
}

/** The headers and body of a request that a terminal has signed. */
export function signedRequest(
  server: Server,
  { terminalId, key }: { terminalId: string; key: SigningKey },
  method: string,
  path: string,
  body?: object,
  options: { readonly key?: string } = {},
) {
  const hasBody = method !== 'GET'
  const text = hasBody ? JSON.stringify(body ?? {}) : undefined
  const covered: Record<string, string> = {
    ...keyed(method, options.key),
    ...(text !== undefined && { 'content-digest': contentDigest(sha256, utf8(text)) }),
  }
  const input = makeSignatureInput({
    components: requiredComponents(hasBody),
    created: Math.floor(server.clock() / second),
    keyId: terminalId,
    nonce: crypto.randomUUID(),
  })
  const target = { method, targetUri: `${server.url}${path}`, headers: covered }
  const base = signatureBase(target, input)
  if (!base) throw new TypeError('a covered header is missing')
  const signature = Buffer.from(key.sign(base)).toString('base64')
  return {
    method,
    headers: {
      ...covered,
      'signature-input': `${input.label}=${input.parameters}`,
      signature: `${input.label}=:${signature}:`,
    },
    ...(text !== undefined && { body: text }),
  }
}

/** A DPoP proof (RFC 9449) as a header. */
export function dpop(server: Server, key: Es256Key, method: string, path: string, token?: string) {
  const payload = {
    htm: method,
    htu: `${server.url}${path.split('?')[0]}`,
    iat: Math.floor(server.clock() / second),
    jti: crypto.randomUUID(),
    ...(token !== undefined && { ath: toBase64url(sha256(token)) }),
  }
  return { dpop: signJws(key, { typ: 'dpop+jwt', jwk: key.jwk }, payload) }
}

function assertion(server: Server, subject: string, key: Es256Key): string {
  const now = Math.floor(server.clock() / second)
  const about = { iss: subject, sub: subject, aud: `${server.url}/oauth/token` }
  return signJws(key, {}, { ...about, iat: now, exp: now + 60, jti: crypto.randomUUID() })
}

async function tokenFor(server: Server, form: Record<string, string>, headers = {}) {
  const answer = await send(`${server.url}/oauth/token`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  })
  if (answer.status !== 200) throw new Error(`no token: ${String(answer.body.error)}`)
  return String(answer.body.access_token)
}

function keyed(method: string, key: string = crypto.randomUUID()): Record<string, string> {
  return method === 'GET' ? {} : { 'idempotency-key': key }
}

async function send(
  url: string,
  request: { method: string; headers: Record<string, string>; body?: string },
): Promise<Reply> {
  const type = request.body === undefined ? {} : { 'content-type': 'application/json' }
  const answer = await fetch(url, { ...request, headers: { ...type, ...request.headers } })
  const text = await answer.text()
  const json = /json/.test(answer.headers.get('content-type') ?? '')
  return {
    status: answer.status,
    body: json ? JSON.parse(text) : { text },
    headers: answer.headers,
  }
}
