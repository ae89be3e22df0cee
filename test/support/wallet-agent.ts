import { toBase64url } from '../../src/base/bytes.ts'
import { second } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { type Es256Key, newEs256Key, signJws } from '../../src/keys/sign-jws.ts'
import type { Engine } from './engines.ts'
import { startServer, type TestServer } from './server.ts'
import { counties, type Desk, desk, importRoster, plantTree, roster } from './union.ts'

/** What an endpoint answered. */
export interface Told {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly headers: Headers
}

/** What a test may spoil in a request. */
export interface Wishes {
  readonly path?: string
  /** Members of the DPoP proof. */
  readonly dpop?: Record<string, unknown>
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

export const preAuthorized = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
export const configuration = 'union-membership'

/** A union with couriers on its roll, and a desk that offers them credentials. */
export async function openUnion(engine: Engine, wishes: Parameters<typeof startServer>[1] = {}) {
  const server = await startServer(engine, wishes)
  await plantTree(server)
  const staff = await desk(server)
  const { people, csv } = roster(counties[0], 6)
  await importRoster(server, staff, { org: counties[0], file: csv })
  return { server, staff, people: people.map(({ memberNo }) => memberNo) }
}

export type Union = Awaited<ReturnType<typeof openUnion>>

/** An offer as the desk makes it. */
export async function offer({ ask }: Pick<Desk, 'ask'>, memberNo: string, waits = false) {
  const made = await must(ask('POST', `/admin/members/${memberNo}/offers`, { waits }), 201)
  const link = String(made.credential_offer)
  const uri = new URL(link).searchParams.get('credential_offer_uri') ?? ''
  const { grants } = (await (await fetch(uri)).json()) as {
    grants: Record<string, Record<string, string>>
  }
  const code = grants[preAuthorized]?.['pre-authorized_code'] ?? ''
  return { id: String(made.offer_id), link, uri, code, txCode: String(made.tx_code) }
}

export type MadeOffer = Awaited<ReturnType<typeof offer>>

/** A wallet that signs whatever a test wants, and remembers the nonce it was given. */
export function walletAgent(server: TestServer, key: Es256Key = newEs256Key()) {
  let nonce = ''
  const now = () => Math.floor(server.now / second)

  function proof(path: string, given: Record<string, unknown>, token?: string): string {
    const payload = {
      ...{ htm: 'POST', htu: `${server.url}${path.split('?')[0]}`, iat: now() },
      ...{ jti: crypto.randomUUID(), nonce },
      ...(token && { ath: toBase64url(sha256(token)) }),
      ...given,
    }
    return signJws(key, { typ: 'dpop+jwt', jwk: key.jwk }, payload)
  }

  async function send(path: string, type: string, body: string, wishes: Wishes, token?: string) {
    const at = wishes.path ?? path
    const answer = await fetch(`${server.url}${at}`, {
      method: 'POST',
      headers: {
        'content-type': type,
        dpop: proof(path, wishes.dpop ?? {}, token),
        ...(token && { authorization: `DPoP ${token}` }),
        ...wishes.headers,
      },
      body,
    })
    nonce = answer.headers.get('dpop-nonce') ?? nonce
    const text = await answer.text()
    const told = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
    return { status: answer.status, body: told, headers: answer.headers }
  }

  /** Asks again when it is told to use a nonce, as RFC 9449 section 8 wants. */
  async function asked(ask: () => Promise<Told>): Promise<Told> {
    const told = await ask()
    return told.body.error === 'use_dpop_nonce' ? ask() : told
  }

  const tokens = (form: Record<string, string>, wishes: Wishes = {}) =>
    asked(() => {
      const type = 'application/x-www-form-urlencoded'
      return send('/oauth/token', type, new URLSearchParams(form).toString(), wishes)
    })
  const post = (path: string, token: string, body: unknown, wishes: Wishes = {}) =>
    asked(() => {
      const text = JSON.stringify('body' in wishes ? wishes.body : body)
      return send(`/openid4vci/${path}`, 'application/json', text, wishes, token)
    })
  const exchange = ({ code, txCode }: Pick<MadeOffer, 'code' | 'txCode'>, wishes: Wishes = {}) => {
    const form = { grant_type: preAuthorized, 'pre-authorized_code': code, tx_code: txCode }
    return tokens(form, wishes)
  }
  const nonceOf = async () => {
    const answer = await fetch(`${server.url}/openid4vci/nonce`, { method: 'POST' })
    nonce = answer.headers.get('dpop-nonce') ?? nonce
    return String(((await answer.json()) as { c_nonce: string }).c_nonce)
  }
  const keyProof = (c_nonce: string, payload: object = {}, header: object = {}, by?: Es256Key) => {
    const holder = by ?? newEs256Key()
    const said = { aud: server.url, iat: now(), nonce: c_nonce, ...payload }
    return signJws(holder, { typ: 'openid4vci-proof+jwt', jwk: holder.jwk, ...header }, said)
  }
  const credentials = async (token: string, count = 1, wishes: Wishes = {}) => {
    const c_nonce = await nonceOf()
    const jwt = Array.from({ length: count }, () => keyProof(c_nonce))
    const body = { credential_configuration_id: configuration, proofs: { jwt } }
    return post('credential', token, body, wishes)
  }
  return { key, tokens, post, exchange, nonceOf, keyProof, credentials }
}

/** A wallet that has its tokens. */
export async function signedIn({ server, staff }: Union, memberNo: string, waits = false) {
  const made = await offer(staff, memberNo, waits)
  const wallet = walletAgent(server)
  const { status, body } = await wallet.exchange(made)
  if (status !== 200) throw new Error(`no tokens: ${String(body.error)}`)
  const token = String(body.access_token)
  return { ...wallet, token, refreshToken: String(body.refresh_token), offerId: made.id }
}

/** The texts of what an endpoint delivered. */
export function copiesOf({ body }: Told): string[] {
  const items = (body.credentials ?? []) as { credential: string }[]
  return items.map(({ credential }) => credential)
}
