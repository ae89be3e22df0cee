import { asc } from 'drizzle-orm'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { maskedName } from '../../src/identity/masked-name.ts'
import { listMembers, type MemberKey, readMember } from '../../src/identity/members.ts'
import { changeStanding, transferMember } from '../../src/identity/membership.ts'
import { readOrganisationFile } from '../../src/identity/organisation-file.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { importRoster } from '../../src/jobs/roster-import.ts'
import { type Deployment, foundedAt, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'
import { inChunks, refusalOf } from '../support/roster.ts'

const bytesOf = (...lines: string[]) => inChunks(Buffer.from(lines.join('\n')))
const organisations = await readOrganisationFile(
  bytesOf(
    'code,parent_code,level,name_zh',
    '000000,,national,a',
    '640000,000000,provincial,b',
    '640100,640000,municipal,c',
    '640104,640100,county,d',
    '640105,640100,county,e',
    '650000,000000,provincial,f',
  ),
)
const roster = [
  'member_no,name,id_type,id_number,mobile,org_code,joined_on',
  'A0,张三,,990101199001010019,19900000001,640104,2024-03-05',
  'A1,李四,,990101199001010027,19900000002,640105,2024-03-05',
  'A2,欧阳五,,990101199001010035,19900000002,640104,2024-03-05',
  'A3,Ann Lee,passport,p 123456,,640100,2024-03-05',
  'A4,王六,passport,P654321,,650000,2024-03-05',
]
const root = '000000/'
const province = '000000/640000/'

describe('a masked name', () => {
  it.each([
    ['张三', '张**'],
    ['欧阳小明', '欧阳**'],
    ['司徒', '司徒**'],
    ['Ann Lee', 'A**'],
    ['', ''],
  ])('of %s is %s', (name, masked) => expect(maskedName(name)).toBe(masked))
})

describe.each(engines)('members on %s', (engine) => {
  let d: Deployment
  beforeEach(async () => {
    d = await freshDeployment(engine)
    await d.store.transaction((tx) => importOrganisations(tx, organisations, foundedAt))
    await importRoster(d.store, d.node, bytesOf(...roster), {
      scope: { code: '000000', path: root },
      createdBy: 'p',
      today: '2026-06-01',
      now: () => foundedAt,
    })
  })
  afterEach(() => d.close())

  const read = (key: MemberKey, within = root) => readMember(d.store.read, d.node, key, within)
  const act = async (memberNo: string, within = root) => ({
    memberId: (await read({ memberNo }))?.id ?? '',
    within,
    today: '2026-07-01',
    now: foundedAt + 1,
  })
  const stays = () => {
    const { memberships: s } = d.store.read.tables
    return d.store.read.select().from(s).orderBy(asc(s.memberId), asc(s.seq))
  }

  it('are found by number, identity and mobile, without showing any sealed number', async () => {
    const member = await read({ memberNo: 'A0' })
    expect(member).toMatchObject({ name: '张三', orgPath: '000000/640000/640100/640104/' })
    expect(member).toMatchObject({ hasMobile: true, standing: 'active' })
    expect(Object.keys(member ?? {}).filter((key) => /hash|sealed/i.test(key))).toEqual([])
    expect(await read({ id: member?.id ?? '' })).toEqual(member)
    expect(await read({ mobile: '19900000001' })).toEqual(member)
    expect(await read({ idType: 'resident_id', idNumber: '990101199001010019' })).toEqual(member)
    expect(await read({ idType: 'passport', idNumber: 'P123456' })).toMatchObject({
      memberNo: 'A3',
      hasMobile: false,
    })
    expect(await read({ idType: 'other', idNumber: 'P123456' })).toBeUndefined()
  })

  it('who share a mobile number are nobody by it', async () => {
    expect(await read({ mobile: '19900000002' })).toBeUndefined()
    expect(await read({ mobile: '19900000002' }, '000000/640000/640100/640105/')).toMatchObject({
      memberNo: 'A1',
    })
  })

  it('outside the scope are not there', async () => {
    expect(await read({ memberNo: 'A4' }, province)).toBeUndefined()
    const unknown = { ...(await act('A0')), memberId: 'x' }
    const nobody = d.store.transaction((tx) => changeStanding(tx, 'suspend', unknown))
    expect(await refusalOf(nobody)).toEqual({ code: 'NOT_FOUND' })
    const other = { ...(await act('A4')), within: province }
    const suspend = d.store.transaction((tx) => changeStanding(tx, 'suspend', other))
    expect(await refusalOf(suspend)).toEqual({ code: 'NOT_FOUND' })
  })

  it('are listed by subtree and page, each once', async () => {
    const found: string[] = []
    let after: string | undefined
    do {
      const page = await listMembers(d.store.read, province, { limit: 1, ...(after && { after }) })
      found.push(...page.items.map(({ memberNo }) => memberNo))
      after = page.next
    } while (after !== undefined)
    expect(found).toEqual(['A3', 'A0', 'A2', 'A1'])
    const { items } = await listMembers(d.store.read, root, { standing: 'suspended' })
    expect(items).toEqual([])
    expect(await refusalOf(listMembers(d.store.read, root, { after: 'x' }))).toMatchObject({
      code: 'VALIDATION_FAILED',
    })
  })

  it('are suspended, resumed, retired, and leave; nothing else in between', async () => {
    const a0 = await act('A0')
    const change = (what: 'suspend' | 'resume' | 'retire' | 'leave') =>
      refusalOf(d.store.transaction((tx) => changeStanding(tx, what, a0)))
    const done = { code: 'none' }
    const no = (standing: string) => ({ code: 'VERSION_CONFLICT', standing })
    expect(await change('resume')).toEqual(no('active'))
    expect(await change('suspend')).toEqual(done)
    expect(await change('suspend')).toEqual(no('suspended'))
    expect(await change('resume')).toEqual(done)
    expect(await change('retire')).toEqual(done)
    expect(await change('suspend')).toEqual(no('retired'))
    expect(await change('leave')).toEqual(done)
    expect(await change('leave')).toEqual(no('left'))
    expect(await read({ memberNo: 'A0' })).toMatchObject({ standing: 'left' })
    const mine = (await stays()).filter(({ memberId }) => memberId === a0.memberId)
    expect(mine).toMatchObject([{ seq: 1, until: '2026-07-01' }])
  })

  it('are suspended once by two at the same time', async () => {
    const a0 = await act('A0')
    const twice = [1, 2].map(() =>
      refusalOf(d.store.transaction((tx) => changeStanding(tx, 'suspend', a0))),
    )
    const codes = (await Promise.all(twice)).map(({ code }) => code)
    expect(codes.sort()).toEqual(['VERSION_CONFLICT', 'none'])
  })

  it('are transferred within the scope, with their history', async () => {
    const a0 = await act('A0', province)
    const transfer = (org: string, by = a0) =>
      refusalOf(d.store.transaction((tx) => transferMember(tx, org, by)))
    expect(await transfer('640104')).toEqual({ code: 'ALREADY_EXISTS' })
    expect(await transfer('650000')).toEqual({ code: 'OUT_OF_SCOPE' })
    expect(await transfer('999999')).toEqual({ code: 'NOT_FOUND' })
    expect(await transfer('640105')).toEqual({ code: 'none' })
    const memberId = a0.memberId
    expect((await stays()).filter((stay) => stay.memberId === memberId)).toEqual([
      { memberId, seq: 1, orgCode: '640104', from: '2024-03-05', until: '2026-07-01' },
      { memberId, seq: 2, orgCode: '640105', from: '2026-07-01', until: null },
    ])
    await d.store.transaction((tx) => changeStanding(tx, 'leave', a0))
    expect(await transfer('640104')).toEqual({ code: 'VERSION_CONFLICT', standing: 'left' })
  })
})
