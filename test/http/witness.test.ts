import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../../src/base/bytes.ts'
import { minute } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { openUnderPolicy, parsePolicy } from '../../src/formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../src/formats/tlog/receipt.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { publishedCheckpoint } from '../../src/ledger/cosigned.ts'
import { trustLog } from '../../src/ledger/witness.ts'
import { logKey, tree } from '../ledger/trees.ts'
import { symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { claim, phone } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'symbolon-witness-'))
const text = async (url: string) => (await fetch(url)).text()

describe.each(engines)('a node as a witness of others, on %s', (engine) => {
  let server: TestServer
  const key = logKey('log.other.example/2026')
  const ours = tree('ours')
  beforeAll(async () => {
    server = await startServer(engine)
    await server.store.transaction((tx) => trustLog(tx, key.vkey, server.now))
  })
  afterAll(() => server.close())

  const post = async (body: Uint8Array | string) => {
    const answer = await fetch(`${server.url}/witness/add-checkpoint`, {
      method: 'POST',
      body: typeof body === 'string' ? body : Buffer.from(body),
    })
    const type = answer.headers.get('content-type')
    return { status: answer.status, type, text: await answer.text() }
  }

  it('answers in the form of its specification, status by status', async () => {
    const plain = 'text/plain; charset=utf-8'
    expect(await post('')).toMatchObject({ status: 400, type: plain })
    expect(await post('old 1\n\n')).toMatchObject({ status: 400, type: plain })
    expect(await post('x'.repeat(70_000))).toMatchObject({ status: 400, type: plain })
    const strange = logKey('log.strange.example/2026')
    expect((await post(ours.submission(strange, 0, 10))).status).toBe(404)
    const impostor = logKey(key.name, 7)
    expect((await post(ours.submission(impostor, 0, 10))).status).toBe(403)
    expect((await post(ours.submission(key, 11, 10))).status).toBe(400)
    expect(await post(ours.submission(key, 5, 10))).toEqual({
      ...{ status: 409, type: 'text/x.tlog.size', text: '0\n' },
    })
    const good = await post(ours.submission(key, 0, 10))
    expect(good).toMatchObject({ status: 200, type: plain })
    expect(good.text).toMatch(/^— log\.nx\.test\/witness [A-Za-z0-9+/]+={0,2}\n$/)
    // a fork is refused, and a log that was rolled back is told what we have seen
    expect((await post(tree('fork').submission(key, 10, 20))).status).toBe(422)
    expect((await post(ours.submission(key, 10, 30))).status).toBe(200)
    expect(await post(ours.submission(key, 10, 20))).toMatchObject({ status: 409, text: '30\n' })
  })

  it('publishes what it has cosigned below the hash of the origin, and its key', async () => {
    const hash = Buffer.from(sha256(utf8(key.name))).toString('hex')
    const vkey = (await text(`${server.url}/witness/vkey`)).trim()
    const policy = `log ${key.vkey}\nwitness w ${vkey}\nquorum w\n`
    const answer = await fetch(`${server.url}/witness/${hash}/checkpoint`)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    const note = new Uint8Array(await answer.arrayBuffer())
    const opened = await openUnderPolicy(parsePolicy(sha256, utf8(policy)), note, verifyEd25519)
    expect(opened.checkpoint.size).toBe(30)
    for (const wrong of ['00', hash.slice(1), `${hash}0`]) {
      expect((await fetch(`${server.url}/witness/${wrong}/checkpoint`)).status).toBe(404)
    }
  })

  it('lets one of two forks through that come at once', async () => {
    const late = logKey('log.late.example/2026')
    await server.store.transaction((tx) => trustLog(tx, late.vkey, server.now))
    const forks = [tree('left'), tree('right')] as const
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => post(forks[i % 2]!.submission(late, 0, 10 + (i % 2)))),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(11).fill(409)])
  })
})

describe.each(engines)('two nodes that witness each other, on %s', (engine) => {
  let ground: Ground
  let peer: TestServer
  let dead: Server
  const witnesses: { policy?: string } = {}
  const peers: { policy?: string } = {}
  let policy: string
  beforeAll(async () => {
    ground = await openGround(engine, { witnesses })
    peer = await startServer(engine, { witnesses: peers })
    dead = createServer(() => {}).listen(0, '127.0.0.1') // takes requests and never answers
    const { server } = ground
    const { logKey: ownLog, keyring } = server.deployment
    const other = peer.deployment
    await peer.store.transaction((tx) => trustLog(tx, ownLog.vkey, peer.now))
    await server.store.transaction((tx) => trustLog(tx, other.logKey.vkey, server.now))
    const [vkeyFile, peerFile] = [join(folder(), 'policy.txt'), join(folder(), 'policy.txt')]
    const { out } = await symbolon(['witness', 'init', '--data', folder(), '--name', 'silent/w'])
    const { port } = dead.address() as AddressInfo
    policy = [
      `log ${ownLog.vkey}`,
      `witness peer ${other.keyring.witness!.vkey} ${peer.url}/witness`,
      `witness silent ${out.trim()} http://127.0.0.1:${port}/witness`,
      'group enough 1 peer silent',
      'quorum enough\n',
    ].join('\n')
    writeFileSync(vkeyFile, policy)
    witnesses.policy = vkeyFile
    writeFileSync(
      peerFile,
      `witness nx ${keyring.witness!.vkey} ${server.url}/witness\nquorum nx\n`,
    )
    peers.policy = peerFile
    await server.restart()
    await peer.restart()
  })
  afterAll(async () => {
    await ground.server.close()
    await peer.close()
    dead.close()
    dead.closeAllConnections()
  })

  /** Asks until it is there: 20 seconds at the most. */
  async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
    const patience = AbortSignal.timeout(20_000)
    for (;;) {
      const answer = await ask()
      if (done(answer)) return answer
      if (patience.aborted) throw new Error(`still ${JSON.stringify(answer).slice(0, 300)}`)
      await sleep(100)
    }
  }

  it('gives a promise at once, and a witnessed receipt soon, past a witness that is dead', async () => {
    const { server, member, benefitId, till: counter } = ground
    const voucher = await claim(member, benefitId)
    const began = performance.now()
    const sent = { code: member.code(voucher) }
    const made = await must(counter.ask('POST', '/redemptions', sent), 201)
    expect(performance.now() - began).toBeLessThan(1500)
    expect(String(made.promise).split('.')).toHaveLength(3)

    const path = `/redemptions/${made.redemption_id}/receipt`
    const told = await until(
      () => must(counter.ask('GET', path)),
      ({ level }) => level === 'witnessed',
    )
    expect(told).toMatchObject({ leaf_hash: made.leaf_hash, promise: made.promise })
    const parsed = parsePolicy(sha256, utf8(policy))
    const receipt = parseReceipt(utf8(String(told.receipt)))
    const verified = await verifyReceipt(sha256, verifyEd25519, parsed, receipt)
    expect(Buffer.from(verified.leafHash).toString('base64url')).toBe(made.leaf_hash)

    const { items } = await must(member.ask('GET', `/me/vouchers/${voucher}/receipts`))
    const listed = items as unknown as { kind: string; level: string; version: number }[]
    expect(listed.map(({ kind, version }) => [kind, version])).toEqual([
      ['voucher.claim', 1],
      ['voucher.redeem', 2],
    ])
    expect(listed.map(({ level }) => level)).toEqual(['witnessed', 'witnessed'])

    // the files, offline
    const files = folder()
    const write = (name: string, content: string) => {
      writeFileSync(join(files, name), content)
      return join(files, name)
    }
    const key = (await text(`${server.url}/2026/promise-key`)).trim()
    const good = [
      write('one.tlog-proof', String(told.receipt)),
      write('one.promise', `${made.promise}\n`),
    ]
    const verify = (...args: string[]) =>
      symbolon(['receipt', 'verify', '--policy', witnesses.policy!, '--promise-key', key, ...args])
    const seen = await verify('--json', ...good)
    expect(seen).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(seen.out).receipts).toMatchObject([
      { ok: true, level: 'witnessed', leaf_hash: made.leaf_hash, leaf: { k: 'voucher.redeem' } },
      { ok: true, level: 'promise', leaf_hash: made.leaf_hash },
    ])
    const bad = write('bad.tlog-proof', String(told.receipt).replace(/index \d+/, 'index 0'))
    const wrong = await verify(...good, bad)
    expect(wrong.code).toBe(1)
    expect(wrong.out).toContain('BAD')
    expect((await verify(join(files, 'missing'))).code).toBe(2)
    expect((await verify()).code).toBe(2)
  })

  it('counts the faults of the dead one, and serves a checkpoint that a quorum cosigned', async () => {
    const { server } = ground
    const metrics = await until(
      () => text(`${server.url}/metrics`),
      (body) => /^symbolon_witness_faults_total\{.*weather.*\} [1-9]/m.test(body),
    )
    expect(metrics).toContain('witness="silent/w"')
    await until(
      () => text(`${server.url}/metrics`),
      (body) => /^symbolon_log_unwitnessed_seconds 0$/m.test(body),
    )
    const answer = await fetch(`${server.url}/2026/checkpoint`)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    const note = new Uint8Array(await answer.arrayBuffer())
    const opened = await openUnderPolicy(parsePolicy(sha256, utf8(policy)), note, verifyEd25519)
    expect(opened.cosignatures).toHaveLength(1)
  })

  it('serves what a quorum cosigned for a minute while the log grows, and then the newest', async () => {
    const { server, maker, people, benefitId } = ground
    const { now } = server
    const member = await phone(server, maker.ask, people[1]!.memberNo)
    const log = server.deployment.logKey.name
    delete witnesses.policy // nobody is asked any more
    await server.restart()
    const read = async (at: number) => {
      const note = new TextDecoder().decode(await publishedCheckpoint(server.store.read, log, at))
      return { size: Number(note.split('\n')[1]), signatures: note.split('\n— ').length - 1 }
    }
    const before = await read(now)
    expect(before.signatures).toBe(2)
    await claim(member, benefitId)
    const grown = await until(
      () => read(now + 2 * minute),
      ({ size }) => size > before.size,
    )
    expect(grown.signatures).toBe(1)
    expect(await read(now)).toEqual(before)
  })
})
