import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { day, hour, minute } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { deviceAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { drawFileNames } from '../../src/formats/draw.ts'
import { wrongEntrants } from '../../src/formats/draw-log.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { parseReceipt } from '../../src/formats/tlog/receipt.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { trustLog } from '../../src/ledger/witness.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { benefit, type Phone, phone } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'

const indexOf = (dir: string, name: 'closing') =>
  parseReceipt(readFileSync(join(dir, drawFileNames[name]))).index
const folder = () => mkdtempSync(join(tmpdir(), 'symbolon-draw-'))
type Own = {
  state: string
  units: number
  entrants?: number
  seed?: string
  proof: string
  again_at?: number
  witness?: string
  entry?: { pseudonym: string; result: string; voucher_id?: string; receipt: { receipt: string } }
}

describe.each(engines)('draws of scarce stock on %s, two servers', (engine) => {
  let ground: Ground
  let peer: TestServer
  let phones: Phone[]
  const files = folder()
  const policyFile = join(files, 'policy')
  const wishes: { policy?: string } = {}
  beforeAll(async () => {
    peer = await startServer(engine)
    ground = await openGround(engine, { instances: engine === 'sqlite' ? 1 : 2, witnesses: wishes })
    const { server, maker, people, member } = ground
    const log = server.deployment.logKey
    await peer.store.transaction((tx) => trustLog(tx, log.vkey, peer.now))
    const vkey = peer.deployment.keyring.witness!.vkey
    const policy = `log ${log.vkey}\nwitness peer ${vkey} ${peer.url}/witness\nquorum none\n`
    writeFileSync(policyFile, policy)
    wishes.policy = policyFile
    await server.restart()
    phones = [member]
    for (const { memberNo } of people.slice(1, 6)) {
      phones.push(await phone(server, maker.ask, memberNo))
    }
  }, 60_000)
  /** Lets time pass, and signs everybody in again. */
  async function pass(ms: number) {
    const { server } = ground
    server.now += ms
    const { ask, token } = await ground.maker.signIn()
    Object.assign(ground.maker, { ask, token })
    for (const who of phones) {
      Object.assign(who, await deviceAgent(server, who.device, who.key))
    }
  }
  afterAll(async () => {
    const { server } = ground
    const { logKey, location } = server.deployment
    const policy = parsePolicy(sha256, utf8(`log ${logKey.vkey}\nquorum none\n`))
    // The servers may be writing still: the auditor reads one snapshot.
    await readSnapshot(location, async (reader) => {
      const source = databaseSource(reader, logKey.name)
      const report = await verifyLog(source, policy, { database: reader })
      expect(report.findings).toEqual([])
      const { equations } = await reconcile(reader, server.now)
      expect(equations.filter(({ good }) => !good)).toEqual([])
    })
    await server.close()
    await peer.close()
  })

  const lottery = (units: number, changes: object = {}) => {
    const { server, maker, programmeId } = ground
    const allocation = {
      mode: 'lottery',
      opens: new Date(server.now - minute).toISOString(),
      closes: new Date(server.now + hour).toISOString(),
    }
    const given = { stock: units, allocation, offer_days: 2, ...changes }
    return benefit(maker.ask, programmeId, given)
  }
  const own = async (who: Phone, id: string) =>
    (await must(who.ask('GET', `/benefits/${id}/draw`))) as unknown as Own
  const enter = (who: Phone, id: string) => who.ask('POST', `/benefits/${id}/entries`, {})

  /** Waits until the draw is so: 20 seconds at the most. */
  async function until(id: string, good: (draw: Own) => boolean, who = phones[0]!): Promise<Own> {
    const patience = AbortSignal.timeout(20_000)
    for (;;) {
      const draw = await own(who, id)
      if (good(draw)) return draw
      if (patience.aborted) throw new Error(`still ${JSON.stringify(draw).slice(0, 400)}`)
      await sleep(50)
    }
  }

  /** What each of them is told once it is decided, and winners have their units. */
  const decided = (all: readonly Phone[], id: string) => {
    const good = ({ entry }: Own) =>
      entry?.result === 'won' ? entry.voucher_id !== undefined : entry?.result === 'not_won'
    return Promise.all(all.map((who) => until(id, good, who)))
  }

  /** Waits until its last leaf has its index (PostgreSQL). */
  async function published(proof: string) {
    while ((await fetch(`${proof}result.tlog-proof`)).status !== 200) await sleep(50)
  }

  /** Copies a draw's files to a folder. */
  async function copy(proof: string) {
    const to = folder()
    for (const file of Object.values(drawFileNames)) {
      const answer = await fetch(`${proof}${file}`)
      if (answer.status === 200) writeFileSync(join(to, file), await answer.text())
    }
    return to
  }
  const verify = (...args: string[]) =>
    symbolon(['draw', 'verify', '--policy', policyFile, '--json', ...args])

  it('gives as many units as there are, once a person, and everybody can check it', async () => {
    const { maker, server } = ground
    const id = await lottery(2)
    await until(id, ({ state }) => state === 'open')
    const refused = await phones[0]!.ask('POST', `/benefits/${id}/claims`, {})
    expect(refused.body).toMatchObject({ code: 'BENEFIT_STATE' })
    for (const who of phones) {
      const entered = await must(enter(who, id), 201)
      expect(String(entered.promise).split('.')).toHaveLength(3)
    }
    expect((await enter(phones[1]!, id)).body).toMatchObject({ code: 'ALREADY_ENTERED' })
    const left = phones.at(-1)!
    await must(left.ask('DELETE', `/benefits/${id}/entries`))
    expect((await left.ask('DELETE', `/benefits/${id}/entries`)).body.code).toBe('NOT_FOUND')
    expect(await own(left, id)).not.toHaveProperty('entry')

    const before = await own(phones[0]!, id)
    expect(before).not.toHaveProperty('seed')
    expect((await fetch(`${before.proof}entrants`)).status).toBe(404)
    const early = await maker.ask('POST', `/admin/draws/${before.proof.split('/').at(-2)}/run`, {})
    expect(early.body).toMatchObject({ code: 'DRAW_STATE' })

    await pass(hour)
    const late = await enter(left, id)
    expect(late.body).toMatchObject({ code: 'DRAW_CLOSED' })
    const seen = await decided(phones.slice(0, -1), id)
    const results = seen.map(({ entry }) => entry?.result)
    expect(results.filter((one) => one === 'won')).toHaveLength(2)
    expect(results.filter((one) => one === 'not_won')).toHaveLength(3)
    expect(seen[0]).toMatchObject({ entrants: 5, units: 2, witness: 'log.nx.test/witness' })

    const winner = phones[results.indexOf('won')]!
    const offer = seen[results.indexOf('won')]!.entry!.voucher_id!
    const voucher = await must(winner.ask('GET', `/me/vouchers/${offer}`))
    expect(voucher).toMatchObject({ state: 'offered', offer_to: server.now + 2 * day })
    const { items } = await must(winner.ask('GET', `/me/vouchers/${offer}/receipts`))
    expect(items).toMatchObject([{ kind: 'draw.issue', issue: { count: 2 } }])

    const { proof } = seen[0]!
    await published(proof)
    const good = await verify('--url', proof)
    expect(JSON.parse(good.out)).toMatchObject({ ok: true, findings: [], entrants: 5 })
    expect(good.code).toBe(0)
    const dir = await copy(proof)
    const receipt = join(dir, 'own.tlog-proof')
    writeFileSync(receipt, seen[0]!.entry!.receipt.receipt)
    expect((await verify('--dir', dir, '--receipt', receipt)).code).toBe(0)
    expect((await verify('--dir', folder())).code).toBe(2)

    const list = readFileSync(join(dir, 'entrants'), 'utf8')
    const names = list.trim().split('\n')
    const wrong = (given: readonly string[]) => {
      const read = async (path: string) => {
        const { name } = server.deployment.logKey
        const at = `${server.url}/${name.split('/').slice(1).join('/')}/${path}`
        const answer = await fetch(at)
        return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined
      }
      const [from, to] = [0, indexOf(dir, 'closing')]
      return wrongEntrants({
        draw: proof.split('/').at(-2) ?? '',
        list: given,
        spans: [{ from, to, read }],
      })
    }
    expect(await wrong(names)).toEqual([])
    const [first = '', second = ''] = names
    const other = `${second.slice(0, -2)}${second.at(-2) === 'x' ? 'y' : 'x'}${second.at(-1)}`
    expect(await wrong(names.with(1, other))).toEqual(
      expect.arrayContaining([
        { index: 1, entrant: other, kind: 'unknown' },
        expect.objectContaining({ entrant: second, kind: 'dropped' }),
      ]),
    )
    expect(await wrong(names.slice(1))).toEqual([{ index: 0, entrant: first, kind: 'dropped' }])
    writeFileSync(join(dir, 'entrants'), list.replace(`${seen[0]!.entry!.pseudonym}\n`, ''))
    const dropped = await verify('--dir', dir, '--receipt', receipt)
    expect(dropped.code).toBe(1)
    const { findings } = JSON.parse(dropped.out) as { findings: { check: string }[] }
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['entrants', 'receipt']),
    )
  })

  it('passes a unit that was given back or not taken on, at the time that it published', async () => {
    const { server } = ground
    const id = await lottery(2)
    await until(id, ({ state }) => state === 'open')
    for (const who of phones.slice(0, 4)) await must(enter(who, id), 201)
    await pass(hour)
    const first = await decided(phones.slice(0, 4), id)
    const { again_at: again = 0 } = first[0]!
    const results = async () => Promise.all(phones.slice(0, 4).map((who) => own(who, id)))
    const won = first.flatMap(({ entry }, i) => (entry?.result === 'won' ? [i] : []))
    const back = won[0]!
    const given = first[back]!.entry!.voucher_id
    await must(phones[back]!.ask('POST', `/me/vouchers/${given}/return`, {}))
    await sleep(600)
    expect((await results()).filter(({ entry }) => entry?.voucher_id)).toHaveLength(2)
    await pass(again - server.now)
    const patience = AbortSignal.timeout(20_000)
    for (;;) {
      const offered = (await results()).filter(({ entry }) => entry?.voucher_id)
      if (offered.length === 4) break
      if (patience.aborted) throw new Error(`only ${offered.length} were offered a unit`)
      await sleep(50)
    }
  })

  it('shuffles whoever taps in a window of seconds, and says when nobody signs', async () => {
    const { server, maker } = ground
    const opens = new Date(server.now + 10 * minute).toISOString()
    const id = await lottery(1, { allocation: { mode: 'fair_window', opens, seconds: 30 } })
    const { items } = await must(maker.ask('GET', '/admin/draws?limit=200'))
    const drawn = (items as unknown as { id: string; benefit_id: string }[]).find(
      (one) => one.benefit_id === id,
    )
    const commit = `/admin/draws/${drawn?.id}/commit`
    expect((await maker.ask('POST', commit, { witness: 'nobody' })).body).toMatchObject({
      code: 'VALIDATION_FAILED',
    })
    expect(await must(maker.ask('POST', commit, {}))).not.toHaveProperty('witness')
    expect((await maker.ask('POST', commit, {})).body).toMatchObject({ code: 'DRAW_STATE' })
    expect((await enter(phones[0]!, id)).body).toMatchObject({ code: 'DRAW_CLOSED' })
    await pass(10 * minute)
    await Promise.all(phones.slice(0, 3).map((who) => must(enter(who, id), 201)))
    server.now += 30_000
    expect((await enter(phones[4]!, id)).body).toMatchObject({ code: 'DRAW_CLOSED' })
    const { proof } = await until(id, ({ entry }) => entry!.result !== 'waiting')
    await published(proof)
    const told = await symbolon(['draw', 'verify', '--policy', policyFile, '--url', proof])
    expect(told).toMatchObject({ code: 0, out: expect.stringContaining('no outside key') })
    const about = await must(maker.ask('GET', `/admin/draws/${drawn?.id}/proof`))
    expect(about.files).toHaveLength(5)
  })

  it('is over, with its stock back in the budget, when the benefit is stopped', async () => {
    const { maker } = ground
    const id = await lottery(3)
    await until(id, ({ state }) => state === 'open')
    await must(enter(phones[0]!, id), 201)
    await must(maker.ask('POST', `/admin/benefits/${id}/stop`, {}))
    await until(id, ({ state }) => state === 'cancelled')
    expect((await own(phones[0]!, id)).entry).toMatchObject({ result: 'not_won' })
    expect((await enter(phones[1]!, id)).body).toMatchObject({ code: 'BENEFIT_STATE' })
  })
})
