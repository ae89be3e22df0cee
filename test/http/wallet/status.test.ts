import { setTimeout as sleep } from 'node:timers/promises'

import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Weather } from '../../../src/base/refusal.ts'
import { sha256 } from '../../../src/base/sha256.ts'
import { must } from '../../../src/cli/demo/desk.ts'
import { createStatusCache } from '../../../src/credentials/status-cache.ts'
import { decoysOf } from '../../../src/credentials/status-decoys.ts'
import { FormatError } from '../../../src/formats/error.ts'
import type { JsonObject } from '../../../src/formats/json.ts'
import { readCredential } from '../../../src/formats/sd-jwt/present.ts'
import { readStatusReference, type StatusReference } from '../../../src/formats/status-list.ts'
import { trustedStatusSigner } from '../../../src/trust/trusted-signers.ts'
import { engines } from '../../support/engines.ts'
import { counties, desk, phone } from '../../support/union.ts'
import {
  copiesOf,
  openUnion,
  signedIn,
  type Union,
  walletAgent,
} from '../../support/wallet-agent.ts'

type Wallet = Pick<Awaited<ReturnType<typeof signedIn>>, 'credentials' | 'token'>

describe.each(engines)('the status of credentials on %s', (engine) => {
  let union: Union
  let people: readonly string[]
  beforeAll(async () => {
    union = await openUnion(engine)
    people = union.people
  })
  afterAll(() => union.server.close())

  const claimsOf = async ({ credentials, token }: Wallet, count = 1): Promise<JsonObject[]> => {
    const told = await credentials(token, count)
    if (told.status !== 200) throw new Error(`not issued: ${String(told.body.error)}`)
    return copiesOf(told).map((copy) => readCredential(sha256, copy).claims)
  }
  const issue = async (wallet: Wallet, count = 1) =>
    (await claimsOf(wallet, count)).map(readStatusReference)
  const signer = (issuer: string) => {
    const { store, url: publicUrl, clock, deployment } = union.server
    const { trustRoots, roles } = deployment.keyring
    return trustedStatusSigner({ store, trustRoots, roles, publicUrl, clock }, issuer)
  }
  /** As a verifier sees it that has seen nothing before. */
  const seen = (reference: StatusReference, get = fetch) => {
    const { server } = union
    const given = { signer, clock: server.clock, fetch: get, plainHttp: true }
    return createStatusCache(given).statusOf(reference, server.url)
  }
  const memberId = async (memberNo: string) => {
    const found = union.staff.ask('POST', '/admin/members/search', { member_no: memberNo })
    return String((await must(found)).id)
  }
  const listed = async (memberNo: string) => {
    const path = `/admin/members/${await memberId(memberNo)}/credentials`
    const { items } = await must(union.staff.ask('GET', path))
    return items as { id: string; status: string; status_index: number }[]
  }
  const act = (id: string | undefined, verb: string, reason = 'misuse') =>
    union.staff.ask('POST', `/admin/credentials/${id}/${verb}`, { reason })
  const standing = async (memberNo: string, change: string) =>
    must(union.staff.ask('POST', `/admin/members/${await memberId(memberNo)}/standing`, { change }))
  /** The job acts within a quarter of a second. */
  const becomes = async (reference: StatusReference, status: number) => {
    const patience = AbortSignal.timeout(10_000)
    while ((await seen(reference)) !== status) {
      if (patience.aborted) throw new Error(`the status is not ${status}`)
      await sleep(50)
    }
  }

  /** Nothing that happened to members is left for the job to act on. */
  const followed = async () => {
    const { read } = union.server.store
    while ((await read.$count(read.tables.memberEvents)) > 0) await sleep(50)
  }

  it('is valid, suspended, valid again, and revoked for good', async () => {
    const [reference] = await issue(await signedIn(union, people[0]!))
    const [row] = await listed(people[0]!)
    expect(await seen(reference!)).toBe(0)
    expect((await must(act(row?.id, 'suspend'))).status).toBe('suspended')
    expect(await seen(reference!)).toBe(2)
    expect(await act(row?.id, 'suspend')).toMatchObject({ body: { code: 'VERSION_CONFLICT' } })
    await must(act(row?.id, 'resume', 'resolved'))
    expect(await seen(reference!)).toBe(0)
    await must(act(row?.id, 'revoke'))
    expect(await seen(reference!)).toBe(1)
    for (const verb of ['resume', 'suspend', 'revoke']) {
      const answer = await act(row?.id, verb)
      expect(answer).toMatchObject({ status: 409, body: { code: 'VERSION_CONFLICT' } })
    }
    expect(await seen(reference!)).toBe(1)
    const { credentialEvents } = union.server.store.read.tables
    const events = await union.server.store.read.select().from(credentialEvents)
    const own = events.filter(({ credentialId }) => credentialId === row?.id)
    expect(own.toSorted((a, b) => a.version - b.version).map((e) => e.act)).toEqual([
      ...['issue', 'suspend', 'resume', 'revoke'],
    ])
    expect(own.every(({ actor }) => /^(staff|grant):[0-9a-f-]{36}$/.test(actor))).toBe(true)
  })

  it('is changed by nobody whose desk does not see the member', async () => {
    await issue(await signedIn(union, people[0]!))
    const [row] = await listed(people[0]!)
    const other = await desk(union.server, { org: counties[1] })
    const path = `/admin/credentials/${row?.id}/revoke`
    const answer = await other.ask('POST', path, { reason: 'misuse' })
    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } })
    expect((await listed(people[0]!))[0]?.status).toBe('valid')
  })

  it('has an index of its own for each of many copies at once, and never a decoy', async () => {
    const wallets = await Promise.all([1, 2, 3, 4].map(() => signedIn(union, people[1]!)))
    const all = (await Promise.all(wallets.map((wallet) => issue(wallet, 10)))).flat()
    expect(new Set(all.map(({ index }) => index)).size).toBe(40)
    const decoys = decoysOf(union.server.deployment.node, 1)
    expect(all.some(({ index }) => decoys.has(index))).toBe(false)
    expect(decoys.size).toBe(512)
  })

  it('says of decoys more and more that they are revoked', async () => {
    const decoys = [...decoysOf(union.server.deployment.node, 1).values()]
    const changed = decoys.filter(({ status }) => status !== 0)
    expect(changed.length).toBeGreaterThan(200)
    expect(new Set(changed.map(({ from }) => from)).size).toBeGreaterThan(200)
  })

  it('is served with what caches need, compressed, and once', async () => {
    const [reference] = await issue(await signedIn(union, people[0]!))
    const accept = 'application/statuslist+jwt'
    const first = await fetch(reference!.uri, { headers: { accept } })
    expect(first.headers.get('content-type')).toBe(accept)
    expect(first.headers.get('access-control-allow-origin')).toBe('*')
    expect(first.headers.get('content-encoding')).toBe('gzip')
    expect(first.headers.get('cache-control')).toBe('public, max-age=300')
    const etag = first.headers.get('etag') ?? ''
    const second = await fetch(reference!.uri, { headers: { accept, 'if-none-match': etag } })
    expect(second.status).toBe(304)
    const other = { accept: 'application/statuslist+cwt' }
    expect((await fetch(reference!.uri, { headers: other })).status).toBe(406)
    expect((await fetch(`${union.server.url}/status/2`)).status).toBe(404)
    expect((await fetch(`${union.server.url}/status/x`)).status).toBe(404)
    const all = await fetch(`${union.server.url}/status`)
    expect(await all.json()).toEqual({ status_lists: [reference!.uri] })
  })

  it('is signed with the key of the credentials, the only one that foreign wallets try', async () => {
    const { credentials, token } = await signedIn(union, people[0]!)
    const [copy] = copiesOf(await credentials(token))
    const { uri } = readStatusReference(readCredential(sha256, copy!).claims)
    const list = (await (await fetch(uri)).text()).trim()
    const certificates = (jwt: string) => decodeProtectedHeader(jwt).x5c
    expect(certificates(list)).toEqual(certificates(copy!.split('~')[0]!))
    expect(certificates(list)).toHaveLength(1)
  })

  it('is refused for an index out of range', async () => {
    const [reference] = await issue(await signedIn(union, people[0]!))
    const beyond = seen({ uri: reference!.uri, index: 2 ** 17 })
    await expect(beyond).rejects.toMatchObject({ code: 'STATUS_INDEX_OUT_OF_RANGE' })
  })

  it('is refused from a list of another issuer', async () => {
    const [reference] = await issue(await signedIn(union, people[0]!))
    const { server } = union
    const cache = createStatusCache({ signer, clock: server.clock, plainHttp: true })
    const asked = cache.statusOf(reference!, 'https://other.test')
    await expect(asked).rejects.toMatchObject({ code: 'STATUS_SIGNER_REFUSED' })
  })

  it('is kept for five minutes, and as long as it may when the list cannot be had', async () => {
    const { server } = union
    const [reference] = await issue(await signedIn(union, people[0]!))
    let asked = 0
    let reachable = true
    const get = (url: string, init: RequestInit) => {
      asked++
      return reachable ? fetch(url, init) : Promise.reject(new TypeError('no network'))
    }
    const given = { signer, clock: server.clock, fetch: get, plainHttp: true }
    const cache = createStatusCache(given)
    const status = () => cache.statusOf(reference!, server.url)
    await Promise.all([status(), status()])
    await status()
    expect(asked).toBe(1)
    reachable = false
    const { now } = server
    server.now += 301_000
    expect(await status()).toBe(0)
    expect(asked).toBe(2)
    server.now += 24 * 3600_000
    await expect(status()).rejects.toBeInstanceOf(Weather)
    server.now = now
    const plain = createStatusCache({ signer, clock: server.clock })
    await expect(plain.statusOf(reference!, server.url)).rejects.toBeInstanceOf(FormatError)
  })

  it('follows a membership that is suspended, resumed and left', async () => {
    const wallet = await signedIn(union, people[2]!)
    const [reference] = await issue(wallet)
    await standing(people[2]!, 'suspend')
    await becomes(reference!, 2)
    expect((await wallet.credentials(wallet.token)).status).toBe(202)
    await standing(people[2]!, 'resume')
    await becomes(reference!, 0)
    await standing(people[2]!, 'leave')
    await becomes(reference!, 1)
    const told = await wallet.credentials(wallet.token)
    expect(told).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
    const offer = union.staff.ask('POST', `/admin/members/${people[2]}/offers`, {})
    expect(await offer).toMatchObject({ status: 409, body: { code: 'VERSION_CONFLICT' } })
  })

  it('stays suspended for the staff when the membership is resumed', async () => {
    const [reference] = await issue(await signedIn(union, people[3]!))
    const [row] = await listed(people[3]!)
    await must(act(row?.id, 'suspend'))
    await standing(people[3]!, 'suspend')
    await standing(people[3]!, 'resume')
    await followed()
    expect(await seen(reference!)).toBe(2)
    await must(act(row?.id, 'resume', 'resolved'))
    expect(await seen(reference!)).toBe(0)
  })

  it('is revoked when a transfer has made it wrong, and the wallet gets a right one', async () => {
    const wallet = await signedIn(union, people[4]!)
    const [before] = await issue(wallet)
    const path = `/admin/members/${await memberId(people[4]!)}/transfer`
    await must(union.staff.ask('POST', path, { org_code: counties[1] }))
    await becomes(before!, 1)
    const form = { grant_type: 'refresh_token', refresh_token: wallet.refreshToken }
    const token = String((await wallet.tokens(form)).body.access_token)
    const [claims] = await claimsOf({ ...wallet, token })
    expect(claims).toMatchObject({ organisation: { code: counties[1] }, region: counties[1] })
    expect(await seen(readStatusReference(claims!))).toBe(0)
  })

  it('follows a transfer as soon as the second union has consented, and not before', async () => {
    const wallet = await signedIn(union, people[3]!)
    const [before] = await issue(wallet)
    const wish = { member_id: await memberId(people[3]!), to_org_code: counties[1] }
    const { id } = await must(union.staff.ask('POST', '/admin/transfers', wish), 201)
    await followed()
    expect(await seen(before!)).toBe(0)
    const next = await desk(union.server, { role: 'registrar', org: counties[1] })
    const consent = { side: 'receive', decision: 'consent' }
    await must(next.ask('POST', `/admin/transfers/${id}/decisions`, consent))
    await becomes(before!, 1)
    const form = { grant_type: 'refresh_token', refresh_token: wallet.refreshToken }
    const token = String((await wallet.tokens(form)).body.access_token)
    const [claims] = await claimsOf({ ...wallet, token })
    expect(claims).toMatchObject({ organisation: { code: counties[1] } })
  })

  it('ends with the device that the copies were for, and no other', async () => {
    const own = await phone(union.server, union.staff.ask, people[5]!)
    const made = await must(own.ask('POST', '/member/credential-offers', {}), 201)
    const uri = new URL(String(made.credential_offer)).searchParams.get('credential_offer_uri')
    const { grants } = (await (await fetch(uri ?? '')).json()) as {
      grants: Record<string, { 'pre-authorized_code': string; tx_code?: object }>
    }
    const [[grant_type, grant] = ['', undefined]] = Object.entries(grants)
    expect(grant?.tx_code).toBeUndefined()
    const form = { grant_type, 'pre-authorized_code': String(grant?.['pre-authorized_code']) }
    const stranger = await walletAgent(union.server).tokens(form)
    expect(stranger).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    const wallet = walletAgent(union.server, own.key)
    const token = String((await wallet.tokens(form)).body.access_token)
    const mine = await issue({ ...wallet, token }, 2)
    const [other] = await issue(await signedIn(union, people[5]!))
    const lost = `/admin/members/${own.memberId}/devices/revoke`
    await must(union.staff.ask('POST', lost, {}))
    for (const reference of mine) await becomes(reference, 1)
    expect(await seen(other!)).toBe(0)
    const told = await wallet.credentials(token)
    expect(told).toMatchObject({ status: 401, body: { error: 'invalid_token' } })
  })
})
