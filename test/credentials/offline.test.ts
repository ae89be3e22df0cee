import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { fromBase64url } from '../../src/base/bytes.ts'
import { hour, second } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must } from '../../src/cli/demo/desk.ts'
import {
  type Challenge,
  capsuleText,
  encodeCapsule,
  merchantTag,
  type Showing,
  showingOctets,
} from '../../src/formats/capsule.ts'
import { signJws } from '../../src/formats/jws.ts'
import type { OfflineQuestion } from '../../src/formats/offline-check.ts'
import {
  makeStatusListPayload,
  newStatusList,
  statusListType,
} from '../../src/formats/status-list.ts'
import { jwkOf } from '../../src/keys/es256.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { ownRoot } from '../../src/keys/root.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { readCertificateKey } from '../../src/trust/certificate-path.ts'
import { entryOf, signTrustList } from '../../src/trust/publish-list.ts'
import { deflate } from '../formats/es256.ts'
import { type Phone, phone } from '../support/union.ts'
import { openUnion, type Union } from '../support/wallet-agent.ts'
import { entry, newNode, nextList } from '../trust/nodes.ts'
import { fetchCopies } from './device-copies.ts'
import type { OfflineCase } from './offline-process.ts'

const script = fileURLToPath(new URL('./offline-process.ts', import.meta.url))
const there = 'https://union.example/nodes/gs'

/** A namespace without any network, where the system lets us make one. */
const apart = spawnSync('unshare', ['-rn', 'true']).status === 0 ? ['unshare', '-rn'] : []

describe('a capsule shown where there is no network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-offline-'))
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text)
  let union: Union
  let holder: Phone
  let pass: Uint8Array

  beforeAll(async () => {
    union = await openUnion('sqlite')
    holder = await phone(union.server, union.staff.ask, union.people[0]!)
    await fetchCopies(union.server, holder)
    const told = await must(holder.ask('GET', '/me/pass'))
    pass = fromBase64url(String(told.pass))!
    await writeLists()
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true })
    await union.server.close()
  })

  /** What a device keeps of both nodes while it is online. */
  async function writeLists(): Promise<void> {
    const { server } = union
    const authority = ownRoot(keyFolderOf(server.deployment.data))!
    const other = await newNode(authority, there, server.now)
    const types = [`${server.url}/vct/union-membership/1`]
    const { node, keyring } = server.deployment
    const here = entryOf(keyring.roles, { ...node, url: server.url }, { vkeys: [], types })
    const theirs = entry(other.roles, there, 62)
    const signed = (entries: (typeof here)[]) =>
      signTrustList(authority, nextList(authority, entries, { now: server.now }))
    write('both.jwt', await signed([here, theirs]))
    write('theirs.jwt', await signed([theirs]))
    write('root.json', JSON.stringify(jwkOf(readCertificateKey(authority.certificate))))
    write('node-url.txt', server.url)
    await keepStatuses()
    const key = other.roles.current('issuer')
    const uri = `${there}/status/1`
    const payload = await makeStatusListPayload(deflate, {
      ...{ uri, issuedSeconds: server.now / second, expiresSeconds: server.now / second + 86_400 },
      ...{ ttlSeconds: 300, aggregationUri: undefined, list: newStatusList(2, 1024) },
    })
    const header = { typ: statusListType, kid: key.kid, x5c: key.x5c }
    write('b.statuslist', `${uri}\n${await signJws(key.sign, header, payload)}`)
  }

  async function keepStatuses(): Promise<void> {
    const uri = `${union.server.url}/status/1`
    write('a.statuslist', `${uri}\n${(await (await fetch(uri)).text()).trim()}`)
  }

  const challenge: Challenge = { merchant: merchantTag(sha256, 'shop'), nonce: '00112233aabb' }

  /** Shown so many seconds off the terminal's clock. */
  function shown(
    offSeconds: number,
    given: Partial<OfflineQuestion> = {},
    { list = 'both.jwt', key = holder.key } = {},
  ) {
    const { server } = union
    const question: OfflineQuestion = {
      ...{ purpose: 'identity', challenge: 'none', now: server.now },
      ...{ type: `${server.url}/vct/union-membership/1` },
      ...given,
    }
    const said: Showing = {
      ...{ timeSeconds: Math.floor(question.now / second) + offSeconds, counter: 1 },
      ...{ purpose: 'identity', voucher: undefined },
      challenge: question.challenge === 'none' ? undefined : question.challenge,
    }
    const signature = key.sign(showingOctets(pass, said))
    const scanned = capsuleText(encodeCapsule(pass, said, signature))
    return { scanned, question, trustList: list } satisfies OfflineCase
  }

  /** In a process of its own, without a network. */
  function check(cases: readonly OfflineCase[]) {
    write('cases.json', JSON.stringify(cases))
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', script, folder]
    const [command = '', ...args] = [...apart, ...node]
    return JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as {
      readonly answers: readonly string[]
      readonly reached: boolean
      readonly interfaces: readonly string[]
    }
  }

  it('is taken with the cached lists of both nodes, and not without its own node', () => {
    const alien = shown(0, {}, { list: 'theirs.jwt' })
    const stolen = shown(0, {}, { key: newEs256Key() })
    const { answers, reached, interfaces } = check([shown(0), alien, stolen])
    expect(answers).toEqual(['valid', 'unknown_node', 'bad_signature'])
    if (apart.length > 0) expect([reached, interfaces]).toEqual([false, []])
  })

  it('is taken up to 90 seconds off, with a challenge up to 600, and then is the clock’s', () => {
    const asked = { challenge }
    const { answers } = check([
      ...[shown(90), shown(-90), shown(91), shown(-600)],
      ...[shown(91, asked), shown(-600, asked), shown(601, asked), shown(601)],
    ])
    expect(answers).toEqual([
      ...['valid', 'valid', 'needs_challenge', 'needs_challenge'],
      ...['valid', 'valid', 'clock_wrong', 'clock_wrong'],
    ])
  })

  it('is not known to be good a day after the list, and over after three', () => {
    const aged = (hours: number) => shown(0, { now: union.server.now + hours * hour })
    expect(check([aged(22), aged(25), aged(73)]).answers).toEqual([
      ...['valid', 'status_unknown', 'expired'],
    ])
  })

  it('is refused once its list says that it is suspended, or revoked', async () => {
    const { staff } = union
    const at = `/admin/members/${holder.memberId}/credentials`
    const { items } = await must(staff.ask('GET', at))
    const ids = (items as { id: string }[]).map(({ id }) => id)
    for (const [verb, before, code] of [
      ['suspend', 'valid', 'suspended'],
      ['revoke', 'suspended', 'revoked'],
    ]) {
      for (const id of ids) {
        await must(staff.ask('POST', `/admin/credentials/${id}/${verb}`, { reason: 'misuse' }))
      }
      expect(check([shown(0)]).answers).toEqual([before]) // the lists of before
      await keepStatuses()
      expect(check([shown(0)]).answers).toEqual([code])
    }
  })
})
