import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { timeOfId } from '../../src/base/id.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { forgetPieces, isKept } from '../../src/identity/import-pieces.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { counties, type Desk, desk, ended, plantTree, roster } from '../support/union.ts'

const [here, there] = counties

describe.each(engines)('a file that waits for a look, on %s', (engine) => {
  let server: TestServer
  let maker: Desk
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    maker = await desk(server, { org: here })
  })
  afterAll(() => server.close())

  const send = async (
    to: string,
    file: string | Uint8Array<ArrayBuffer>,
    by = maker,
    name = '',
  ) => {
    const sent = await fetch(`${server.url}/api/v1/admin/${to}hold=true`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${by.token}`,
        'content-type': 'text/csv',
        'idempotency-key': crypto.randomUUID(),
        ...(name && { 'content-disposition': `attachment; filename*=UTF-8''${name}` }),
      },
      body: file,
    })
    const begun = (await sent.json()) as { id: string; state: string }
    expect([sent.status, begun.state]).toEqual([202, 'waiting'])
    return `/admin/imports/${begun.id}`
  }
  const members = `imports?org_code=${here}&`
  const text = async (path: string, by = maker) => {
    const headers = { authorization: `Bearer ${by.token}` }
    const answer = await fetch(`${server.url}/api/v1${path}`, { headers })
    return answer.ok ? answer.text() : String(answer.status)
  }
  const start = async (path: string) => {
    await must(maker.ask('POST', `${path}/start`, {}), 202)
    return ended(maker.ask, path)
  }

  // Two columns under names of the union's own, in GB18030 with semicolons; the last is faulty.
  const people = roster(here, 3).people
  const own = ['会籍;甲;证件号码;单位;入会日期;备注']
  people.forEach(({ name, memberNo, idNumber }, i) => {
    const joined = i === 2 ? '昨天' : '2024-03-05'
    own.push(`${memberNo};${name};${idNumber};${here};${joined};"近亲=王五, 手机 13912345678"`)
  })
  const odd = () => new Uint8Array(iconv.encode(own.join('\n'), 'gb18030'))
  const columns = ['member_no', 'name', 'id_number', 'org_code', 'joined_on', null]

  it('shows twenty rows, masked, and is read as somebody says', async () => {
    const path = await send(members, odd())
    const seen = await must(maker.ask('GET', `${path}/mapping`))
    expect(seen).toMatchObject({
      ...{ kind: 'text', encoding: 'gb18030', delimiter: ';', policy: 'accept_good' },
      missing: ['name', 'org_code'],
    })
    const fields = (seen.columns as unknown as { field: string | null }[]).map((one) => one.field)
    expect(fields).toEqual([null, null, 'id_number', null, 'joined_on', null])
    const told = JSON.stringify(seen)
    for (const { name, idNumber } of people) {
      expect([told.includes(name), told.includes(idNumber)]).toEqual([false, false])
    }
    expect(told).not.toContain('139')
    const mapped = await must(maker.ask('PUT', `${path}/mapping`, { columns }))
    expect(mapped).toMatchObject({ missing: [], delimiter: ';' })
    const [first] = mapped.rows as unknown as { row: number; cells: string[] }[]
    expect(first).toMatchObject({ row: 2 })
    expect(first?.cells.slice(3, 5)).toEqual([here, '2024-03-05'])
    expect(JSON.stringify(mapped)).not.toContain(people[0]?.name)

    expect(await start(path)).toMatchObject({
      ...{ state: 'completed', read: 3, added: 2, refused: 1, policy: 'accept_good' },
      ...{ reasons: { unreadable_date: 1 }, fixable: true },
    })
    expect((await maker.ask('POST', `${path}/start`, {})).body.code).toBe('IMPORT_STATE')
    expect((await maker.ask('PUT', `${path}/mapping`, {})).body.code).toBe('IMPORT_STATE')
  })

  it('keeps refused rows in the file’s own columns, for its sender, to be sent again', async () => {
    const path = await send(members, odd())
    await must(maker.ask('PUT', `${path}/mapping`, { columns }))
    const { refused, unchanged } = await start(path)
    expect([refused, unchanged]).toEqual([1, 2])
    const fixed = await text(`${path}/refused.csv`)
    const { memberNo, name, idNumber } = people[2] ?? {}
    expect(fixed.split('\r\n')).toEqual([
      own[0]?.replaceAll(';', ','),
      `${memberNo},${name},${idNumber},${here},昨天,"近亲=王五, 手机 13912345678"`,
      '',
    ])
    const colleague = await desk(server, { org: here })
    expect(await text(`${path}/refused.csv`, colleague)).toBe('404')
    const again = await send(members, fixed.replace('昨天', '2024-03-05'))
    await must(maker.ask('PUT', `${again}/mapping`, { columns }))
    expect(await start(again)).toMatchObject({ added: 1, refused: 0, fixable: false })
  })

  it('is written whole or not at all where that was asked for', async () => {
    const more = roster(here, 5).people.slice(3)
    const rows = more.map((one) => `${one.name},${one.idNumber},${here},2024-03-05`)
    const head = '姓名,证件号码,工会组织代码,入会日期'
    const bad = await send(members, [head, ...rows, `钱七,11010119900307999X,${here},`].join('\n'))
    const whole = { policy: 'all_or_nothing' }
    await must(maker.ask('PUT', `${bad}/mapping`, whole))
    expect(await start(bad)).toMatchObject({
      ...{ state: 'failed', failure: 'ROWS_REFUSED', read: 3, added: 0, refused: 1 },
      ...{ fixable: true, policy: 'all_or_nothing' },
    })
    const good = await send(members, [head, ...rows].join('\n'))
    await must(maker.ask('PUT', `${good}/mapping`, whole))
    expect(await start(good)).toMatchObject({ state: 'completed', added: 2, refused: 0 })
  })

  it('does the same for lists', async () => {
    // Whoever makes batches may send lists, though no rosters.
    const lister = await desk(server, { role: 'maker', org: here })
    const given = { name: '骑手', org_code: here }
    const list = await must(maker.ask('POST', '/admin/lists', given), 201)
    const file = ['号', ...people.map(({ memberNo }) => memberNo), 'nobody'].join('\n')
    const path = await send(`lists/${list.id}/imports?`, file, lister)
    expect((await must(lister.ask('GET', `${path}/mapping`))).missing).toEqual(['member_no'])
    const body = { columns: ['member_no'], policy: 'all_or_nothing' }
    await must(maker.ask('PUT', `${path}/mapping`, body))
    expect(await start(path)).toMatchObject({ failure: 'ROWS_REFUSED', matched: 0, refused: 1 })
    expect(await text(`${path}/refused.csv`, lister)).toBe('号\r\nnobody\r\n')
    const good = await send(`lists/${list.id}/imports?`, file.replace('\nnobody', ''))
    await must(maker.ask('PUT', `${good}/mapping`, body))
    expect(await start(good)).toMatchObject({ state: 'completed', matched: 3, added: 3 })
  })

  it('is refused in an encoding that it is not in, and hidden from other counties', async () => {
    const path = await send(members, odd())
    const wrong = await maker.ask('PUT', `${path}/mapping`, { encoding: 'utf-8' })
    expect([wrong.status, wrong.body.code]).toEqual([422, 'ENCODING_UNKNOWN'])
    const other = await desk(server, { org: there })
    expect((await other.ask('GET', `${path}/mapping`)).status).toBe(404)
    expect((await other.ask('POST', `${path}/start`, {})).status).toBe(404)
  })

  it('is listed to whoever may start it, and thrown away', async () => {
    const lister = await desk(server, { role: 'maker', org: here })
    const registrar = await desk(server, { role: 'registrar', org: here })
    const reader = await desk(server, { role: 'approver', org: here })
    const other = await desk(server, { org: there })
    const listed = async (by: Desk) => {
      const { items } = await must(by.ask('GET', '/admin/held-imports?limit=200'))
      return items as unknown as { id: string; file_name?: string; sent_by: string }[]
    }
    const idOf = (path: string) => path.split('/').at(-1)
    for (const one of await listed(maker)) {
      await must(maker.ask('POST', `/admin/imports/${one.id}/discard`, {}))
    }
    const list = await must(maker.ask('POST', '/admin/lists', { name: '礼', org_code: here }), 201)
    const called = encodeURIComponent('名册 13912345678.csv')
    const path = await send(members, odd(), maker, called)
    const forList = await send(`lists/${list.id}/imports?`, odd(), lister, '%E4%ZZ')
    const seen = await listed(maker)
    expect(seen).toMatchObject([
      { id: idOf(path), kind: 'members', org_code: here, sent_by: 'desk' },
      { id: idOf(forList), kind: 'list', list_id: list.id, sent_by: 'desk' },
    ])
    expect(seen.map((one) => one.file_name)).toEqual(['名册 139******78.csv', undefined])
    expect((await listed(registrar)).map(({ id }) => id)).toEqual([idOf(path)])
    expect((await listed(lister)).map(({ id }) => id)).toEqual([idOf(forList)])
    expect([await listed(reader), await listed(other)]).toEqual([[], []])
    const first = await must(maker.ask('GET', '/admin/held-imports?limit=1'))
    expect(first.next).toBe(idOf(path))
    const rest = await must(maker.ask('GET', `/admin/held-imports?after=${first.next}`))
    expect(rest.items).toMatchObject([{ id: idOf(forList) }])

    const discard = (by: Desk) => by.ask('POST', `${path}/discard`, {})
    for (const by of [other, lister, reader]) expect((await discard(by)).status).toBe(404)
    expect(await must(discard(maker))).toMatchObject({ state: 'failed', failure: 'DISCARDED' })
    expect((await discard(maker)).body.code).toBe('IMPORT_STATE')
    expect((await maker.ask('POST', `${path}/start`, {})).body.code).toBe('IMPORT_STATE')
    const { importPieces } = server.store.read.tables
    const kept = await server.store.read.select().from(importPieces)
    expect(kept.some(({ importId }) => importId === idOf(path))).toBe(false)
    expect((await listed(registrar)).length).toBe(0)
    await must(lister.ask('POST', `${forList}/start`, {}), 202)
    expect((await listed(lister)).length).toBe(0)
  })

  it('is kept sealed, for a day until it is started, its refused rows for a week', async () => {
    const path = await send(members, odd())
    const id = path.split('/').at(-1) ?? ''
    const { importPieces } = server.store.read.tables
    const kept = await server.store.read.select().from(importPieces)
    const name = Buffer.from(people[0]?.name ?? '')
    for (const { sealed } of kept) expect(Buffer.from(sealed).includes(name)).toBe(false)
    const forget = (at: number) => server.store.transaction((tx) => forgetPieces(tx, at))
    const made = timeOfId(id) // of a process whose other tests may have seen later days
    await forget(made + day / 2)
    expect(await isKept(server.store.read, id, 'file')).toBe(true)
    await forget(made + day + 1)
    expect(await isKept(server.store.read, id, 'file')).toBe(false)
    expect(await must(maker.ask('GET', path))).toMatchObject({ state: 'failed', failure: 'LAPSED' })
    await forget(made + 8 * day)
    expect(await server.store.read.$count(importPieces)).toBe(0)
  })
})
