import { createPrivateKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { day, type Instant, second } from '../../../src/base/clock.ts'
import type { Ask } from '../../../src/cli/demo/agent.ts'
import { must } from '../../../src/cli/demo/desk.ts'
import type { JsonObject } from '../../../src/formats/json.ts'
import { signJws } from '../../../src/formats/jws.ts'
import { issueSdJwt } from '../../../src/formats/sd-jwt/issue.ts'
import {
  makeStatusListPayload,
  newStatusList,
  statusListType,
  writeStatus,
} from '../../../src/formats/status-list.ts'
import type { Role, RoleKey, WrittenRoleKey } from '../../../src/keys/role-keys.ts'
import { checkCertificatePath } from '../../../src/trust/certificate-path.ts'
import { planAnswer, sendAnswer } from '../../../src/wallet/answer.ts'
import type { HeldCredential, Platform, WalletKey } from '../../../src/wallet/platform.ts'
import { type RequestPolicy, resolveRequest } from '../../../src/wallet/request.ts'
import { deflate, newKey, random, sha256, verifyEs256 } from '../../formats/es256.ts'
import type { Engine } from '../../support/engines.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { desk, plantTree } from '../../support/union.ts'

/** A node that verifies, a client that may ask it, and an issuer with a status list of its own. */
export async function openVerifier(
  engine: Engine,
  now?: Instant,
  wishes: Parameters<typeof startServer>[1] = {},
) {
  const server = await startServer(engine, wishes)
  if (now !== undefined) server.now = now
  await plantTree(server)
  const { ask, token, clientId } = await desk(server, { role: 'verifier' })
  const statuses = await serveStatuses(server)
  const vct = `${server.url}/vct/union-membership/1`
  return {
    ...{ server, ask, token, clientId, statuses, vct },
    async close() {
      await statuses.close()
      await server.close()
    },
  }
}

export type VerifierTest = Awaited<ReturnType<typeof openVerifier>>

/** Asks for the name and the standing of a membership. */
export function nameQuery({ vct }: Pick<VerifierTest, 'vct'>, changes: object = {}) {
  return {
    credentials: [
      {
        ...{ id: 'card', format: 'dc+sd-jwt', meta: { vct_values: [vct] } },
        claims: [{ path: ['name'] }, { path: ['standing'], values: ['active'] }],
        ...changes,
      },
    ],
  }
}

/** A verification by the client; answers what the API answered. */
export async function asked(ground: VerifierTest, changes: object = {}) {
  const body = { dcql_query: nameQuery(ground), ...changes }
  const made = await must(ground.ask('POST', '/verifications', body), 201)
  return made as unknown as { id: string; link: string; state: string; expires_at: number }
}

export function result({ ask }: { ask: Ask }, id: string, query = '') {
  return must(ask('GET', `/verifications/${id}${query}`))
}

/** How a credential may differ from a good one. */
interface Changes {
  readonly plain?: JsonObject
  readonly selective?: JsonObject
  readonly status?: number
  readonly signer?: Pick<RoleKey, 'x5c' | 'sign'>
}

/** A membership credential of the node, for a new holder key. */
export async function newCredential(
  { server, statuses, vct }: VerifierTest,
  changes: Changes = {},
): Promise<HeldCredential> {
  const key: WalletKey = newKey()
  const now = Math.floor(server.now / second)
  const signer = changes.signer ?? roleKey(server, 'issuer')
  const idx = await statuses.enter(changes.status ?? 0)
  const compact = await issueSdJwt(
    { sha256, random, sign: (octets) => signer.sign(octets) },
    { typ: 'dc+sd-jwt', x5c: signer.x5c },
    {
      plain: {
        ...{ iss: server.url, vct, iat: now - 10, exp: now + (30 * day) / second },
        ...{ cnf: { jwk: key.jwk }, status: { status_list: { idx, uri: statuses.uri } } },
        ...changes.plain,
      },
      selective: {
        ...{ name: '李雷', name_masked: '李*', membership_number: 'T640104001' },
        ...{ standing: 'active', organisation: { code: '640104', name: '总工会' } },
        ...changes.selective,
      },
      nested: ['organisation'],
      digests: { top: 20, nested: 4 },
    },
  )
  return { compact, key }
}

export function roleKey({ deployment }: TestServer, role: Role): RoleKey {
  return deployment.keyring.roles.current(role)
}

/** A list of statuses at an address of its own; `signer` may be changed to a wrong one. */
async function serveStatuses(server: TestServer) {
  const list = newStatusList(2, 1024)
  let next = 0
  let version = 0
  const state = { signer: roleKey(server, 'status') as Pick<RoleKey, 'x5c' | 'sign'> }
  const listener = createServer(async (request, response) => {
    const now = Math.floor(server.now / second)
    const payload = await makeStatusListPayload(deflate, {
      ...{ uri: `${base}${request.url}`, issuedSeconds: now, expiresSeconds: now + 86_400 },
      ...{ ttlSeconds: 300, aggregationUri: undefined, list },
    })
    const head = { typ: statusListType, x5c: state.signer.x5c }
    response.end(await signJws((octets) => state.signer.sign(octets), head, payload))
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const base = `http://localhost:${(listener.address() as AddressInfo).port}`
  return {
    state,
    /** Another address each time, so that nothing is remembered. */
    get uri() {
      return `${base}/status/${version}`
    },
    async enter(value: number): Promise<number> {
      version++
      const index = next++
      writeStatus(list, index, value)
      return index
    },
    async close() {
      listener.close()
      listener.closeAllConnections()
      await once(listener, 'close')
    },
  }
}

/** A wallet's platform with the time of the server. */
export function platformOf(server: TestServer, shiftSeconds = 0): Platform {
  return {
    fetch: (url, request) => fetch(url, request),
    subtle: crypto.subtle,
    ...{ sha256, verifyEs256, random },
    now: () => server.now + shiftSeconds * second,
  }
}

/** A wallet that trusts verifiers of the deployment's root. */
export function trusting({ deployment }: TestServer, now: () => number): RequestPolicy {
  const { trustRoots } = deployment.keyring
  return {
    trust: (x5c) =>
      checkCertificatePath(
        x5c.map((der) => Buffer.from(der).toString('base64')),
        { roots: trustRoots, role: 'verifier', now: now() },
      ).jwk,
    transactionTypes: ['urn:symbolon:test:1', 'urn:symbolon:redemption:1'],
    origin: 'not-asked',
  }
}

/** Resolves, plans and answers, as our own wallet does. */
export async function presentTo(
  { server }: Pick<VerifierTest, 'server'>,
  link: string,
  held: readonly HeldCredential[],
  platform = platformOf(server),
) {
  const request = await resolveRequest(
    platform,
    link,
    trusting(server, () => server.now),
  )
  return sendAnswer(platform, planAnswer(platform, request, held))
}

/** What a refused answer was refused with. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'accepted'
  } catch (error) {
    const { code, reason } = error as { code?: string; reason?: string }
    if (code === undefined) throw error
    return reason ?? code
  }
}

/** A key as it is written, ready to sign. */
export function signerOf({ pkcs8, certificates }: WrittenRoleKey): Pick<RoleKey, 'x5c' | 'sign'> {
  const key = createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' })
  return {
    x5c: certificates.map((der) => Buffer.from(der).toString('base64')),
    sign: (octets) => new Uint8Array(sign('sha256', octets, { key, dsaEncoding: 'ieee-p1363' })),
  }
}
