import { execFileSync } from 'node:child_process'
import { createReadStream } from 'node:fs'

import { asc, eq, isNull } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { minute } from '../../src/base/clock.ts'
import { beginImport, nothingRead, recordChunk } from '../../src/identity/import-record.ts'
import { readOrganisationFile } from '../../src/identity/organisation-file.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { importRoster, type RosterImportOptions } from '../../src/jobs/roster-import.ts'
import { ImportWatch } from '../../src/jobs/stale-imports.ts'
import { unseal } from '../../src/keys/seal.ts'
import { type Deployment, foundedAt, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'
import { generated, inChunks, refusalOf } from '../support/roster.ts'

const organisationsFile = new URL('../support/organisations.csv', import.meta.url)
const county = await readOrganisationFile(createReadStream(organisationsFile))
const options = ['--members', '2000', '--seed', '7', '--province', '64', '--encoding', 'gb18030']
const grassroots = await readOrganisationFile(
  inChunks(organisationsOf(...options.slice(0, 6), '--organisations')),
)
const withFaults = generated(...options, '--bad', '0.1')
const header = '会员编号,姓名,证件号码,手机号,工会组织代码,职业群体,入会日期,困难职工'
/** Numbers of nobody: area 99 is assigned to no place. */
const ids = ['990101199001010019', '990101199001010027', '990101199001010035']

describe.each(engines)('a roster import on %s', (engine) => {
  let d: Deployment
  let now = foundedAt
  beforeEach(async () => {
    d = await freshDeployment(engine)
    await d.store.transaction((tx) => importOrganisations(tx, [...county, ...grassroots], now))
  })
  afterEach(() => d.close())

  const load = (bytes: Uint8Array, more: Partial<RosterImportOptions> = {}) =>
    importRoster(d.store, d.node, inChunks(bytes), {
      scope: { code: '640000', path: '000000/640000/' },
      createdBy: 'p',
      today: '2026-06-01',
      now: () => now++,
      ...more,
    })
  const text = (...lines: string[]) => Buffer.from([header, ...lines].join('\n'))
  const loadLines = (...lines: string[]) => load(text(...lines))
  const members = async () => {
    const { members: m, persons: p } = d.store.read.tables
    const rows = await d.store.read
      .select()
      .from(m)
      .innerJoin(p, eq(p.id, m.personId))
      .orderBy(asc(m.id))
    return rows.map((row) => ({ ...row.members, person: row.persons }))
  }
  const stays = () => {
    const { memberships: s } = d.store.read.tables
    return d.store.read.select().from(s).orderBy(asc(s.memberId), asc(s.seq))
  }
  const faultsOf = (id: string) => {
    const { importFaults: f } = d.store.read.tables
    return d.store.read.select().from(f).where(eq(f.importId, id)).orderBy(asc(f.row))
  }
  const importRow = async (id: string) => {
    const { imports: i } = d.store.read.tables
    return (await d.store.read.select().from(i).where(eq(i.id, id)))[0]
  }

  it('refuses exactly what was planted, and the same file again changes nothing', async () => {
    const refused = Object.values(withFaults.planted).reduce((sum, n) => sum + n, 0)
    const progress: number[] = []
    const first = await load(withFaults.bytes, { onProgress: ({ read }) => progress.push(read) })
    expect(first.reasons).toEqual(withFaults.planted)
    expect(first).toMatchObject({ read: 2000, added: 2000 - refused, changed: 0, unchanged: 0 })
    expect(progress).toEqual([1000, 2000, 2000])
    const { reasons, id, ...counts } = first
    expect(await importRow(id)).toMatchObject({ ...counts, state: 'completed', failure: null })
    expect(await faultsOf(id)).toHaveLength(refused)

    const before = [await members(), await stays()]
    const again = await load(withFaults.bytes)
    expect(again).toMatchObject({ added: 0, changed: 0, unchanged: 2000 - refused, refused })
    expect(again.reasons).toEqual(reasons)
    expect([await members(), await stays()]).toEqual(before)
  })

  it('keeps numbers sealed, and opens them to what they were', async () => {
    const { bytes } = generated('--members', '50', '--seed', '7', '--province', '64', '--english')
    await load(bytes)
    const [head = '', ...lines] = bytes.toString().trim().split('\n')
    const at = (name: string) => head.split(',').indexOf(name)
    const rows = lines.map((line) => line.split(','))
    const stored = await members()
    expect(stored).toHaveLength(50)
    for (const { memberNo, person, ...member } of stored) {
      const row = rows.find((cells) => cells[at('member_no')] === memberNo) ?? []
      const open = (sealed: Uint8Array | null, purpose: string) =>
        Buffer.from(unseal(d.node.sealing, sealed!, purpose)).toString()
      expect(open(person.sealedId, 'identity')).toBe(row[at('id_number')])
      expect(open(member.sealedMobile, 'mobile')).toBe(row[at('mobile')])
      expect(Number.parseInt(person.id.slice(0, 3), 16)).toBe(member.bucket)
    }
  })

  it('shows nothing personal in a refused row', async () => {
    const { id } = await load(withFaults.bytes)
    const shown = (await faultsOf(id)).map(({ value }) => value).join('\n')
    const lines = new TextDecoder('gb18030').decode(withFaults.bytes).split('\r\n').slice(1, -1)
    for (const [, name = '', , identity = '', mobile = ''] of lines.map((l) => l.split(','))) {
      expect(shown.includes(identity) || shown.includes(mobile)).toBe(false)
      expect(name !== '' && shown.includes(name)).toBe(false)
    }
  })

  it('changes what changed, and only that', async () => {
    const lines = [0, 1].map(
      (i) => `A${i},张三,${ids[i]},1990000000${i},640104,快递员,2024-03-05,否`,
    )
    await loadLines(...lines)
    const [, untouched] = await members()
    const changed = lines[0]!.replace('张三', '张山').replace('快递员', '').replace('否', '是')
    expect(await loadLines(changed, lines[1]!)).toMatchObject({ changed: 1, unchanged: 1 })
    const [member, other] = await members()
    expect(member).toMatchObject({ name: '张山', occupation: null, hardship: true })
    expect(other).toEqual(untouched)
    expect(await loadLines(changed, lines[1]!)).toMatchObject({ changed: 0, unchanged: 2 })
  })

  it('takes a missing column for silence', async () => {
    await loadLines(`A0,张三,${ids[0]},19900000001,640104,快递员,2024-03-05,是`)
    const before = await members()
    const few = (name: string) =>
      load(Buffer.from(`姓名,证件号码,工会组织代码,入会日期\n${name},${ids[0]},640104,2024-03-05`))
    expect(await few('张三')).toMatchObject({ unchanged: 1 })
    expect(await few('张山')).toMatchObject({ changed: 1 })
    expect(await members()).toEqual([{ ...before[0], name: '张山', updatedAt: expect.anything() }])
  })

  it('gives a new member without a number one of the node, and keeps it', async () => {
    const line = `,张三,${ids[0]},,640104,,2024-03-05,`
    expect(await loadLines(line)).toMatchObject({ added: 1 })
    const [member] = await members()
    expect(member?.memberNo).toMatch(/^NX\d{12}$/)
    expect(member).toMatchObject({ birthDate: '1990-01-01', standing: 'active', mobileHash: null })
    expect(await loadLines(line)).toMatchObject({ unchanged: 1 })
    expect(await members()).toEqual([member])
  })

  it('transfers by roster, with the history of it', async () => {
    const line = (org: string) => `A0,张三,${ids[0]},,${org},,2024-03-05,`
    await loadLines(line('640104'))
    expect(await loadLines(line('640105'))).toMatchObject({ changed: 1 })
    const [member] = await members()
    expect(member).toMatchObject({ orgCode: '640105', joinedOn: '2024-03-05' })
    const memberId = member?.id
    expect(await stays()).toEqual([
      { memberId, seq: 1, orgCode: '640104', from: '2024-03-05', until: '2026-06-01' },
      { memberId, seq: 2, orgCode: '640105', from: '2026-06-01', until: null },
    ])
  })

  it('leaves who left alone, until a roster has them join again later', async () => {
    const line = (joined: string) => `A0,张三,${ids[0]},,640104,,${joined},`
    await loadLines(line('2024-03-05'))
    const { members: m, memberships: s } = d.store.read.tables
    await d.store.transaction(async (tx) => {
      await tx.update(m).set({ standing: 'left' })
      await tx.update(s).set({ until: '2025-01-01' })
    })
    expect(await loadLines(line('2024-03-05'))).toMatchObject({ unchanged: 1 })
    expect(await loadLines(line('2025-06-01'))).toMatchObject({ changed: 1 })
    expect(await members()).toMatchObject([{ standing: 'active', joinedOn: '2025-06-01' }])
    expect(await stays()).toMatchObject([
      { seq: 1, until: '2025-01-01' },
      { seq: 2, from: '2025-06-01', until: null },
    ])
  })

  it('refuses what contradicts the file or the database, each with its reason', async () => {
    const line = (no: string, id: string, org = '640104') => `${no},张三,${id},,${org},,2024-03-05,`
    await loadLines(line('A0', ids[0]!))
    const { id, reasons } = await loadLines(
      line('A1', ids[0]!), // 2: A0 in the database
      line('A0', ids[1]!), // 3: A0 is of ids[0]
      line('A2', ids[1]!, '110101'), // 4: out of scope, and so takes neither A2 nor ids[1]
      line('A2', ids[1]!), // 5: added
      line('A3', ids[1]!), // 6: again
      line('A2', ids[2]!), // 7
      line('', ids[2]!), // 8: added
      line('A4', '990101199001010036'), // 9: the reader's
    )
    expect(await faultsOf(id)).toEqual(
      [
        [2, '证件号码', '990*************19', 'identity_taken'],
        [3, '会员编号', 'A0', 'member_no_taken'],
        [4, '工会组织代码', '110101', 'org_out_of_scope'],
        [6, '证件号码', '990*************27', 'duplicate_of_previous'],
        [7, '会员编号', 'A2', 'duplicate_member_no'],
        [9, '证件号码', '990*************36', 'bad_check_digit'],
      ].map(([row, column, value, code]) => ({ importId: id, row, column, value, code })),
    )
    expect(Object.values(reasons)).toEqual([1, 1, 1, 1, 1, 1])
    expect((await members()).map(({ memberNo }) => memberNo.slice(0, 2))).toEqual([
      'A0',
      'A2',
      'NX',
    ])
  })

  it('takes nobody out of an organisation outside its scope', async () => {
    const line = (org: string) => `A0,张三,${ids[0]},,${org},,2024-03-05,`
    await load(text(line('110101')), { scope: { code: '000000', path: '000000/' } })
    const { reasons } = await loadLines(line('640104'))
    expect(reasons).toEqual({ org_out_of_scope: 1 })
    expect(await members()).toMatchObject([{ orgCode: '110101' }])
  })

  it('remembers earlier chunks: the first of two far apart counts', async () => {
    const { bytes } = generated('--members', '2500', '--seed', '7', '--province', '64')
    const [head = '', ...lines] = bytes.toString().trim().split('\n')
    const number = lines[1]!.replace(/\d{17}[\dX]/, ids[0]!)
    const whole = Buffer.from([head, ...lines, lines[0]!, number].join('\n'))
    const once = { duplicate_of_previous: 1, duplicate_member_no: 1 }
    expect(await load(whole)).toMatchObject({ added: 2500, reasons: once })
    expect(await load(whole)).toMatchObject({ unchanged: 2500, reasons: once })
  })

  it('says why a file was refused, and keeps what it had accepted', async () => {
    const good = `A0,张三,${ids[0]},,640104,,2024-03-05,`
    const broken = text(good, `A1,"${'x'.repeat(70_000)}`)
    expect(await refusalOf(load(broken, { importId: 'i1' }))).toMatchObject({
      code: 'FILE_UNREADABLE',
    })
    expect(await importRow('i1')).toMatchObject({ state: 'failed', failure: 'FILE_UNREADABLE' })
    expect(await refusalOf(load(Buffer.from('hello'), { importId: 'i2' }))).toMatchObject({
      code: 'HEADERS_UNKNOWN',
    })
    expect(await importRow('i2')).toMatchObject({ state: 'failed', read: 0, added: 0 })
  })

  it('records a source that broke off as interrupted', async () => {
    async function* breaking() {
      yield Buffer.from('name,id_type,id_number,org_code,joined_on\n')
      const row = (_: unknown, i: number) => `A,passport,P${i + 10_000},640104,2024-03-05\n`
      yield Buffer.from(Array.from({ length: 1_500 }, row).join(''))
      throw new Error('the peer went away')
    }
    const load = importRoster(d.store, d.node, breaking(), {
      importId: 'i1',
      scope: { code: '640000', path: '000000/640000/' },
      createdBy: 'p',
      today: '2026-06-01',
      now: () => now++,
    })
    await expect(load).rejects.toThrow('went away')
    const row = await importRow('i1')
    expect(row).toMatchObject({ state: 'failed', failure: 'INTERRUPTED', read: 1000 })
    expect(await members()).toHaveLength(1000)
  })

  it('goes on with an import that its caller has begun, and not with one that was ended', async () => {
    const row = { id: 'i1', orgCode: '640000', createdBy: 'somebody' }
    await d.store.transaction((tx) => beginImport(tx, row, 5))
    const file = text(`A0,张三,${ids[0]},,640104,,2024-03-05,`)
    expect(await load(file, { importId: 'i1' })).toMatchObject({ id: 'i1', added: 1 })
    const ended = { state: 'completed', createdBy: 'somebody', startedAt: 5, read: 1 }
    expect(await importRow('i1')).toMatchObject(ended)
    const other = text(`A1,张三,${ids[1]},,640104,,2024-03-05,`)
    await expect(load(other, { importId: 'i1' })).rejects.toThrow('ended meanwhile')
    expect(await importRow('i1')).toMatchObject(ended)
    expect(await members()).toHaveLength(1)
  })

  it('ends an import that has not moved for ten minutes, and no other', async () => {
    const begin = (id: string) =>
      d.store.transaction((tx) => beginImport(tx, { id, orgCode: '640000', createdBy: 'p' }, now))
    await begin('dead')
    await begin('alive')
    const watches = [new ImportWatch(), new ImportWatch()]
    const look = async () => {
      now += 5 * minute
      const totals = { ...nothingRead, read: now }
      await d.store.transaction((tx) => recordChunk(tx, 'alive', totals, []))
      return [await watches[0]?.look(d.store, now), await watches[1]?.look(d.store, now)]
    }
    expect([await look(), await look(), await look()]).toEqual([
      [0, 0],
      [0, 0],
      [1, 0],
    ])
    expect(await importRow('dead')).toMatchObject({
      state: 'failed',
      failure: 'INTERRUPTED',
      finishedAt: now,
    })
    expect(await importRow('alive')).toMatchObject({ state: 'running', finishedAt: null })
  })

  it('brings nobody back by an old row without their number', async () => {
    const line = (no: string, joined: string) => `${no},张三,${ids[0]},,640104,,${joined},`
    await loadLines(line('A0', '2020-03-05'))
    const { members: m, memberships: s } = d.store.read.tables
    await d.store.transaction(async (tx) => {
      await tx.update(m).set({ standing: 'left' })
      await tx.update(s).set({ until: '2025-01-01' })
    })
    expect(await loadLines(line('', '2024-03-05'))).toMatchObject({ unchanged: 1 })
    const renumbered = await loadLines(line('A1', '2024-03-05'))
    expect(renumbered.reasons).toEqual({ identity_taken: 1 })
    expect(await members()).toMatchObject([{ standing: 'left', memberNo: 'A0' }])
    expect(await loadLines(line('', '2025-06-01'))).toMatchObject({ changed: 1 })
    expect(await members()).toMatchObject([
      { standing: 'active', memberNo: 'A0', joinedOn: '2025-06-01' },
    ])
  })

  it('takes a later row with another number for a new membership', async () => {
    const line = (no: string, joined: string) => `${no},张三,${ids[0]},,640104,,${joined},`
    const { members: m, memberships: s } = d.store.read.tables
    await loadLines(line('A0', '2020-03-05'))
    await d.store.transaction(async (tx) => {
      await tx.update(m).set({ standing: 'left' })
      await tx.update(s).set({ until: '2022-01-01' })
    })
    expect(await loadLines(line('A1', '2023-03-05'))).toMatchObject({ added: 1 })
    await d.store.transaction(async (tx) => {
      await tx.update(m).set({ standing: 'left' }).where(eq(m.memberNo, 'A1'))
      await tx.update(s).set({ until: '2025-01-01' }).where(isNull(s.until))
    })
    // After A0 was left, but before A1 was.
    expect(await loadLines(line('A0', '2022-06-01'))).toMatchObject({ unchanged: 1 })
    expect(await loadLines(line('', '2025-06-01'))).toMatchObject({ changed: 1 })
    const standings = (await members()).map(({ memberNo, standing, personId }) => {
      return [memberNo, standing, personId]
    })
    const personId = standings[0]?.[2]
    expect(standings).toEqual([
      ['A0', 'left', personId],
      ['A1', 'active', personId],
    ])
  })

  it('lets two of the same file run at once, and adds each person once', async () => {
    const { bytes, planted } = withFaults
    const [a, b] = await Promise.all([load(bytes), load(bytes)])
    const refused = Object.values(planted).reduce((sum, n) => sum + n, 0)
    expect(a.added + b.added).toBe(2000 - refused)
    expect(a.unchanged + b.unchanged).toBe(2000 - refused)
    expect(await members()).toHaveLength(2000 - refused)
  })
})

function organisationsOf(...options: string[]): Buffer {
  const script = new URL('../support/make-members.mjs', import.meta.url).pathname
  return execFileSync(process.execPath, [script, ...options])
}
