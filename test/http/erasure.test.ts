import { readFileSync } from 'node:fs'

import { eq, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { toHex, utf8 } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../src/formats/tlog/receipt.ts'
import { opened } from '../../src/identity/idempotency.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { connect } from '../../src/store/sqlite-connection.ts'
import { openingTo } from '../support/disclosures.ts'
import { engines } from '../support/engines.ts'
import { benefit, claim, counties, desk, importRoster, roster } from '../support/union.ts'
import { signedIn } from '../support/wallet-agent.ts'
import { type Ground, openGround } from './ground.ts'

describe.each(engines)('erasing a member, on %s', (engine) => {
  let ground: Ground
  let held: string
  let memberId: string
  let canaries: string[]
  let hashes: string[]
  let before: string[]
  let answer: Record<string, unknown>
  const key = crypto.randomUUID()

  const reader = () => ground.server.deployment.store.read
  const erase = (id: string, by = ground.maker, options = {}) =>
    by.ask('POST', `/admin/members/${id}/erase`, { reason: 'member_request' }, options)

  async function tick() {
    const { store, deployment, now } = ground.server
    if (engine === 'sqlite') return
    const once = () =>
      store.transaction((tx) => integrate(tx, () => deployment.logKey, now, { shared: true }))
    while ((await once()) > 0);
  }

  const opening = () => openingTo(reader(), ground.server.deployment.node, memberId)

  beforeAll(async () => {
    ground = await openGround(engine)
    const { server, maker, people, programmeId, member, till } = ground
    memberId = member.memberId
    const [person] = people
    canaries = [person!.memberNo, person!.name, person!.idNumber, person!.mobile]
    const details = {
      kind: 'package',
      contents: ['米'],
      pick_up_point: 'x',
      collector_allowed: true,
    }
    const spent = await claim(member, await benefit(maker.ask, programmeId, { details }))
    const shown = { code: member.code(spent), collector: person!.name }
    await must(till.ask('POST', '/redemptions', shown), 201)
    const faulty = roster(counties[0], 1).csv.toString().replaceAll('2020-01-01', 'x')
    await importRoster(server, maker, { org: counties[0], file: Buffer.from(faulty) })
    const wallet = await signedIn({ server, staff: maker, people: [] }, person!.memberNo)
    expect((await wallet.credentials(wallet.token, 1)).status).toBe(200)
    held = await claim(member, await benefit(maker.ask, programmeId))
    await tick()
    const { members, persons } = reader().tables
    const [row] = await reader().select().from(members).where(eq(members.id, memberId))
    const [who] = await reader().select().from(persons).where(eq(persons.id, row!.personId))
    hashes = [toHex(row!.mobileHash!), toHex(who!.idHash!), toHex(row!.sealedMobile!)]
    before = await opening()
    const everything = await allText(ground)
    for (const canary of [...canaries.slice(0, 2), ...hashes]) expect(everything).toContain(canary)
    answer = await must(erase(memberId, maker, { key }))
    await tick()
  })
  afterAll(() => ground.server.close())

  it('voids what was never used, revokes what was held, and says so in numbers', async () => {
    expect(answer).toEqual({ vouchers_voided: 1, devices_revoked: 1 })
    const { vouchers, credentials, devices } = reader().tables
    const [voucher] = await reader().select().from(vouchers).where(eq(vouchers.id, held))
    expect(voucher?.state).toBe('void')
    const [copy] = await reader().select().from(credentials)
    expect(copy).toMatchObject({ status: 1, holder: '', deviceId: null })
    const [device] = await reader().select().from(devices).where(eq(devices.memberId, memberId))
    expect(device).toMatchObject({ name: '', thumbprint: `erased-${device?.id}` })
    expect(device?.revokedAt).not.toBeNull()
  })

  it('leaves no name, number or hash of theirs in any column of any table', async () => {
    const text = await allText(ground)
    for (const canary of [...canaries, ...hashes]) expect(text).not.toContain(canary)
  })

  it('leaves none in what is stored to answer others', async () => {
    const { idempotency } = reader().tables
    const rows = await reader().select().from(idempotency)
    expect(rows.length).toBeGreaterThan(5)
    for (const { principal, answer: sealed } of rows) {
      const text = opened(ground.server.deployment.node, sealed)
      expect(principal).not.toContain(memberId)
      for (const canary of canaries) expect(text).not.toContain(canary)
    }
  })

  it('leaves the log as it was: every proof is good and no disclosure opens', async () => {
    expect(before.length).toBeGreaterThanOrEqual(3)
    expect(await opening()).toEqual([])
    const { log, policy } = logOf(ground)
    for (const entryId of before) {
      const receipt = parseReceipt((await receiptOf(reader(), entryId))!)
      const proven = await verifyReceipt(sha256, verifyEd25519, policy, receipt)
      expect(proven.checkpoint.size).toBeGreaterThan(3)
    }
    const source = databaseSource(reader(), log)
    const report = await verifyLog(source, policy, { database: reader() })
    expect(report.findings).toEqual([])
  })

  it('lets nobody act as them, and nobody find them', async () => {
    const { member, maker, till } = ground
    expect((await member.ask('GET', '/me')).status).toBe(401)
    const [memberNo] = canaries
    const sought = await maker.ask('POST', '/admin/members/search', { member_no: memberNo })
    expect(sought.status).toBe(404)
    const shown = await till.ask('POST', '/redemptions', { code: member.code(held) })
    expect(shown.status).toBeGreaterThanOrEqual(400)
    expect(shown.status).toBeLessThan(500)
  })

  it('answers a retry the same and a second erasure ALREADY_EXISTS', async () => {
    expect(await must(erase(memberId, ground.maker, { key }))).toEqual(answer)
    const again = await erase(memberId)
    expect(again).toMatchObject({ status: 409, body: { code: 'ALREADY_EXISTS' } })
  })

  it('is refused to who may only write members, and of one of the staff', async () => {
    const { server, maker, people } = ground
    const registrar = await desk(server, { role: 'registrar' })
    const wanted = { member_no: people[1]!.memberNo }
    const { id } = await must(maker.ask('POST', '/admin/members/search', wanted))
    expect((await erase(String(id), registrar)).status).toBe(403)
    const { members } = reader().tables
    const [row] = await reader()
      .select()
      .from(members)
      .where(eq(members.id, String(id)))
    await desk(server, { personId: row!.personId })
    expect(await erase(String(id))).toMatchObject({
      status: 409,
      body: { code: 'VERSION_CONFLICT' },
    })
  })

  it.runIf(engine === 'sqlite')('leaves nothing in the bytes of the vacuumed file', async () => {
    const { location } = ground.server.deployment
    if (location.engine !== 'sqlite') return
    await ground.server.store.transaction(async () => {})
    const connection = connect(location.path)
    connection.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    connection.close()
    const bytes = ['', '-wal'].map((end) => readFileSync(`${location.path}${end}`))
    for (const canary of canaries) {
      for (const file of bytes) expect(file.includes(Buffer.from(canary))).toBe(false)
    }
    for (const hash of hashes) expect(bytes[0]?.includes(Buffer.from(hash, 'hex'))).toBe(false)
  })
})

/** Every column of every table, octets as hexadecimal and as text. */
async function allText({ server }: Ground): Promise<string> {
  const { read } = server.deployment.store
  const parts: string[] = []
  for (const table of Object.values(read.tables)) {
    for (const row of await read.rows<Record<string, unknown>>(sql`select * from ${table}`)) {
      for (const value of Object.values(row)) {
        if (value instanceof Uint8Array) {
          parts.push(toHex(value), Buffer.from(value).toString('utf8'))
        } else parts.push(typeof value === 'object' ? JSON.stringify(value) : String(value))
      }
    }
  }
  return parts.join('\n')
}

function logOf({ server }: Ground) {
  const { logKey } = server.deployment
  const policy = parsePolicy(sha256, utf8(`log ${logKey.vkey}\nquorum none\n`))
  return { log: logKey.name, policy }
}
