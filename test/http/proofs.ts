import { dpop, type Server, type SigningKey, signedRequest } from '../../src/cli/demo/agent.ts'
import type { Es256Key } from '../../src/keys/sign-jws.ts'
import type { Ground } from './ground.ts'

/** A request as it goes over the wire. */
export interface Wire {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

export interface Told {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

const api = '/api/v1'

/** Sends it as it is. */
export async function send({ url }: Server, { method, path, headers, body }: Wire): Promise<Told> {
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body }) })
  const text = await answer.text()
  const json = /json/.test(answer.headers.get('content-type') ?? '')
  return { status: answer.status, body: json ? JSON.parse(text) : {}, headers: answer.headers }
}

/** A body with what a write needs beside a proof. */
export function plain(method: string, path: string, body?: object): Wire {
  const text = body && JSON.stringify(body)
  const type: Record<string, string> = text ? { 'content-type': 'application/json' } : {}
  const key: Record<string, string> =
    method === 'GET' ? {} : { 'idempotency-key': crypto.randomUUID() }
  return {
    method,
    path: `${api}${path}`,
    headers: { ...type, ...key },
    ...(text && { body: text }),
  }
}

/** The same with a bearer token. */
export function borne(wire: Wire, token: string): Wire {
  return { ...wire, headers: { ...wire.headers, authorization: `Bearer ${token}` } }
}

/** The same with a token of a device and a DPoP proof; `given` says what is wrong with it. */
export function bound(
  server: Server,
  wire: Wire,
  { token, key }: { token: string; key: Es256Key },
  given: { method?: string; path?: string; ath?: string } = {},
): Wire {
  const { method = wire.method, path = wire.path, ath = token } = given
  const proof = dpop(server, key, method, path, ath)
  return { ...wire, headers: { ...wire.headers, authorization: `DPoP ${token}`, ...proof } }
}

/** A request that a terminal has signed. */
export function signed(
  server: Server,
  by: { terminalId: string; key: SigningKey },
  method: string,
  path: string,
  body?: object,
): Wire {
  const made = signedRequest(server, by, method, `${api}${path}`, body)
  const type: Record<string, string> = made.body ? { 'content-type': 'application/json' } : {}
  return { ...made, path: `${api}${path}`, headers: { ...type, ...made.headers } }
}

/** The same server at another time. */
export function at(server: Server, shift: number): Server {
  return { url: server.url, clock: () => server.clock() + shift }
}

/** Requests of each audience, with a good proof of whichever audience. */
export function doors({ shop }: Ground) {
  return {
    admin: [plain('GET', '/admin/benefits'), plain('POST', '/admin/lists', {})],
    auditor: [plain('GET', '/audit/checkpoint')],
    member: [plain('GET', '/me/rights'), plain('POST', `/benefits/${shop.storeId}/claims`, {})],
    merchant: [plain('GET', '/terminal/info'), plain('POST', '/redemptions/prepare', {})],
  }
}
