import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { setAcceptance } from '../../src/merchants/acceptance.ts'
import { requireMatchable } from '../../src/merchants/acceptance-values.ts'
import type { acceptanceTargets } from '../../src/store/schema/merchants.ts'
import type { Store } from '../../src/store/store.ts'
import { engines, freshStore } from '../support/engines.ts'

type Rules = readonly (readonly [target: (typeof acceptanceTargets)[number], value: string])[]

describe.each(engines)('where a benefit is taken, on %s', (engine) => {
  let store: Store
  beforeAll(async () => {
    store = await freshStore(engine)
    await store.transaction(async (tx) => {
      const { merchants, stores } = tx.tables
      const span = { contractFrom: 0, contractTo: 1, createdAt: 0 }
      const merchant = {
        id: 'noodles',
        bucket: 7,
        name: '面馆',
        orgCode: '640000',
        state: 'active' as const,
      }
      await tx.insert(merchants).values({ ...merchant, ...span })
      const place = { name: '一店', category: 'food', region: 640_104, state: 'active' as const }
      const key = { id: 'first', merchantId: 'noodles', createdAt: 0 }
      await tx.insert(stores).values({ ...place, ...key })
    })
  })
  afterAll(() => store.close())

  const faults = (rules: Rules) => {
    const given = rules.map(([target, value]) => ({ target, value }))
    return requireMatchable(store.read, 'gift', given, [62, 63]).then(
      () => [],
      ({ code, detail }) => [code, ...detail.issues],
    )
  }

  it('is said by what there is', async () => {
    const good: Rules = [
      ...([
        ['all', ''],
        ['merchant', 'noodles'],
        ['store', 'first'],
      ] as const),
      ...([
        ['category', 'food'],
        ['category', 'clinic'],
        ['node', '63'],
        ['node', '*'],
      ] as const),
      ...([
        ['region', '6'],
        ['region', '64'],
        ['region', '640104'],
        ['region', '82'],
      ] as const),
    ]
    expect(await faults(good)).toEqual([])
    expect(await faults([])).toEqual([])
  })

  it('is refused by what can match no store, each with its place', async () => {
    const bad: Rules = [
      ...([
        ['all', ''],
        ['all', 'x'],
        ['merchant', 'first'],
        ['merchant', 'node:62'],
      ] as const),
      ...([
        ['store', 'noodles'],
        ['category', ''],
        ['category', 'Food'],
      ] as const),
      ...([
        ['region', ''],
        ['region', '99'],
        ['region', '06'],
        ['region', '6401040'],
      ] as const),
      ...([
        ['node', 'abc'],
        ['node', '64'],
        ['node', '062'],
        ['node', ''],
      ] as const),
    ]
    const region = 'not the beginning of a GB/T 2260 code'
    expect(await faults(bad)).toEqual([
      ...['VALIDATION_FAILED', 'rules.1.value: all takes none'],
      ...['rules.2.value: no such merchant', 'rules.3.value: no such merchant'],
      ...['rules.4.value: no such store'],
      ...['rules.5.value: not a category', 'rules.6.value: not a category'],
      ...[7, 8, 9, 10].map((i) => `rules.${i}.value: ${region}`),
      ...[11, 12, 13, 14].map((i) => `rules.${i}.value: neither a node on the trust list nor *`),
    ])
  })

  it('may go on as it is said already', async () => {
    const withdrawn = { target: 'node', value: '61' } as const
    expect(await faults([['node', '61']])).toHaveLength(2)
    await store.transaction((tx) => setAcceptance(tx, 'gift', [withdrawn]))
    expect(await faults([['node', '61']])).toEqual([])
    expect(
      await faults([
        ['node', '60'],
        ['node', '61'],
      ]),
    ).toHaveLength(2)
  })
})
