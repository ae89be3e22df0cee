import { describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { budgetOf, changeBudget, createProgramme } from '../../src/benefits/programmes.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { expectAudited } from '../support/audited.ts'
import { foundedAt, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

const actor = { principalId: 'test', personId: 'test', orgPaths: [''] }

describe.each(engines)('a budget on %s', (engine) => {
  it('may be raised and given back, and the audit agrees', async () => {
    const { store, node, logs, close } = await freshDeployment(engine)
    const now = foundedAt + day
    if (engine === 'sqlite') {
      store.beforeCommit(
        async (tx) => void (await integrate(tx, logs.keyOf, now, { shared: false })),
      )
    }
    const id = await store.transaction(async (tx) => {
      const root = { row: 1, code: '000000', parentCode: '', level: 'national', nameZh: '全国' }
      await importOrganisations(tx, [root], now)
      const given = {
        publicId: 'p',
        nameZh: '项目',
        nameEn: 'programme',
        orgCode: '000000',
        periodFrom: now,
        periodTo: now + day,
        timeZone: 'Asia/Shanghai',
      }
      const programme = await createProgramme(tx, given, actor, now)
      const change = { programmeId: programme.id, amount: 5000, expectedVersion: 1 }
      await changeBudget(tx, node, change, actor, now)
      await changeBudget(tx, node, { ...change, amount: -2000, expectedVersion: 2 }, actor, now)
      return programme.id
    })
    expect((await budgetOf(store.read, id)).available).toBe(3000)
    await expectAudited({ store, logs, close })
  })
})
