import { createReadStream } from 'node:fs'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { hour } from '../../src/base/clock.ts'
import { bucketOf, newId, newRandomId } from '../../src/base/id.ts'
import { listApplications } from '../../src/identity/applications.ts'
import { listMembers } from '../../src/identity/members.ts'
import { readOrganisationFile } from '../../src/identity/organisation-file.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { searchOrganisations } from '../../src/identity/organisation-search.ts'
import { outboxCounts } from '../../src/identity/outbox.ts'
import type { Store } from '../../src/store/store.ts'
import { foundedAt } from '../support/deployment.ts'
import { engines, freshStore } from '../support/engines.ts'

const file = new URL('../support/organisations.csv', import.meta.url)
const country = await readOrganisationFile(createReadStream(file))
const counties = country.filter(({ level }) => level === 'county').map(({ code }) => code)
const root = '000000/'
const province = '000000/640000/'
const grown = [
  ['640104000001', '640104', '兴庆区鑫源建材ABC有限公司工会委员会'],
  ['640104000002', '640104', '兴庆区100%_\\工会'],
  ['640104000003', '640104', '6401号工会'],
] as const

describe.each(engines)('what a desk reads of the whole country on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await freshStore(engine)
    const more = grown.map(([code, parentCode, nameZh], i) => {
      return { row: 9000 + i, code, parentCode, nameZh, level: 'grassroots' }
    })
    const rows = [...country, ...more]
    await store.transaction((tx) => importOrganisations(tx, rows, foundedAt))
  })
  afterAll(() => store.close())

  it('finds organisations by two characters, any case and the signs of patterns', async () => {
    const find = async (text: string, paths = [root], limit = 50) => {
      const found = await searchOrganisations(store.read, paths, { text, limit })
      return found.map(({ code }) => code)
    }
    for (const text of ['鑫源', '源建', '会委', 'abc有', 'ABC', 'c']) {
      expect(await find(text), text).toEqual(['640104000001'])
    }
    expect(await find('建材', ['000000/650000/'])).toEqual([])
    expect(await find('100%_\\')).toEqual(['640104000002'])
    expect(await find('_')).toEqual(['640104000002'])
    expect(await find('%')).toEqual(['640104000002'])
    const named = country.filter(({ nameZh }) => nameZh.includes('兴庆')).map(({ code }) => code)
    const own = ['640104000001', '640104000002']
    expect((await find('兴庆')).sort()).toEqual([...named, ...own].sort())
    expect(await find('工会', [root], 7)).toHaveLength(7)
  })

  it('finds codes before names, and what lies in two scopes once', async () => {
    const find = async (text: string, paths: string[], limit = 50) => {
      const found = await searchOrganisations(store.read, paths, { text, limit })
      return found.map(({ code }) => code)
    }
    const begun = country.map(({ code }) => code).filter((code) => code.startsWith('6401'))
    const codes = [...begun, ...grown.map(([code]) => code)].sort()
    const city = '000000/640000/640100/'
    expect(await find('6401', [city, root, `${city}640104/`, city])).toEqual(codes)
    expect(await find('6401', [root], 2)).toEqual(codes.slice(0, 2))
    const own = ['640104', ...grown.map(([code]) => code)].sort()
    expect(await find('6401', [`${city}640104/`])).toEqual(own)
    expect(await find('6401', ['000000/650000/', `${city}640105/`])).toEqual(['640105'])
    expect(await find('6401', [])).toEqual([])
  })

  it('lists the members of a standing in one order, be they few or many', async () => {
    const made = Array.from({ length: 10_080 }, (_, i) => ({
      ...{ id: newId(foundedAt), personId: newRandomId(), memberNo: `M${i}`, name: '王芳' },
      orgCode: counties[(i * 7) % counties.length] ?? '',
      standing: i < 40 ? ('suspended' as const) : ('retired' as const),
    }))
    await store.transaction(async (tx) => {
      const at = { createdAt: foundedAt, updatedAt: foundedAt }
      const persons = made.map(({ personId: id }) => ({ id, createdAt: foundedAt }))
      await tx.insertMany(tx.tables.persons, persons)
      const rows = made.map((one) => ({ ...one, bucket: bucketOf(one.personId), ...at }))
      await tx.insertMany(tx.tables.members, rows)
    })
    const { organisations: o } = store.read.tables
    const places = await store.read.select({ code: o.code, path: o.path }).from(o)
    const paths = new Map(places.map(({ code, path }) => [code, path]))
    const expected = (standing: string, within: string) =>
      made
        .filter((one) => one.standing === standing)
        .map(({ id, orgCode, memberNo }) => ({ key: `${paths.get(orgCode)}${id}`, memberNo }))
        .filter(({ key }) => key.startsWith(within))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ memberNo }) => memberNo)
    const listed = async (standing: 'suspended' | 'retired', within: string, limit: number) => {
      const found: string[] = []
      for (let after: string | undefined = ''; after !== undefined; ) {
        const asked = { standing, limit, ...(after && { after }) }
        const page = await listMembers(store.read, within, asked)
        found.push(...page.items.map(({ memberNo }) => memberNo))
        after = page.next
      }
      return found
    }
    for (const within of [root, province, '000000/440000/']) {
      expect(await listed('suspended', within, 7)).toEqual(expected('suspended', within))
    }
    expect(expected('retired', province).length).toBeGreaterThan(20)
    expect(await listed('retired', province, 9)).toEqual(expected('retired', province))
    expect(await listed('retired', root, 3000)).toEqual(expected('retired', root))
  })

  it('lists applications by age, from a wide scope as from a narrow one', async () => {
    const made = Array.from({ length: 300 }, (_, i) => ({
      ...{ id: newId(foundedAt + i), orgCode: counties[(i * 11) % counties.length] ?? '' },
      state: i % 3 === 0 ? ('waiting' as const) : ('approved' as const),
      ...{
        version: 1,
        idHash: new Uint8Array(32),
        sealed: new Uint8Array(0),
        createdAt: foundedAt,
      },
    }))
    await store.transaction((tx) => tx.insertMany(tx.tables.applications, made))
    const ids = async (within: string, state?: 'waiting', after = '') => {
      const rows = await listApplications(store.read, within, { state, after, limit: 999 })
      return rows.map(({ id }) => id)
    }
    const all = made.map(({ id }) => id)
    const inProvince = made.filter(({ orgCode }) => orgCode.startsWith('64'))
    expect(inProvince.length).toBeGreaterThan(1)
    expect(await ids(root)).toEqual(all)
    expect(await ids(root, 'waiting', all[90])).toEqual(all.slice(91).filter((_, i) => i % 3 === 2))
    expect(await ids(province)).toEqual(inProvince.map(({ id }) => id))
    expect(await ids('000000/640000/640100/640104/')).toEqual(
      made.filter(({ orgCode }) => orgCode === '640104').map(({ id }) => id),
    )
  })

  it('counts the latest messages of a part, and says since when', async () => {
    const member = { id: 'm-1', personId: newRandomId(), memberNo: 'told', name: '王芳' }
    const messages = Array.from({ length: 10_003 }, (_, i) => ({
      ...{ bucket: 1, id: newId(foundedAt), memberId: i % 2 ? 'm-1' : 'elsewhere' },
      ...{ kind: 'offered' as const, subject: `s${i}`, values: {}, attempts: 0 },
      ...{ at: foundedAt + (i < 5 ? 0 : hour), delivery: 'sent' as const },
    }))
    await store.transaction(async (tx) => {
      const at = { createdAt: foundedAt, updatedAt: foundedAt }
      await tx.insertMany(tx.tables.persons, [{ id: member.personId, createdAt: foundedAt }])
      const row = { ...member, bucket: 1, orgCode: '640104', standing: 'active' as const, ...at }
      await tx.insertMany(tx.tables.members, [row])
      await tx.insertMany(tx.tables.messages, messages)
    })
    const item = { kind: 'offered', delivery: 'sent' }
    const counts = (path: string, since = foundedAt) => outboxCounts(store.read, [path], since)
    expect(await counts(root)).toEqual({ since: foundedAt, items: [{ ...item, count: 10_003 }] })
    expect(await counts(province)).toEqual({
      since: foundedAt + 1,
      items: [{ ...item, count: 4_999 }],
    })
    expect((await counts(root, foundedAt + 2 * hour)).items).toEqual([])
    expect((await counts('000000/650000/')).items).toEqual([])
  })
})
