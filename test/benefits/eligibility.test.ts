import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Names } from '../../src/benefits/criteria/words.ts'
import {
  effectiveCriteria,
  explainAll,
  explainFor,
  personFactsOf,
  requireEligible,
} from '../../src/benefits/eligibility.ts'
import { type BenefitVersion, benefitVersion } from '../../src/benefits/versions.ts'
import { engines } from '../support/engines.ts'
import { addMember, freshWorld, funded, now, published, type World } from './support.ts'

const named = (text: string) => ({ zh: text, en: text })
const names: Names = { organisation: named, benefit: named, category: named, region: named }

describe.each(engines)('eligibility on %s', (engine) => {
  let world: World
  let coupon: BenefitVersion
  let checkup: BenefitVersion
  beforeAll(async () => {
    world = await freshWorld(engine)
    const { id } = await funded(world, 0)
    const read = async (benefitId: string) =>
      (await benefitVersion(world.store.read, benefitId, 1))!
    coupon = await read(await published(world, id))
    const details = { kind: 'checkup', min_age: 40, max_age: 59, gender: 'female', items: [] }
    checkup = await read(await published(world, id, { details }))
    await world.store.transaction(async (tx) => {
      await addMember(tx, 'good')
      await addMember(tx, 'suspended', { standing: 'suspended' })
      await addMember(tx, 'other', { occupation: 'sanitation' })
      await addMember(tx, 'blank', { occupation: null })
      await addMember(tx, 'young', { birthDate: '1985-06-02' })
      await addMember(tx, 'old', { birthDate: '1965-06-01' })
      await addMember(tx, 'almost', { birthDate: '1965-06-02' })
      await addMember(tx, 'man', { gender: 'male' })
      await addMember(tx, 'ageless', { birthDate: null })
    })
  })
  afterAll(() => world.store.close())

  const ask = (memberId: string, benefit: BenefitVersion) =>
    world.store.transaction((tx) => requireEligible(tx, memberId, benefit, now))

  it('lets in whom the rule names', async () => {
    await ask('good', coupon)
    await ask('good', checkup)
    await ask('almost', checkup)
  })

  it('refuses who is not, not yet, or not any more', async () => {
    const ineligible = { code: 'NOT_ELIGIBLE', detail: { entitlement: 'ineligible' } }
    await expect(ask('other', coupon)).rejects.toMatchObject(ineligible)
    await expect(ask('suspended', coupon)).rejects.toMatchObject(ineligible)
    await expect(ask('man', checkup)).rejects.toMatchObject(ineligible)
    await expect(ask('old', checkup)).rejects.toMatchObject(ineligible)
    await expect(ask('young', checkup)).rejects.toMatchObject({
      code: 'NOT_ELIGIBLE',
      detail: { entitlement: 'not_yet', eligible_from: '2025-06-02' },
    })
  })

  it('says which facts are missing', async () => {
    const missing = (fact: string) => ({ code: 'FACT_UNKNOWN', detail: { missing: [fact] } })
    await expect(ask('blank', coupon)).rejects.toMatchObject(missing('occupation'))
    await expect(ask('ageless', checkup)).rejects.toMatchObject(missing('birth_date'))
  })

  it('knows nobody it was not told of', async () => {
    const no = { code: 'NOT_FOUND' }
    await expect(ask('none', coupon)).rejects.toMatchObject(no)
    const { read } = world.store
    await expect(explainFor(read, 'none', coupon, now, names)).rejects.toMatchObject(no)
    const rule = effectiveCriteria(coupon.definition)
    await expect(personFactsOf(read, 'none', rule, 'UTC')).rejects.toMatchObject(no)
  })

  it('explains one benefit, and many from one reading', async () => {
    const { read } = world.store
    const one = await explainFor(read, 'young', checkup, now, names)
    expect(one).toMatchObject({ status: 'not_yet', eligibleFrom: '2025-06-02' })
    const all = await explainAll(read, 'young', [coupon, checkup], now, names)
    expect(all.map(({ status }) => status)).toEqual(['eligible', 'not_yet'])
    expect(all[1]).toEqual(one)
  })

  it('reads the facts of one member', async () => {
    const rule = { list: 'none' }
    const facts = await personFactsOf(world.store.read, 'good', rule, 'Asia/Shanghai')
    expect(facts).toMatchObject({
      facts: { occupation: 'courier', standing: 'active', has_mobile: false, hardship: undefined },
      orgPath: '000000/640000/640100/',
      region: 640_100,
    })
    expect(facts.lists.size).toBe(0)
  })
})
