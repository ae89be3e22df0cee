import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { must } from '../../src/cli/demo/desk.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import {
  benefit,
  counties,
  type Desk,
  desk,
  ended,
  importRoster,
  plantTree,
  programme,
  province,
  roster,
} from '../support/union.ts'

const [here, there] = counties

describe.each(engines)('a list from a file, over HTTP on %s', (engine) => {
  let server: TestServer
  let maker: Desk
  beforeAll(async () => {
    server = await startServer(engine)
    await plantTree(server)
    maker = await desk(server)
    for (const [org, count] of [
      [here, 5],
      [there, 2],
    ] as const) {
      await importRoster(server, maker, { org: province, file: roster(org, count).csv })
    }
  })
  afterAll(() => server.close())

  const newList = async (name: string, by: Pick<Desk, 'ask'> = maker, org: string = here) =>
    String((await must(by.ask('POST', '/admin/lists', { name, org_code: org }), 201)).id)
  const send = (
    list: string,
    file: string,
    { by = maker, key = crypto.randomUUID() as string, type = 'text/csv' } = {},
  ) =>
    fetch(`${server.url}/api/v1/admin/lists/${list}/imports`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${by.token}`,
        'content-type': type,
        'idempotency-key': key,
      },
      body: file,
    })
  const load = async (list: string, file: string) => {
    const sent = await send(list, file)
    const begun = (await sent.json()) as Record<string, unknown>
    expect([sent.status, begun.kind, begun.list_id]).toEqual([202, 'list', list])
    return ended(maker.ask, `/admin/imports/${begun.id}`)
  }
  const numbers = (org: string) => roster(org, org === here ? 5 : 2).people.map((p) => p.memberNo)

  it('puts members on it, tells who is unknown, and reaches them by a batch', async () => {
    const list = await newList('骑手')
    const file = ['会员编号', ...numbers(here), ...numbers(there), '=nobody'].join('\n')
    const done = await load(list, file)
    expect(done).toMatchObject({
      ...{ state: 'completed', read: 8, matched: 5, added: 5, unchanged: 0, refused: 3 },
      ...{ reasons: { unknown_member: 3 }, used_before: [] },
    })
    const errors = await fetch(`${server.url}/api/v1/admin/imports/${done.id}/errors.csv`, {
      headers: { authorization: `Bearer ${maker.token}` },
    })
    const [, ...lines] = (await errors.text()).trimEnd().split('\r\n')
    expect(lines).toHaveLength(3)
    expect(lines[2]).toMatch(/^9,会员编号,'=nobody,unknown_member,您的.*,there is no such .*邀请/)

    const programmeId = await programme(server, maker.ask)
    const benefitId = await benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
    const draft = { benefit_id: benefitId, org_code: province, delivery: 'offer', list_id: list }
    const batch = await must(maker.ask('POST', '/admin/batches', draft), 201)
    const dry = await must(maker.ask('POST', `/admin/batches/${batch.id}/dry-run`, {}))
    expect(dry.report).toMatchObject({ considered: 5, eligible: 5 })
  })

  it('says where the same people were uploaded before, to whoever may see it', async () => {
    const file = ['会员编号', ...numbers(here).slice(1)].join('\n')
    const first = await newList('一')
    await load(first, file)
    const second = await load(await newList('二'), `\ufeff${file.replaceAll('\n', '\r\n')}\r\n`)
    expect(second.used_before).toMatchObject([{ list_id: first, list_name: '一' }])
    const county = await desk(server, { org: there })
    const { body } = await county.ask('GET', `/admin/imports/${second.id}`)
    expect(body).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('begins nothing twice for one key and file, and adds nobody by the same file', async () => {
    const list = await newList('再')
    const file = ['会员编号', ...numbers(here)].join('\n')
    const key = crypto.randomUUID()
    const twice = [await send(list, file, { key }), await send(list, file, { key })]
    const [one, two] = await Promise.all(twice.map((answer) => answer.json()))
    expect(two).toEqual(one)
    expect(twice[1]?.headers.get('idempotent-replayed')).toBe('true')
    const { id } = one as { id: string }
    expect(await ended(maker.ask, `/admin/imports/${id}`)).toMatchObject({ added: 5 })
    expect(await load(list, file)).toMatchObject({ matched: 5, added: 0, unchanged: 5 })
  })

  it('keeps who uploaded the people from approving their vouchers', async () => {
    const list = await newList('三')
    const programmeId = await programme(server, maker.ask)
    const benefitId = await benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
    const draft = { benefit_id: benefitId, org_code: province, delivery: 'offer', list_id: list }
    const { id } = await must(maker.ask('POST', '/admin/batches', draft), 201)
    const uploader = await desk(server)
    const sent = await send(list, ['会员编号', ...numbers(here)].join('\n'), { by: uploader })
    await ended(maker.ask, `/admin/imports/${((await sent.json()) as { id: string }).id}`)
    const { digest } = await must(maker.ask('POST', `/admin/batches/${id}/dry-run`, {}))
    await must(maker.ask('POST', `/admin/batches/${id}/submit`, {}))
    const decide = (by: Desk) => {
      const statement = by.approval(String(id), String(digest))
      return by.ask('POST', `/admin/batches/${id}/decisions`, { statement })
    }
    expect((await decide(uploader)).body).toMatchObject({ code: 'SELF_APPROVAL' })
    expect((await decide(await desk(server))).body).toMatchObject({ state: 'approved' })
  })

  it('is nothing to a desk that does not see it, or may not make batches', async () => {
    const list = await newList('外')
    const county = await desk(server, { org: there })
    const answer = await send(list, '会员编号\nA', { by: county })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      404,
      'NOT_FOUND',
    ])
    const registrar = await desk(server, { role: 'registrar' })
    expect((await send(list, '会员编号\nA', { by: registrar })).status).toBe(403)
    const json = { type: 'application/json' }
    expect((await send(list, '{}', json)).status).toBe(400)
    expect(await load(list, '姓名\n张三')).toMatchObject({
      ...{ state: 'failed', failure: 'HEADERS_UNKNOWN', read: 0 },
    })
  })
})
