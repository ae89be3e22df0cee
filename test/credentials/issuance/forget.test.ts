import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { day } from '../../../src/base/clock.ts'
import { forgetOffers } from '../../../src/credentials/issuance/forget.ts'
import { engines } from '../../support/engines.ts'
import { offer, openUnion, signedIn, type Union } from '../../support/wallet-agent.ts'

describe.each(engines)('old offers on %s', (engine) => {
  let union: Union
  beforeAll(async () => {
    union = await openUnion(engine)
  })
  afterAll(() => union.server.close())

  it('are forgotten 30 days after their end; what a credential came of is kept', async () => {
    const { server, staff, people } = union
    const [first = '', second = '', third = '', fourth = ''] = people
    await offer(staff, first)
    const waiting = await signedIn(union, second, true)
    await waiting.credentials(waiting.token)
    await signedIn(union, third)
    const holder = await signedIn(union, fourth)
    await holder.credentials(holder.token)
    const counts = async (days: number) => {
      await server.store.transaction((tx) => forgetOffers(tx, server.now + days * day))
      const { read } = server.store
      const { credentialOffers, walletGrants, deferredIssuances, issuances } = read.tables
      const tables = [credentialOffers, walletGrants, deferredIssuances, issuances]
      return Promise.all(tables.map((table) => read.$count(table)))
    }
    expect(await counts(32)).toEqual([4, 3, 1, 1])
    expect(await counts(34)).toEqual([3, 3, 1, 1])
    expect(await counts(394)).toEqual([3, 3, 1, 1])
    expect(await counts(396)).toEqual([1, 1, 0, 1])
  })
})
